import { readFileSync } from 'node:fs'
import {
  divide,
  fromNumber,
  multiply,
  overCommonDenominator,
  parseExact,
  type Rational,
  type RationalVector,
  rational,
  toNumber,
  toText
} from '@nadir/arithmetic'
import {
  type Activation,
  approximateLoss,
  canonicalText,
  dataset,
  digest,
  type ExactPoint,
  empiricalRisk,
  evaluate,
  evaluateExactly,
  type Json,
  type LossKind,
  objective,
  type Problem,
  problemDocument,
  relu,
  type SmoothName,
  toFloat,
  twoSlope
} from '@nadir/landscape'
import { check } from 'nadir-checker'
import { describe, expect, test } from 'vitest'
import { proveConstantOutput } from '../../packages/landscape/src/constructions/smooth-network.ts'
import { dualEvidence } from '../../packages/landscape/src/global/bound-certificate.ts'
import { asDecayedProblem } from '../../packages/landscape/src/global/decayed-program.ts'
import { dualTree } from '../../packages/landscape/src/global/dual-tree.ts'
import {
  denseNetwork,
  exact,
  exactMatrix,
  type LayerTexts,
  pointOf,
  type Texts,
  transposed
} from '../landscape/matrices.ts'
import { builtPoints, construct } from './building.ts'

const read = (file: string) =>
  JSON.parse(readFileSync(new URL(`../reference/${file}.json`, import.meta.url), 'utf8')).kinds
const constructions = read('constructions')
const smoothNetworks = read('smooth-networks')

const smooth = (name: SmoothName): Activation => ({ kind: 'smooth', name })
const vector = (texts: readonly (string | number)[]) => overCommonDenominator(texts.map(number))
/** Doubles are exact; texts are decimals or fractions. */
const number = (value: string | number): Rational => (typeof value === 'number' ? fromNumber(value) : exact(value))

const accepts = (problem: Json, claim: Json, evidence: Json): unknown =>
  check(
    canonicalText(problem),
    canonicalText(claim),
    canonicalText({ format: 'nadir-proof/1', problem: digest(problem), claim: digest(claim), evidence })
  )

const pointJson = ({ tensors }: ExactPoint): Json =>
  tensors.map(({ denominator, numerators }) => ({ denominator: `${denominator}`, numerators: numerators.map(String) }))

/** Bounds around an approximate loss, proved by the checker's enclosures. */
function enclosed(problem: Problem, point: ExactPoint, loss: number): unknown {
  const [lower, upper] = [loss - 1e-9 * (1 + loss), loss + 1e-9 * (1 + loss)].map((bound) => toText(fromNumber(bound)))
  const claim = { kind: 'value-between', point: pointJson(point), lower: lower!, loss: upper! }
  return accepts(problemDocument(problem)!, claim, { rule: 'enclosure' })
}

const floatLoss = (problem: Problem, point: ExactPoint): number => {
  const theta = toFloat(point).values
  return approximateLoss(problem, theta, (input) => evaluate(problem.network, theta, input))
}

describe('two smooth units', () => {
  interface Parameters {
    W1: (string | number)[][]
    b1: (string | number)[]
    W2: (string | number)[] | (string | number)[][]
    b2: string | number | (string | number)[]
  }
  interface Instance {
    id: string
    activation: string
    X: Texts
    Y: Texts
    s_plus?: string
    s_minus?: string
    [kind: string]: unknown
  }
  const instances = constructions.two_unit_smooth.instances as Instance[]
  const kinds = [
    ['spurious', 'spurious_loss'],
    ['zero_loss_point', 'zero_loss'],
    ['alt_spurious_free_b2', 'alt_spurious_loss'],
    ['alt_zero_free_b2', 'alt_zero_loss']
  ] as const

  test.each(instances)('$id: every loss, and the minima are stationary', (instance) => {
    const activation = instance.s_plus
      ? twoSlope(exact(instance.s_plus), exact(instance.s_minus!))
      : smooth(instance.activation as SmoothName)
    const data = dataset(exactMatrix(transposed(instance.X)), exactMatrix(transposed(instance.Y)))
    let seen = 0
    for (const [kind, lossName] of kinds) {
      if (!(kind in instance)) continue
      seen++
      const { W1, b1, W2, b2 } = instance[kind] as Parameters
      const outer = W2.flat()
      const point: ExactPoint = {
        kind: 'exact',
        tensors: [vector(W1.flat()), vector(b1), vector(outer), vector([b2].flat())]
      }
      const network = denseNetwork(
        [
          { W: W1.map((row) => row.map(() => 0)), b: b1.map(() => 0) },
          { W: [outer.map(() => 0)], b: [0] }
        ],
        activation
      )
      const problem = empiricalRisk({ network, data })
      const expected = instance[lossName] as string | number
      if (instance.s_plus) {
        expect(toText(evaluateExactly(problem, point).loss)).toBe(expected)
        continue
      }
      expect(floatLoss(problem, point)).toBeCloseTo(Number(expected), 9)
      expect(enclosed(problem, point, Number(expected))).toMatchObject({ outcome: 'accepted' })
      const gradient = new Float64Array(9)
      objective(problem).evaluate(toFloat(point).values, gradient)
      expect(Math.max(...gradient.map(Math.abs)), kind).toBeLessThan(1e-7)
    }
    expect(seen).toBeGreaterThanOrEqual(2)
  })
})

