import { compare, multiply, type Rational, rational, subtract } from '@nadir/arithmetic'
import type { ValuedPoint } from '../certification/certificate.ts'
import type { Dataset } from '../data/dataset.ts'
import { exactLoss } from '../loss/exact-loss.ts'
import { empiricalRisk, type Problem } from '../problem.ts'
import { type AffineMap, combineMaps } from './affine-map.ts'
import { bestAffineFit } from './best-affine-fit.ts'
import { type Carrier, carriedPoint, carrierOf, denseNetwork, type Shallow } from './carried-network.ts'
import { affineShallow, findHinge, hingedShallow, mapRows, residualsCancel } from './one-hinge.ts'
import { valued } from './prove-point.ts'
import { type ConstructionRequest, lacksTwoSlopes, needsTwoSlopes, type Refusal, refuse } from './theorem.ts'

/** The data, the problem and the best affine fit that a theorem about best affine fits starts from. */
export interface AffineStart {
  readonly kind: 'start'
  readonly data: Dataset
  readonly problem: Problem
  readonly carrier: Carrier
  readonly maps: readonly AffineMap[]
  readonly residuals: ReturnType<typeof exactLoss>['residuals']
  readonly loss: Rational
}

export const notAffine = 'no affine map fits the data'
export const notBestFunction = 'the best affine map is not a best function of the inputs'

/** The hypotheses that all theorems about best affine fits share, checked on the data. Exact. */
export function affineStart(request: ConstructionRequest): AffineStart | Refusal {
  const { data, hidden, activation, loss, reduction } = request
  if (!data) return refuse('data are given', 'no data')
  const linear = lacksTwoSlopes(activation)
  if (linear) return refuse(needsTwoSlopes, linear)
  if (loss !== 'squared' && loss !== 'absolute' && loss !== 'hinge')
    return refuse('the best affine map is rational', `the ${loss} loss leaves the rational numbers`)
  if (loss !== 'squared' && data.targetCount > 1)
    return refuse(`the ${loss} loss has one output`, `${data.targetCount} target columns`)
  const problem = empiricalRisk({
    network: denseNetwork(data.inputCount, hidden, data.targetCount, activation),
    data,
    loss,
    reduction
  })
  const maps = bestAffineFit(data, loss)
  const outputs = mapRows(maps, data)
  const { residuals, loss: value } = exactLoss(problem, outputs)
  if (value.numerator === 0n) return refuse(notAffine, 'an affine map fits every sample exactly: loss 0')
  if (loss === 'squared' && residualsCancel(data, residuals))
    return refuse(notBestFunction, 'the residuals add up to 0 over every group of samples with equal inputs')
  return { kind: 'start', data, problem, carrier: carrierOf(activation), maps, residuals, loss: value }
}

/** The point that computes the best affine fit, every carrying unit shifted `shift` further than needed: another minimum for every shift. Spare units have the argument `spare`. Exact. */
export function affinePoint(
  start: AffineStart,
  request: ConstructionRequest,
  shift: Rational,
  spare: Rational = rational(-1n)
) {
  const { data, carrier, maps } = start
  const shallow = affineShallow(maps, data, carrier)
  return carriedPoint(shifted(shallow, carrier, shift), { ...request, spare }, carrier, data)
}

/** The same functions with all carrying units moved away from their kinks. */
export function shifted(shallow: Shallow, { slope, side }: Carrier, by: Rational): Shallow {
  const move = multiply(rational(BigInt(side)), by)
  return {
    units: shallow.units.map((map) => combineMaps([[rational(1n), map]], move)),
    weights: shallow.weights,
    constants: shallow.constants.map((c, o) =>
      shallow.weights[o]!.reduce((sum, w) => subtract(sum, multiply(multiply(w, slope), move)), c)
    )
  }
}

/**
 * A strictly better point of the same network: the best affine fit and one hinge, in one more unit of the first layer. Squared loss: the best
 * coefficient; else the first of 1, 1/2, 1/4, ... of it that lowers the loss. Undefined when no hinge was found. Exact.
 */
export function hingedPoint(start: AffineStart, request: ConstructionRequest): ValuedPoint | undefined {
  const { data, problem, carrier, maps, residuals, loss } = start
  const hinge = findHinge(data, residuals, request.random)
  if (!hinge) return undefined
  for (let k = 0; k < 60; k++) {
    const coefficient = multiply(hinge.coefficient, rational(1n, 1n << BigInt(k)))
    const shallow = hingedShallow(maps, { ...hinge, coefficient }, data, carrier)
    const better = valued(problem, carriedPoint(shallow, { ...request, spare: rational(-1n) }, carrier, data))
    if (compare(better.loss, loss) < 0) return better
  }
  return undefined
}
