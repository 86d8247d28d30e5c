import type { Value } from '../corpus/digests.ts'
import { add, type Fraction, fraction, inner, multiply, none, sign, subtract, text } from '../corpus/fraction.ts'
import { type DeepDesign, type PlantedDeep, plantDeep } from '../corpus/planted-last-layer.ts'
import type { Draw } from './plant.ts'

/*
 * Exact points with two or three hidden layers and kinks in the last one: minima whatever the layers below become, and the same points with one
 * error turned, so that the loss falls to either side of a kink.
 */

type Below = (count: number) => number
type Row = readonly Fraction[]

const slopes = [
  [1, 0],
  [1, 0],
  [1, '1/3'],
  [2, -1]
] as const

const through = (layer: DeepDesign['hidden'][number], row: Row): Row => {
  const [p, q] = (layer.slopes ?? [1, 0]).map(fraction)
  return layer.weights.map((weight, j) => {
    const z = add(inner(weight.map(fraction), row), layer.biases ? fraction(layer.biases[j]) : none)
    return multiply(sign(z) < 0 ? q : p, z)
  })
}

/** A network on a line or a grid whose last hidden units are each on a kink on one of the samples. */
const designFrom = (below: Below): DeepDesign => {
  const isLine = below(3) > 0
  const size = 6 + below(3)
  const xs = isLine
    ? Array.from({ length: 2 * size + 1 }, (_, i) => [i - size])
    : Array.from({ length: 20 + below(5) }, () => [below(7) - 3, below(7) - 3])
  const entry = () => below(5) - 2
  // Biases at thirds and sevenths: no kinks of integers below.
  const lower = Array.from({ length: 1 + (below(4) === 0 ? 1 : 0) }, (_, l) => {
    const inputs = l === 0 ? xs[0].length : 2
    return {
      weights: Array.from({ length: 2 }, () => Array.from({ length: inputs }, () => entry() || 1)),
      biases: Array.from({ length: 2 }, () => `${3 * (below(9) - 2) + 1}/${l === 0 ? 3 : 7}`),
      slopes: slopes[below(slopes.length)]
    }
  })
  const read = xs.map((x) => lower.reduce<Row>((row, layer) => through(layer, row), x.map(fraction)))
  const weights = Array.from({ length: 1 + below(2) }, () => [entry() || 2, entry()])
  const biases = weights.map((weight) => text(subtract(none, inner(weight.map(fraction), read[below(read.length)]))))
  const outputs = below(4) === 0 ? 2 : 1
  return {
    xs,
    hidden: [...lower, { weights, biases, slopes: slopes[below(slopes.length)] }],
    outer: Array.from({ length: outputs }, () => weights.map(() => (below(2) === 0 ? 1 + below(3) : -1 - below(3)))),
    ...(below(2) === 0 ? { constants: Array.from({ length: outputs }, () => entry()) } : {}),
    attempts: 300
  }
}

const planted = (below: Below): { readonly design: DeepDesign; readonly raised: PlantedDeep } | undefined => {
  const design = designFrom(below)
  try {
    const raised = plantDeep(design)
    return raised.isStrictBelow && raised.kinks.length > 0 ? { design, raised } : undefined
  } catch (error) {
    if (error instanceof Error && error.message.startsWith('no residuals')) return undefined
    throw error
  }
}

const family = ({ hidden, outer }: DeepDesign): string => `squared, ${hidden.length} hidden, ${outer.length} outputs`

const minimum: Draw = (below) => {
  const drawn = planted(below)
  // Several outputs: where an interval is a point, the outputs would have to agree.
  if (!drawn || (drawn.design.outer.length > 1 && drawn.raised.kinks.some(({ isTied }) => isTied))) return undefined
  const { problem, point } = drawn.raised
  return { family: `${family(drawn.design)}, raised`, truth: 'minimum', problem: problem as Value, point }
}

/** One kink that depends on no other, with its error turned: its one slope is not between the others any more. */
const turned: Draw = (below) => {
  const drawn = planted(below)
  if (!drawn || drawn.design.outer.length > 1) return undefined
  const { design, raised } = drawn
  const only = raised.kinks.filter(({ isAlone }) => isAlone)
  const kink = only[below(only.length)]
  if (kink === undefined || design.constants !== undefined) return undefined
  const { data } = raised.problem as unknown as { data: { readonly inputs: Value; readonly targets: string[][] } }
  const targets = data.targets.map(([y], i) => [
    i === kink.sample ? text(add(fraction(y), multiply(fraction(3), kink.residual[0]))) : y
  ])
  const problem = { ...raised.problem, data: { ...data, targets } } as unknown as Value
  return { family: `${family(design)}, turned`, truth: 'not-stationary', problem, point: raised.point }
}

export const raisedDraws: readonly Draw[] = [minimum, turned]
