import { readFileSync } from 'node:fs'
import { multiply, type Rational, rational, toText } from '@nadir/arithmetic'
import {
  certificateText,
  dataset,
  decideDeep,
  deepCertificate,
  evaluateExactly,
  type Problem,
  twoSlope
} from '@nadir/landscape'
import { checkDocument } from 'nadir-checker'
import { describe, expect, test } from 'vitest'
import { bestAffineFit } from '../../packages/landscape/src/constructions/best-affine-fit.ts'
import { hingeStep, mapRows } from '../../packages/landscape/src/constructions/one-hinge.ts'
import { exactLoss } from '../../packages/landscape/src/loss/exact-loss.ts'
import {
  denseNetwork,
  exact,
  exactMatrix,
  type LayerTexts,
  pointOf,
  problemOf,
  type Texts,
  transposed
} from '../landscape/matrices.ts'
import { builtPoints, construct } from './building.ts'

const { kinds } = JSON.parse(readFileSync(new URL('../reference/constructions.json', import.meta.url), 'utf8'))
const instancesOf = <T>(kind: string): T[] => kinds[kind].instances

interface Net {
  readonly sp: string
  readonly sm: string
  readonly layers: readonly LayerTexts[]
}

const problemFor = ({ sp, sm, layers }: Net, X: Texts, Y: Texts): Problem =>
  problemOf(denseNetwork(layers, twoSlope(exact(sp), exact(sm))), X, Y)

/** The mean of squares, where the loss is half their sum. */
const meanOfSquares = (loss: Rational, samples: number): string => toText(multiply(loss, rational(2n, BigInt(samples))))

/** The decision about a net, its certificate having been accepted. */
function decided(net: Net, X: Texts, Y: Texts) {
  const evaluation = evaluateExactly(problemFor(net, X, Y), pointOf(net.layers))
  const decision = decideDeep(evaluation)
  const certificate = deepCertificate(evaluation, decision)
  if (certificate)
    expect(checkDocument(certificateText(certificate))).toMatchObject({ outcome: 'accepted', claim: decision.kind })
  return { kind: decision.kind, risk: meanOfSquares(evaluation.loss, X.length) }
}

describe('best affine fits with one hidden layer', () => {
  interface Instance {
    id: string
    X: Texts
    Y: Texts
    s_plus: string
    s_minus: string
    spurious: { W1: Texts; b1: string[]; W2: Texts; b2: string[] }
    better: { W1: Texts; b1: string[]; W2: Texts; b2: string[] }
    spurious_loss: string
    better_loss: string
  }
  const layersOf = ({ W1, b1, W2, b2 }: Instance['spurious']) => [
    { W: W1, b: b1 },
    { W: W2, b: b2 }
  ]
  test.each(instancesOf<Instance>('affine_fit_minimum_one_hidden'))('$id: both points in closed form', (instance) => {
    const data = dataset(exactMatrix(transposed(instance.X)), exactMatrix(transposed(instance.Y)))
    const construction = construct('yun2019-relu', {
      data,
      hidden: [instance.spurious.W1.length],
      activation: twoSlope(exact(instance.s_plus), exact(instance.s_minus))
    })
    const [point] = builtPoints(construction)
    if (construction.kind === 'refused') throw new Error('refused')
    const texts = (tensors: readonly { denominator: bigint; numerators: readonly bigint[] }[]) =>
      tensors.map(({ denominator, numerators }) => numerators.map((a) => toText(rational(a, denominator))))
    expect(texts(point!.point.tensors)).toEqual(texts(pointOf(layersOf(instance.spurious)).tensors))
    expect(texts(construction.better!.point.tensors)).toEqual(texts(pointOf(layersOf(instance.better)).tensors))
    expect([toText(point!.loss), toText(construction.better!.loss)]).toEqual([
      instance.spurious_loss,
      instance.better_loss
    ])
  })
})

describe('gated jumps, fully connected', () => {
  interface Instance {
    id: string
    X: Texts
    Y: Texts
    points: { id: string; net: Net; risk_sq: string; local_min: boolean; kinks?: boolean }[]
  }
  const points = instancesOf<Instance>('gated_jump_fully_connected').flatMap(({ X, Y, points }) =>
    points.map((point) => ({ ...point, X, Y }))
  )
  test.each(points)('$id', ({ net, X, Y, risk_sq, local_min, kinks }) => {
    const { kind, risk } = decided(net, X, Y)
    expect(risk).toBe(risk_sq)
    if (risk === '0') expect(kind).toBe('global-minimum')
    else if (local_min && !kinks) expect(kind).toBe('local-minimum')
  })
})

test('a max-min network of best pieces that is not stationary', () => {
  const [{ net, X, Y, risk_sq }] = instancesOf<{ net: Net; X: Texts; Y: Texts; risk_sq: string }>(
    'naive_max_min_not_stationary'
  ) as [{ net: Net; X: Texts; Y: Texts; risk_sq: string }]
  expect(decided(net, X, Y)).toEqual({ kind: 'not-stationary', risk: risk_sq })
})

test('one hinge: its best coefficient, its drop, and the network', () => {
  interface Instance {
    direction: string[]
    threshold: string
    coefficient: string
    risk_drop: string
    net: Net
    risk_sq: string
    affine_risk_sq: string
    X: Texts
    Y: Texts
  }
  const [instance] = instancesOf<Instance>('one_hinge_improvement') as [Instance]
  const { net, X, Y } = instance
  const data = dataset(exactMatrix(X), exactMatrix(Y))
  const { residuals, loss } = exactLoss(problemFor(net, X, Y), mapRows(bestAffineFit(data, 'squared'), data))
  expect(meanOfSquares(loss, X.length)).toBe(instance.affine_risk_sq)
  const map = pointOf([{ W: [[...instance.direction, `-${instance.threshold}`]] }]).tensors[0]!
  const step = hingeStep(map, data, residuals, 0)
  expect(toText(step!.coefficient)).toBe(instance.coefficient)
  expect(meanOfSquares(step!.drop, 2 * X.length)).toBe(instance.risk_drop)
  expect(decided(net, X, Y).risk).toBe(instance.risk_sq)
})

describe('the single rectifier', () => {
  interface Instance {
    id: string
    alpha: string
    points: Record<string, { a: string; b: string; loss: string }>
    global_min_loss: string
  }
  test.each(instancesOf<Instance>('rister_rubin_neuron'))('$id', ({ alpha, points, global_min_loss }) => {
    const construction = construct('rister2016-neuron', { numbers: { alpha: exact(alpha) } })
    const built = builtPoints(construction)
    // Sums of squares, where the loss is half of them.
    const squares = built.map(({ loss }) => toText(multiply(loss, rational(2n)))).sort()
    expect(squares).toEqual(
      Object.values(points)
        .map(({ loss }) => loss)
        .sort()
    )
    if (construction.kind === 'refused') throw new Error('refused')
    expect(toText(multiply(construction.better!.loss, rational(2n)))).toBe(global_min_loss)
    const places = built.map(({ point: { tensors } }) =>
      tensors.slice(0, 2).map((v) => toText(rational(v.numerators[0]!, v.denominator)))
    )
    for (const { a, b } of Object.values(points).slice(0, 3)) expect(places).toContainEqual([a, b])
  })
})
