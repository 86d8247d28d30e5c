import { type Budget, hold } from '../budget.ts'
import { reject } from '../outcome.ts'
import { type Point, requireShape, type Vector } from '../point.ts'
import type { Problem } from '../problem.ts'
import type { Rational } from '../rational.ts'
import type { Samples, Scaled } from '../samples.ts'
import { around, type Ball, difference, nothing, product, strictSign, sum, unitsAbove } from './ball.ts'
import { type Dependent, sharedMultipliers } from './dependent.ts'
import type { KinksEvidence } from './evidence.ts'
import { derivativeOf, gradientOf, type Unknowns } from './kink-system.ts'
import { decaysOf, type Layers, layersOf, parametersAt, requireInTurn } from './layers.ts'
import { outputLoss } from './output-loss.ts'
import { adjointsAtKinks, adjointsOf, type Kink, passes, requireGates } from './pass.ts'
import { eliminated, type Inverse, requireContraction, requireRegular } from './regular.ts'
import { requireSpanned } from './spanned.ts'
import { fieldsAt } from './symmetries.ts'
import { directionsAt } from './valleys.ts'

const requireLength = (vector: Vector, length: number, name: string): void => {
  if (vector.numerators.length !== length) {
    reject('evidence', `${vector.numerators.length} entries of ${name} where ${length} are asked for`)
  }
}

const isAscending = (left: readonly number[], right: readonly number[]): boolean => {
  const at = left.findIndex((count, index) => count !== right[index])
  return at >= 0 && left[at] < right[at]
}

const entryOf = ({ denominator, numerators }: Vector, index: number): Rational => ({
  numerator: numerators[index],
  denominator
})

/** Kinks, which must exist and stand in ascending order. */
const kinksOf = (
  { widths, hiddenAt }: Layers,
  samples: number,
  triples: readonly (readonly number[])[]
): readonly Kink[] =>
  triples.map((triple, index) => {
    const [layer, unit, sample] = triple
    if (layer >= hiddenAt.length || unit >= widths[hiddenAt[layer]] || sample >= samples) {
      reject('evidence', `there is no kink [${layer}, ${unit}, ${sample}]`)
    }
    if (index > 0 && !isAscending(triples[index - 1], triple)) reject('evidence', 'kinks are not in ascending order')
    return { layer, unit, sample }
  })

/** Kinks of hidden layer 0 that follow from others, at least one. */
const dependentKinksOf = (
  problem: Problem,
  layers: Layers,
  samples: number,
  dependent: readonly Dependent[]
): readonly Kink[] => {
  requireInTurn(problem, 'kinks-dependent')
  if (dependent.length === 0) reject('evidence', 'there are no dependent kinks')
  const triples = dependent.map(({ kink }) => kink)
  if (triples.some(([layer]) => layer > 0)) reject('evidence', 'a dependent kink is not of hidden layer 0')
  return kinksOf(layers, samples, triples)
}

/** The kinks and the frozen parameters, which must exist and stand in ascending order. */
const unknownsOf = (layers: Layers, samples: number, evidence: KinksEvidence): Unknowns => {
  const { parameters } = layers
  const kinks = kinksOf(layers, samples, evidence.kinks)
  for (const [index, parameter] of evidence.frozen.entries()) {
    if (parameter >= parameters) reject('evidence', `there is no parameter ${parameter}`)
    if (index > 0 && evidence.frozen[index - 1] >= parameter) {
      reject('evidence', 'frozen parameters are not in ascending order')
    }
  }
  const frozen = new Set(evidence.frozen)
  const rowOf: number[] = []
  let free = 0
  for (let k = 0; k < parameters; k += 1) {
    rowOf.push(frozen.has(k) ? -1 : free)
    if (!frozen.has(k)) free += 1
  }
  return { size: free + kinks.length, rowOf, kinks, free }
}

