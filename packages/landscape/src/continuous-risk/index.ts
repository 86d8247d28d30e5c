export {
  type AffineRealization,
  type AffineTarget,
  affineRealizations,
  affineTargetOf,
  type NetworkDirection
} from './affine-target.ts'
export { criticalCertificate } from './critical-certificate.ts'
export {
  type CriticalList,
  criticalList,
  type Digits,
  type RealizationRecord
} from './critical-list.ts'
export {
  type DeadUnitLevel,
  type DeadUnitStatistics,
  deadUnitStatistics,
  type Initialisation,
  randomParameters
} from './dead-units.ts'
export { type DegenerateParameters, type DegenerateTable, degenerateParameters } from './degenerate-parameters.ts'
export type { Invalid } from './expression.ts'
export { familyCertificate } from './family-certificate.ts'
export { type FlatParameters, type FloatRisk, floatRisk, outputOf, type UnitState, widthOf } from './float-risk.ts'
export { type Heading, headings, networkOf } from './heading.ts'
export {
  type FamilyMember,
  type FamilyTarget,
  familyParameters,
  familyTargetAt,
  type HingeNetworkRecord,
  hingeNetworkRecord,
  type InfiniteFamily,
  infiniteFamily,
  infiniteFamilyRecord
} from './infinite-family.ts'
export type { HingeNetwork, HingeUnit } from './network-risk.ts'
export type { PiecewisePolynomial } from './piecewise-polynomial.ts'
export { affineCertificate, pointCertificate } from './point-certificate.ts'
export { judgeParameters, type NumberRecord, type PointVerdict } from './point-verdict.ts'
export { type ContinuousRisk, continuousRisk, riskFromExpression, riskFromJson, riskFromKnots } from './risk.ts'
export { type CurvePoint, riskCurve } from './risk-curve.ts'
export { familyDocument, riskDocument } from './risk-document.ts'
export {
  type DescentOptions,
  type FlowOptions,
  gradientDescent,
  gradientFlow,
  type KinkEvent,
  type Trajectory,
  type TrajectoryPoint
} from './trajectory.ts'
export type { RealizationForm, RealizationType } from './width-one.ts'
