import { add, divide, multiply, negate, one, type Rational, rational, sign, zero } from '@nadir/arithmetic'
import { combineMaps, constantMap, extremes, valuesAt } from './affine-map.ts'
import {
  type AffineStart,
  affinePoint,
  affineStart,
  hingedPoint,
  notAffine,
  notBestFunction
} from './affine-minimum.ts'
import { carriedPoint, type Shallow } from './carried-network.ts'
import { provePoint, valued } from './prove-point.ts'
import { type ConstructionRequest, needsTwoSlopes, refuse, type Theorem } from './theorem.ts'
import { twoUnitStep } from './two-unit-step.ts'

const squaredOnly = 'the loss is the squared loss'
const widths =
  'every hidden layer has at least two units (several outputs m: m + 1 in the first layer, m in the others)'

/**
 * Spurious minima with the risk of the best affine fit for any data that no affine map fits, any two slopes, any depth; and a strictly better
 * point, in closed form where the outputs are one and the slopes do not add up to 0.
 */
export const yun2019Relu: Theorem = {
  id: 'yun2019-relu',
  title: 'Small nonlinearities in activation functions create bad local minima: piecewise linear case',
  source:
    'Yun, Sra, Jadbabaie, Small nonlinearities in activation functions create bad local minima, ICLR 2019 (arXiv 1802.03487), Theorem 1',
  hypotheses: [notAffine, notBestFunction, needsTwoSlopes, widths, squaredOnly],
  conclusion: 'infinitely many local minima with the loss of the best affine fit, none of them global',
  example: 'nadir construct yun2019-relu diabetes.csv --target progression --hidden 16 --count 3 --out out',
  data: 'yours',
  numbers: {},
  build: (request) => {
    const { hidden } = request
    if (request.loss !== 'squared') return refuse(squaredOnly, `the ${request.loss} loss`)
    const start = affineStart(request)
    if (start.kind === 'refused') return start
    const m = start.data.targetCount
    const narrow = hidden.findIndex((width, l) => width < Math.max(m === 1 ? 2 : m, l === 0 ? m + 1 : m))
    if (hidden.length === 0 || narrow >= 0)
      return refuse(
        widths,
        hidden.length === 0 ? 'no hidden layer' : `hidden layer ${narrow + 1} has ${hidden[narrow]} units`
      )
    const better = betterPoint(start, request)
    return {
      kind: 'built',
      better,
      notes: [],
      points: Array.from({ length: request.count }, (_, k) =>
        provePoint(`best affine fit, shift ${k}`, start.problem, minimum(start, request, rational(BigInt(k))), better)
      )
    }
  }
}

/** Theorem 1 as printed for one output and p != 0: one unit carries the fit above eta, all others are constant; else the same with one carrying unit for each output. */
function minimum(start: AffineStart, request: ConstructionRequest, shift: Rational) {
  const { data, maps, carrier } = start
  if (data.targetCount > 1 || sign(carrier.positive) === 0) return affinePoint(start, request, shift)
  const [map] = maps
  const { least } = extremes(valuesAt(map!, data))
  const twice = multiply(rational(2n), least)
  const eta = add(sign(add(twice, one)) < 0 ? twice : negate(one), negate(shift))
  const shallow: Shallow = {
    units: [
      combineMaps([[one, map!]], negate(eta)),
      ...Array.from({ length: request.hidden[0]! - 1 }, () => constantMap(negate(eta), data.inputCount))
    ],
    weights: [[divide(one, carrier.positive), ...new Array<Rational>(request.hidden[0]! - 1).fill(zero)]],
    constants: [eta]
  }
  return carriedPoint(shallow, { ...request, spare: one }, carrier, data)
}

function betterPoint(start: AffineStart, request: ConstructionRequest) {
  const { data, maps, residuals, carrier, problem } = start
  const step = data.targetCount === 1 ? twoUnitStep(maps[0]!, residuals, data, carrier) : undefined
  return step
    ? valued(problem, carriedPoint(step, { ...request, spare: one }, carrier, data))
    : hingedPoint(start, request)
}