describe('constant outputs', () => {
  interface Instance {
    id: string
    activation: SmoothName
    x: string[]
    y: string[]
    w: string[]
    b: string[]
    v: string[]
    c: string
    loss: string
    type: 'localmin' | 'saddle'
  }
  test.each(smoothNetworks.constant_output_points.instances as Instance[])('$id', (instance) => {
    const { activation, x, y, w, b, v, c, loss, type } = instance
    const data = dataset(
      x.map((a) => [exact(a)]),
      y.map((a) => [exact(a)])
    )
    const layers: LayerTexts[] = [
      { W: w.map((a) => [a]), b },
      { W: [v], b: [c] }
    ]
    const problem = empiricalRisk({ network: denseNetwork(layers, smooth(activation)), data })
    expect(floatLoss(problem, pointOf(layers))).toBeCloseTo(Number(loss), 12)
    const units = { weight: vector(w), bias: vector(b), outer: vector(v) }
    const { claim } = proveConstantOutput('reference', problem, smooth(activation), units, units.bias, undefined)
    if (type === 'localmin') expect(claim).toBe('local-minimum')
    else expect(claim).toBe('undecided')
    if (instance.id === 'silu-derivative-zero-saddle') {
      const [saddle] = builtPoints(
        construct('oleary2020-derivative-zero', { data, activation: smooth('silu'), hidden: [2] })
      )
      expect(saddle!.claim).toBe('saddle')
      expect(toNumber(saddle!.loss)).toBe(Number(loss))
      expect(
        toNumber(
          divide(rational(saddle!.point.tensors[1]!.numerators[0]!), rational(saddle!.point.tensors[1]!.denominator))
        )
      ).toBeCloseTo(Number(b[0]), 14)
    }
  })
})

test('exclusive or with the logistic loss: log 2 at outputs 0, less at positive margins', () => {
  interface Net {
    layers: LayerTexts[]
  }
  const [{ X, labels, theta_star, theta_better }] = constructions.logistic_constant.instances as [
    { X: Texts; labels: number[]; theta_star: Net; theta_better: Net }
  ]
  // log(1 + e^(-label f)) is log(1 + e^f) - y f with y = (1 + label)/2.
  const data = dataset(
    exactMatrix(X),
    labels.map((label) => [rational(BigInt((1 + label) / 2))])
  )
  const problemOf = ({ layers }: Net): Problem =>
    empiricalRisk({ network: denseNetwork(layers, relu), data, loss: 'logistic', reduction: 'mean' })
  const [star, better] = [theta_star, theta_better].map((net) => {
    const problem = problemOf(net)
    const point = pointOf(net.layers)
    const loss = floatLoss(problem, point)
    expect(enclosed(problem, point, loss)).toMatchObject({ outcome: 'accepted' })
    return loss
  })
  expect(star).toBeCloseTo(Math.log(2), 15)
  expect(better).toBeLessThan(Math.log(2))
})

test('huber loss and cross-entropy are evaluated and enclosed alike', () => {
  const layers: LayerTexts[] = [{ W: [['1'], ['-2'], ['1/2']], b: ['0', '1', '-1'] }]
  const targets: Readonly<Partial<Record<LossKind, Texts>>> = {
    huber: [
      [1, 5, -9],
      [0, 0, 0]
    ],
    'cross-entropy': [
      [1, 0, 0],
      ['1/2', '1/4', '1/4']
    ]
  }
  for (const [loss, Y] of Object.entries(targets)) {
    const data = dataset(exactMatrix([[1], [-2]]), exactMatrix(Y))
    const problem = empiricalRisk({ network: denseNetwork(layers), data, loss: loss as LossKind })
    expect(enclosed(problem, pointOf(layers), floatLoss(problem, pointOf(layers)))).toMatchObject({
      outcome: 'accepted'
    })
  }
})

test('the weight-decay problem with a known optimum: its dual vector proves it', () => {
  const [{ X, y, beta, theta_global, optimal_value, dual_z }] = read('weight-decay').weight_decay_dual.instances as [
    {
      X: string[][]
      y: string[]
      beta: string
      theta_global: { U: string[][]; alpha: string[] }
      optimal_value: string
      dual_z: string[]
    }
  ]
  const [[u, b]] = theta_global.U as [[string, string]]
  const data = dataset(
    X.map(([x]) => [exact(x!)]),
    y.map((a) => [exact(a)])
  )
  const network = denseNetwork([{ W: [[0]], b: [0] }, { W: [[0]] }], relu)
  const problem = empiricalRisk({ network, data, weightDecay: exact(beta) })
  const document = problemDocument(problem)!
  const decayed = asDecayedProblem(problem)
  if ('kind' in decayed) throw new Error(decayed.reason)
  const treeOf = (numbers: RationalVector) => {
    const answer = dualTree(decayed.view, numbers, decayed.limit, decayed.measured, () => false)
    if (answer.kind === 'none') throw new Error(`a cone is open: ${answer.excess}`)
    return answer.tree
  }
  const numbers = vector(dual_z)
  const mirrored = { ...numbers, numerators: numbers.numerators.map((z) => -z) }
  const evidence = dualEvidence(numbers, treeOf(numbers), treeOf(mirrored))
  const point = pointOf([{ W: [[u]], b: [b] }, { W: [theta_global.alpha] }])
  const claim = { kind: 'global-minimum', point: pointJson(point), loss: optimal_value }
  expect(accepts(document, claim, evidence)).toMatchObject({ outcome: 'accepted' })
  const smaller = { ...claim, loss: toText(multiply(parseExact(optimal_value)!, rational(99n, 100n))) }
  expect(accepts(document, smaller, evidence)).toMatchObject({ outcome: 'rejected' })
})
