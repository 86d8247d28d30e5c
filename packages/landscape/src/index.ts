export { type Configuration, locate } from './cells/configuration.ts'
export { type ExactEvaluation, evaluateExactly } from './cells/exact-evaluation.ts'
export { canonicalText, digest, type Json } from './certification/canonical.ts'
export {
  type Certificate,
  certificateOf,
  certificateText,
  type ValuedPoint,
  valueCertificate
} from './certification/certificate.ts'
export { deepCertificate } from './certification/deep-certificate.ts'
export { problemDocument } from './certification/problem-document.ts'
export { type CertifyOptions, certify } from './certify.ts'
export { theorems } from './constructions/registry.ts'
export type { ConstructedPoint, Construction, ConstructionRequest, Theorem } from './constructions/theorem.ts'
export * from './continuous-risk/index.ts'
export * from './curvature/index.ts'
export { type Dataset, dataset } from './data/dataset.ts'
export type { Table } from './data/table.ts'
export { settle } from './descent/settle.ts'
export type { Settled } from './descent/settled.ts'
export * from './global/index.ts'
export { type Better, type Improvement, type ImproveOptions, improve } from './improve.ts'
export { type BetterPoint, findBetter } from './improvement/better-point.ts'
export { diagnoseUnits, type UnitDiagnosis } from './improvement/free-units.ts'
export { asKinkNetwork, type Kink, type KinkNetwork } from './kinks/kink-network.ts'
export { kinkObjective } from './kinks/kink-objective.ts'
export { nearbyCertificate } from './kinks/kinks-certificate.ts'
export { type MinimumOnKinks, minimumOnKinks } from './kinks/minimum-on-kinks.ts'
export type { MinimumNearby, NoProof } from './kinks/prove-on-kinks.ts'
export type { KinkDescent, KinkDescentOptions } from './kinks/settle-on-kinks.ts'
export { asSharedNetwork } from './kinks/shared-network.ts'
export { approximateLoss } from './loss/approximate-loss.ts'
export { isRationalLoss, type LossKind, type Reduction } from './loss/loss.ts'
export * from './network/activation.ts'
export { evaluate } from './network/evaluate.ts'
export * from './network/network.ts'
export { decide } from './optimality/decide.ts'
export type { Decision } from './optimality/decision.ts'
export { type DeepDecision, decideDeep } from './optimality/deep-decision.ts'
export { decideFirstOrder } from './optimality/first-order.ts'
export { sameInputBound } from './optimality/global-bound.ts'
export { type LastLayerEvidence, lastLayer } from './optimality/last-layer.ts'
export { type ActivationCell, activationCells } from './pieces/activation-cells.ts'
export { type InputPlane, type LinearRegion, linearRegions } from './pieces/linear-regions.ts'
export { type LayerVerdict, type PieceMultipliers, partialMinimum } from './pieces/partial-minimum.ts'
export { type Piece, pieceAt, type WallPlace } from './pieces/piece.ts'
export * from './point.ts'
export { empiricalRisk, type Problem } from './problem.ts'
export { randomStream } from './random.ts'
export { adam } from './training/adam.ts'
export { type ConvergenceReport, convergenceReport, type Guarantee } from './training/guarantees.ts'
export { initialise } from './training/initialise.ts'
export { lbfgs } from './training/lbfgs.ts'
export { defaultSettings, trainerOf } from './training/methods.ts'
export { type Objective, objective } from './training/objective.ts'
export { stateFromText, stateText } from './training/state-text.ts'
export { type StepSizes, stepSizes } from './training/step-sizes.ts'
export {
  type MethodName,
  methodNames,
  type Trainer,
  type TrainingSettings,
  type TrainingState,
  type TrainingTask,
  trainingPoints
} from './training/trainer.ts'
export { asOneHiddenLayer, type Obstacle, type OneHiddenLayer } from './traits.ts'
export type { ClaimKind, GivenVerdict, SettledVerdict, Standing, Verdict } from './verdict.ts'