const rowsOf = ({ rows, denominator }: Scaled, budget: Budget): readonly (readonly Ball[])[] => {
  hold(budget, [rows.length, rows[0].length], 256)
  return rows.map((row) => row.map((numerator) => around({ numerator, denominator })))
}

const inverseOf = ({ denominator, numerators }: Vector, size: number): Inverse => ({
  denominator,
  rows: Array.from({ length: size }, (_, row) => {
    const start = (row * (row + 1)) / 2
    return numerators.slice(start, start + row + 1)
  })
})

/** F sum ell + sum decay theta^2 / 2 */
const lossOf = (values: readonly Ball[], theta: readonly Ball[], decays: readonly Ball[], factor: Rational): Ball => {
  const half: Ball = around({ numerator: 1n, denominator: 2n })
  const squares = theta.map((parameter, k) => product(decays[k], product(parameter, parameter)))
  return sum(product(around(factor), values.reduce(sum)), product(half, squares.reduce(sum)))
}

/** A claim that some local minimum lies within `radius` of a point, its loss between `lower` and `loss`. */
export type NearbyClaim = {
  readonly point: Point
  readonly radius: Rational
  readonly lower: Rational
  readonly loss: Rational
}

/** Rejects unless the evidence proves by the rule kinks, kinks-span, kinks-valleys or kinks-dependent that there is a local minimum as claimed. */
export const requireMinimumNearby = (
  problem: Problem,
  samples: Samples,
  claim: NearbyClaim,
  evidence: KinksEvidence,
  budget: Budget
): void => {
  const { loss } = problem
  const isSmooth = loss.kind === 'squared' || loss.kind === 'logistic' || loss.kind === 'cross-entropy'
  if (!isSmooth) reject('network', `the rule kinks is not for the ${loss.kind} loss`)
  const { gauge, dependent } = evidence
  if (gauge.kind !== 'symmetries') requireInTurn(problem, `kinks-${gauge.kind}`)
  const layers = layersOf(problem, budget)
  requireShape(problem.network, claim.point, 'evaluation')
  const unknowns = unknownsOf(layers, samples.inputs.rows.length, evidence)
  const { size, rowOf, kinks, free } = unknowns
  const dependentKinks = dependent ? dependentKinksOf(problem, layers, samples.inputs.rows.length, dependent) : []
  const allKinks = [...kinks, ...dependentKinks]
  requireLength(evidence.multipliers, kinks.length, 'multipliers')
  requireLength(evidence.radii, size, 'radii')
  requireLength(evidence.inverse, (size * (size + 1)) / 2, 'inverse')
  for (const { combination } of dependent ?? []) requireLength(combination, kinks.length, 'combination')
  if (gauge.kind === 'span') requireLength(gauge.flatInverse, (size * (size + 1)) / 2, 'flatInverse')
  else if (gauge.kind === 'symmetries' && gauge.symmetries.length !== evidence.frozen.length) {
    reject('(e)', `${gauge.symmetries.length} symmetries for ${evidence.frozen.length} frozen parameters`)
  }
  const radii = evidence.radii.numerators.map((numerator, row) => {
    if (numerator <= 0n) reject('evidence', `radius ${row} is not positive`)
    return unitsAbove({ numerator, denominator: evidence.radii.denominator })
  })
  const decays = decaysOf(problem, layers)
  const factor: Rational = {
    numerator: 1n,
    denominator: loss.reduction === 'mean' ? BigInt(samples.inputs.rows.length) : 1n
  }
  const factorBall = around(factor)
  const inputs = rowsOf(samples.inputs, budget)
  const kinkKeys = new Map(kinks.map(({ layer, unit, sample }, index) => [`${layer},${unit},${sample}`, index]))

  /** Everything of first order, at the centre or on the box. */
  const firstOrder = (onBox: boolean) => {
    const spread = (row: number): bigint => (onBox && row >= 0 ? radii[row] : 0n)
    const theta = parametersAt(claim.point, (parameter) => spread(rowOf[parameter]), budget)
    const multipliers = kinks.map((_, a) => around(entryOf(evidence.multipliers, a), spread(free + a)))
    const all = passes(layers, theta, samples.inputs.rows, inputs, allKinks, budget)
    const ends = outputLoss(loss.kind, all, samples, budget)
    const adjoints = all.map((pass, sample) =>
      adjointsOf(
        layers,
        theta,
        pass,
        ends.slopes[sample].map((slope) => product(factorBall, slope)),
        (layer, unit) => multipliers[kinkKeys.get(`${layer},${unit},${sample}`) ?? -1]
      )
    )
    return { theta, multipliers, all, ends, adjoints }
  }

  const box = firstOrder(true)
  requireGates(layers, box.all, allKinks)
  const adjointsThere = adjointsAtKinks(layers, box.all, box.adjoints, allKinks.length)
  const hasBias = layers.affine[0].biasAt >= 0
  const shared = dependent
    ? sharedMultipliers(samples, hasBias, kinks, box.multipliers, dependent, budget)
    : box.multipliers
  for (const [a, { layer, unit, sample }] of allKinks.entries()) {
    const { positive, negative } = layers.slopes[layer]
    const bound = product(difference(positive, negative), adjointsThere[a])
    const step = `(c) unit ${unit} of hidden layer ${layer} on sample ${sample}`
    if (strictSign(shared[a]) <= 0) reject(step, 'the multiplier may be 0 or negative')
    if (strictSign(difference(bound, shared[a])) <= 0) reject(step, 'the multiplier may reach its bound')
  }
  if (gauge.kind === 'span') {
    requireSpanned(problem, layers, samples, box.all, unknowns, budget)
  } else {
    const scene = { layers, loss: loss.kind, theta: box.theta, decays, passes: box.all }
    const directions =
      gauge.kind === 'symmetries'
        ? fieldsAt(scene, gauge.symmetries, evidence.frozen)
        : directionsAt({ problem, samples, scene, kinks, budget }, gauge.symmetries, gauge.valleys, evidence.frozen)
    requireRegular(directions, '(e)', budget)
  }

  const centre = firstOrder(false)
  const gradient = gradientOf(layers, centre.theta, decays, centre.all, centre.adjoints, budget)
  const values = gradient.filter((_, k) => rowOf[k] >= 0)
  for (const { layer, unit, sample } of kinks) values.push(centre.all[sample].values[layers.hiddenAt[layer]][unit])
  const derivative = (flat: boolean) =>
    derivativeOf(
      layers,
      box.theta,
      decays,
      box.all,
      box.adjoints,
      box.ends.curvatures,
      unknowns,
      radii,
      factor,
      budget,
      flat
    )
  const second = derivative(false)
  if (gauge.kind === 'span') {
    requireContraction(inverseOf(evidence.inverse, size), second, 0n, values, radii, '(b)', budget)
    const none = values.map(() => nothing)
    requireContraction(inverseOf(gauge.flatInverse, size), derivative(true), 0n, none, radii, '(d)', budget)
  } else {
    const { positive, negative, error } = eliminated(second, budget)
    requireContraction(inverseOf(evidence.inverse, size), second, error, values, radii, '(b)', budget)
    if (positive !== free || negative !== kinks.length) {
      reject('(d)', `${positive} positive eigenvalues where ${free} are asked for`)
    }
  }

  const greatest = radii.slice(0, free).reduce((most, radius) => (radius > most ? radius : most), 0n)
  const allowed = around(claim.radius)
  if (greatest > allowed.middle) reject('(f)', 'the radius is smaller than that of the box')
  const reached = lossOf(box.ends.values, box.theta, decays, factor)
  // A loss is never negative.
  if (claim.lower.numerator > 0n && reached.middle - reached.radius < unitsAbove(claim.lower)) {
    reject('(f)', 'the loss may be smaller than claimed')
  }
  if (reached.middle + reached.radius > around(claim.loss).middle) reject('(f)', 'the loss may be greater than claimed')
}
