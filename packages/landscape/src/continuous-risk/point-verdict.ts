import { type Polynomial, toText } from '@nadir/arithmetic'
import { judgeAffineTarget } from './affine-target.ts'
import { type Digits, fieldTooLarge, type Undecided } from './critical-list.ts'
import { type HingeNetwork, type RiskAndGradient, withRiskAndGradient } from './network-risk.ts'
import { interval } from './piecewise-polynomial.ts'
import { isZero } from './piecewise-roots.ts'
import { compareQuotients, constantQuotient, quotientDigits, rationalQuotient } from './quotient.ts'
import type { ContinuousRisk } from './risk.ts'
import { type RiskPieces, withPieces } from './risk-pieces.ts'
import { enumerateWidthOne } from './width-one.ts'
import { classifyCriticalUnit, type PointCase, strictlyDead } from './width-one-points.ts'

/** A number: its digits, and as a fraction p/q where it is rational. */
export interface NumberRecord {
  readonly digits: Digits
  readonly exact?: string
}
