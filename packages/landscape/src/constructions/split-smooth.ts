import { type Inertia, type Rational, toNumber, toText } from '@nadir/arithmetic'
import { symmetricEigenvalues } from '@nadir/kernels'
import type { Json } from '../certification/canonical.ts'
import { seal, vectorDocument } from '../certification/certificate.ts'
import { contractionNumbers, nearbyClaim } from '../certification/nearby-certificate.ts'
import { problemDocument } from '../certification/problem-document.ts'
import { denseCurvature } from '../curvature/dense-curvature.ts'
import { asLayered } from '../curvature/layered.ts'
import { countSigns, splitUnit } from '../curvature/splitting.ts'
import { type NewtonMinimum, newtonMinimum } from '../descent/newton-minimum.ts'
import { toExact } from '../point.ts'
import type { Problem } from '../problem.ts'
import { initialise } from '../training/initialise.ts'
import { lbfgs } from '../training/lbfgs.ts'
import { objective } from '../training/objective.ts'
import { withCopy } from './split-unit.ts'
import type { ConstructedPoint } from './theorem.ts'

/** A nondegenerate minimum of the small network in doubles, the unit to split, and which way B curves there: 1 up, -1 down, 0 both. */
export interface SplitPlace {
  readonly small: Problem
  readonly found: NewtonMinimum
  readonly unit: number
  readonly curves: 1 | -1 | 0
}

const starts = 16
const newtonSteps = 60
/** Half-width of the contraction's cube, in the coordinates of the factor. */
const reach = 1e-11
/** Factors with longer rows belong to Hessians too flat for that cube. */
const longestRow = 300
const leastWeight = 1e-3
/** Eigenvalues of B below this share of what B would be with factors g sigma'' of 1 are not told from 0. */
const leastBend = 1e-5

/** From random starts, a place where B is definite; else one where it is indefinite; undefined when no nondegenerate minimum was reached. Approximate. */
export function placeToSplit(small: Problem, random: () => number): SplitPlace | undefined {
  const risk = objective(small)
  let indefinite: SplitPlace | undefined
  for (let k = 0; k < starts; k++) {
    const values = initialise(small.network, random).map((x) => x * (1 + (k % 4)))
    lbfgs(risk, values, { iterations: 200 })
    if (values.some((a) => !Number.isFinite(a))) continue
    let steps = 0
    const found = newtonMinimum(small, values, () => ++steps > newtonSteps)
    if (!found || !isSharp(found)) continue
    for (const place of placesAt(small, found)) {
      if (place.curves !== 0) return place
      indefinite ??= place
    }
  }
  return indefinite
}

/** Whether the contraction will hold in the cube of half-width `reach`, as far as doubles can tell. */
function isSharp({ theta, factor, gradient }: NewtonMinimum): boolean {
  const size = theta.length
  for (let k = 0; k < size; k++) {
    let length = 0
    let slope = 0
    for (let j = 0; j <= k; j++) length += Math.abs(factor[k * size + j]!)
    for (let j = k; j < size; j++) slope += factor[j * size + k]! * gradient[j]!
    if (!(length < longestRow && Math.abs(slope) < reach / 4)) return false
  }
  return true
}

function* placesAt(small: Problem, found: NewtonMinimum): Generator<SplitPlace> {
  const network = asLayered(small.network)
  if (network.kind !== 'layered') return
  const [hidden, output] = network.layers
  const { inputs, samples } = small.data
  const sum = inputs.numerators.reduce((a, x) => a + (Number(x) / Number(inputs.denominator)) ** 2, samples)
  const squares = small.reduction === 'mean' ? sum / samples : sum
  for (let unit = 0; unit < hidden!.outputs; unit++) {
    const v = Math.abs(found.theta[output!.weightAt + unit]!)
    if (v < leastWeight) continue
    const { bend } = splitUnit(small, found.theta, unit, 0.5)
    const limit = leastBend * v * squares
    const isUp = bend.every((x) => x > limit)
    const isDown = bend.every((x) => x < -limit)
    if (isUp || isDown) yield { small, found, unit, curves: isUp ? 1 : -1 }
    else if (bend.some((x) => x > limit) && bend.some((x) => x < -limit)) yield { small, found, unit, curves: 0 }
  }
}

/**
 * The unit in two copies with the shares lambda and 1 - lambda of its outgoing weight, neither of them 0: a minimum or a saddle of the wide network lies beside, by the rules `split` and `split-saddle`.
 * The copy comes last. Undefined for problems that the format has no words for.
 */
export function splitPoint(place: SplitPlace, wide: Problem, share: Rational): ConstructedPoint | undefined {
  const { small, found, unit } = place
  const document = problemDocument(wide)
  const numbers = contractionNumbers(found, reach)
  if (document === undefined || numbers === undefined) return undefined
  const { bend, partings, predicted, theta } = splitUnit(small, found.theta, unit, toNumber(share))
  const along = toNumber(share) * (1 - toNumber(share))
  const isMinimum = place.curves !== 0 && along * place.curves > 0
  const width = bend.length
  const lowest = along > 0 ? 0 : width - 1
  const point = withCopy(
    toExact(small.network, { kind: 'float', values: found.theta }),
    small.data.inputCount,
    unit,
    share
  )
  const copies = [unit, point.tensors[1]!.numerators.length - 1]
  const evidence: { [key: string]: Json } = isMinimum
    ? { rule: 'split', units: copies, factor: numbers.factor }
    : {
        rule: 'split-saddle',
        units: copies,
        factor: numbers.factor,
        direction: shortVector(partings.subarray(lowest * width, (lowest + 1) * width))
      }
  const claim = isMinimum ? 'local-minimum-nearby' : 'saddle-nearby'
  const inertia = `inertia predicted ${signs(predicted)}, in doubles ${signs(measured(wide, theta))}`
  return {
    name: `lambda = ${toText(share)}`,
    problem: wide,
    point,
    loss: numbers.loss,
    claim,
    certificate: seal(document, nearbyClaim(claim, point, numbers), evidence),
    reason: `within ${toNumber(numbers.radius).toExponential(0)} of it; parting the copies ${isMinimum ? 'raises' : 'lowers'} the loss at second order; ${inertia}`
  }
}

const signs = ({ positive, negative, zero }: Inertia): string => `(${positive}, ${negative}, ${zero})`

/** Positive, negative and zero eigenvalues of the Hessian. Approximate. */
function measured(problem: Problem, theta: Float64Array): Inertia {
  const network = asLayered(problem.network)
  if (network.kind !== 'layered') throw new RangeError(`measured: ${network.reason}`)
  return countSigns(symmetricEigenvalues(denseCurvature(problem, network, theta, 'hessian'), theta.length), 1e-9)
}

/** A vector in thousandths: a direction need not be exact. */
const shortVector = (v: Float64Array): Json =>
  vectorDocument({ denominator: 1000n, numerators: Array.from(v, (x) => BigInt(Math.round(x * 1000))) })
