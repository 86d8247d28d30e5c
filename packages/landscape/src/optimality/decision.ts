import type { Direction } from './direction.ts'
import type { FirstOrderEvidence } from './slope-evidence.ts'

/** What kind of point it is, decided by exact arithmetic, with the evidence that proves it. */
export type Decision =
  | { readonly kind: 'global-minimum'; readonly rule: 'zero-loss' | 'same-input-bound'; readonly reason: string }
  | { readonly kind: 'local-minimum'; readonly evidence: FirstOrderEvidence; readonly reason: string }
  | {
      readonly kind: 'saddle'
      readonly stationarity: FirstOrderEvidence
      readonly descent: Direction
      readonly ascent: Direction
      readonly reason: string
    }
  | { readonly kind: 'not-stationary' | 'not-a-local-minimum'; readonly direction: Direction; readonly reason: string }
  | { readonly kind: 'undecided'; readonly reason: string; readonly tryNext: string }
