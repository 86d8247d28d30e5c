import type { Configuration } from '../cells/configuration.ts'
import type { Decision } from '../optimality/decision.ts'

/** An exact point that a trained point leads to downhill, and what exact arithmetic decided about it. */
export interface Settled {
  readonly configuration: Configuration
  readonly decision: Decision
  readonly hops: number
  readonly iterations: number
  readonly restarts: number
  /** Size of the exact linear system. */
  readonly unknowns: number
  /** Coordinates left where they were because the system does not determine them. */
  readonly fixed: number
  readonly milliseconds: { readonly descent: number; readonly exact: number }
}

export interface SettleOptions {
  readonly random: () => number
  readonly crossKinks?: boolean
  readonly stop?: () => boolean
  readonly onProgress?: (loss: number, hops: number) => void
  /** A clock in milliseconds, for the report only. */
  readonly now?: () => number
}
