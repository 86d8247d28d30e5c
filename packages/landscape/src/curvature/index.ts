export { type ActivationRow, activationRow, contains, type Prediction, type ZeroSet } from './activation-table.ts'
export { criticalSubspaces, zeroLossSubspaces } from './critical-subspaces.ts'
export { denseCurvature } from './dense-curvature.ts'
export { type ExactCell, exactCell, type KinkPair } from './exact-cell.ts'
export { type ExactCurvature, exactHessian, type NoExactCurvature } from './exact-hessian.ts'
export type { ExactNullSpace, NegativeCurvature } from './exact-null-space.ts'
export type { Advice, IllPosedness } from './ill-posedness.ts'
export type { KinkReport } from './kinks.ts'
export {
  type BoundedEigenvalue,
  type ExtremalEigenvalues,
  extremalEigenvalues,
  type KrylovState,
  lanczos,
  ritzValues,
  type Tridiagonal,
  type Watch
} from './lanczos.ts'
export { asLayered, type DenseLayer, type LayeredNetwork } from './layered.ts'
export { lossAndGradient } from './linearization.ts'
export { type Cause, causes, type UnitPlace } from './null-candidates.ts'
export type { Attribution } from './null-space-attribution.ts'
export {
  type CurvatureKind,
  curvatureOperator,
  denseOperator,
  type OperatorOptions,
  principalBlock,
  type SymmetricOperator
} from './operator.ts'
export { type ParameterPlace, parameterPlaces } from './parameter-name.ts'
export { type Pruned, prune, type Removal } from './prune.ts'
export {
  type DensityCurve,
  densityCurve,
  exactDensityCurve,
  type QuadratureRule,
  spectralRules,
  type UnfinishedRules
} from './spectral-density.ts'
export { spectrum } from './spectrum.ts'
export type {
  LayerSpectrum,
  Spectrum,
  SpectrumOptions,
  SpectrumStage,
  UnfinishedSpectrum
} from './spectrum-report.ts'
export { type Split, splitUnit } from './splitting.ts'
export { type Statement, secondDerivativeSign } from './statements.ts'
export { hutchinsonTrace, structuredTrace, type Trace, xtrace } from './trace.ts'
export { verifiedSigns } from './verified-signs.ts'
