import type { Inertia } from '@nadir/arithmetic'
import type { Point } from '../point.ts'
import type { Problem } from '../problem.ts'
import type { ExactNullSpace, NegativeCurvature } from './exact-null-space.ts'
import type { IllPosedness } from './ill-posedness.ts'
import type { KinkReport } from './kinks.ts'
import type { BoundedEigenvalue, KrylovState } from './lanczos.ts'
import type { LayeredNetwork } from './layered.ts'
import type { Cause, UnitPlace } from './null-candidates.ts'
import type { Attribution } from './null-space-attribution.ts'
import type { CurvatureKind, OperatorOptions } from './operator.ts'
import type { CurveOptions, DensityCurve, QuadratureRule } from './spectral-density.ts'
import type { Statement } from './statements.ts'
import type { Trace } from './trace.ts'

export type SpectrumStage =
  | 'kinks'
  | 'matrix'
  | 'null space'
  | 'exact'
  | 'report'
  | 'extremes'
  | 'trace'
  | 'density'
  | 'layers'

export interface SpectrumOptions {
  readonly curvature?: CurvatureKind
  /** How many eigenvalues from either end; default 10. */
  readonly largest?: number
  readonly smallest?: number
  /** Up to this many parameters the matrix is formed and decomposed; default 1500. */
  readonly denseLimit?: number
  /** Up to this many parameters exact arithmetic is tried; default 250. */
  readonly exactLimit?: number
  /** Lanczos steps and probes of the density; default 100 and 4. */
  readonly steps?: number
  readonly probes?: number
  readonly seed?: number
  /** Eigenvalues up to this share of the largest count as zero; without it rounding and the gradient decide. */
  readonly tolerance?: number
  /** The distance within which samples are counted as near a kink; default 1e-5. */
  readonly reach?: number
  readonly curve?: CurveOptions
  readonly operator?: OperatorOptions
  /** For large networks: the extreme eigenvalues of each layer too. Small ones have them anyway. */
  readonly perLayer?: boolean
  /** What an earlier run at the same point with the same options left when it was stopped; the answer is that of one run. */
  readonly resume?: UnfinishedSpectrum | undefined
  readonly stop?: () => boolean
  readonly progress?: (stage: SpectrumStage, done: number, total: number) => void
}

export interface Nullity {
  /** Eigenvalues up to the tolerance; for large networks a lower bound from directions that are null by their form. */
  readonly value: number
  /** The Hessian at exactly this point is proved to have this nullity. */
  readonly proved: boolean
  readonly kind: 'counted' | 'at-least'
  /** What is proved of the Hessian at exactly this point, where it differs from what rounding can tell. */
  readonly exact: number | undefined
  /** The absolute limit, the largest magnitude below and the smallest above it. */
  readonly limit: number
  readonly gap: readonly [number, number]
}

/** What stopped work leaves for later. */
export interface UnfinishedSpectrum {
  readonly extremes:
    | { readonly largest: readonly BoundedEigenvalue[]; readonly smallest: readonly BoundedEigenvalue[] }
    | undefined
  readonly trace: Trace | undefined
  readonly rules: readonly QuadratureRule[]
  /** The run of Lanczos' method that was not finished: of the extremes where they are missing, else of the next rule. */
  readonly run: KrylovState | undefined
}

/** The Hessian at exactly these doubles has at least so many positive and negative eigenvalues, proved by enclosures. */
export interface EnclosedSigns {
  readonly kind: 'enclosed'
  readonly positive: number
  readonly negative: number
}

/** The curvature of one layer, the others held fixed. */
export interface LayerSpectrum {
  readonly layer: number
  readonly parameters: number
  readonly largest: number
  readonly smallest: number
  /** undefined where only an estimate of the whole trace is known. */
  readonly trace: number | undefined
}

/** The curvature at a point: figures with errors, the null space by causes, and what is proved. */
export interface Spectrum {
  readonly kind: 'spectrum'
  readonly curvature: CurvatureKind
  readonly method: 'all-eigenvalues' | 'lanczos'
  readonly parameters: number
  readonly samples: number
  readonly loss: number
  readonly gradientNorm: number
  readonly largest: readonly BoundedEigenvalue[]
  readonly smallest: readonly BoundedEigenvalue[]
  /** All of them, ascending, for small networks. */
  readonly eigenvalues: Float64Array | undefined
  readonly trace: Trace | undefined
  readonly density: DensityCurve | undefined
  /** One for each probe, for large networks. */
  readonly rules: readonly QuadratureRule[]
  /** To be given back as `resume`; undefined when nothing is left to do. */
  readonly rest: UnfinishedSpectrum | undefined
  readonly layers: readonly LayerSpectrum[]
  readonly kinks: KinkReport
  readonly nullity: Nullity
  readonly inertia: (Inertia & { readonly proved: boolean }) | undefined
  readonly causes: Attribution
  readonly causeUnits: readonly { readonly cause: Cause; readonly units: readonly UnitPlace[] }[]
  readonly negativeCurvature: NegativeCurvature | undefined
  /** What exact arithmetic says, or why it was not asked. */
  readonly exact: ExactNullSpace | EnclosedSigns | { readonly kind: string; readonly reason: string }
  readonly statements: readonly Statement[]
  readonly illPosedness: IllPosedness | undefined
  /** Stages that were not finished because work was stopped. */
  readonly unfinished: readonly SpectrumStage[]
}

/** What the parts of the report are made from. */
export interface Setting {
  readonly problem: Problem
  readonly network: LayeredNetwork
  readonly point: Point
  readonly theta: Float64Array
  readonly options: SpectrumOptions
  readonly unfinished: SpectrumStage[]
}

/** What the size of the network decides how to find. */
export type SpectrumPart = Omit<
  Spectrum,
  'kind' | 'curvature' | 'parameters' | 'samples' | 'loss' | 'gradientNorm' | 'kinks' | 'unfinished'
>

/** Whether to go on with a stage; notes it as unfinished when not. */
export function proceeds({ options, unfinished }: Setting, stage: SpectrumStage): boolean {
  if (options.stop?.()) {
    unfinished.push(stage)
    return false
  }
  options.progress?.(stage, 0, 1)
  return true
}
