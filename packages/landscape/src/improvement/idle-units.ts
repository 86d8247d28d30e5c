import {
  type ExactRows,
  evaluateThrough,
  exactRows,
  isExactlyEvaluable,
  parametersByLayer
} from '../network/evaluate-exact.ts'
import { exactProducts } from '../network/work.ts'
import { type Point, toExact } from '../point.ts'
import type { Problem } from '../problem.ts'

/** What the units of one hidden layer do on the data. All exact. */
export interface LayerDiagnosis {
  /** Place of the activation among the hidden layers, from 0. */
  readonly layer: number
  readonly units: number
  /** Output 0 on every sample; empty where the values are irrational. */
  readonly dead: readonly number[]
  /** All outgoing weights 0. */
  readonly silent: readonly number[]
  /** Equal incoming weights and bias: the second unit does nothing that the first does not. */
  readonly copies: readonly (readonly [number, number])[]
  /** Samples on which some unit has argument 0; undefined where the values are irrational. */
  readonly samplesOnKinks: number | undefined
}

/** Multiplications of long integers in one exact evaluation that takes some seconds. */
const mostProducts = 3e7

/** The units of every hidden layer of a network of dense layers; undefined for other networks. Exact. */
export function diagnoseLayers(problem: Problem, point: Point): readonly LayerDiagnosis[] | undefined {
  const { network, data } = problem
  const { layers } = network
  if (layers.some(({ kind }) => kind !== 'dense' && kind !== 'activation')) return undefined
  const exact = toExact(network, point)
  const parameters = parametersByLayer(network, exact)
  const isAffordable = isExactlyEvaluable(network) && exactProducts(problem) <= mostProducts
  const values = isAffordable ? evaluateThrough(network, exact, exactRows(data.inputs, data.inputCount)) : undefined
  const found: LayerDiagnosis[] = []
  for (const [l, layer] of layers.entries()) {
    const [before, after] = [layers[l - 1], layers[l + 1]]
    if (layer.kind !== 'activation' || before?.kind !== 'dense' || after?.kind !== 'dense') continue
    const units = Array.from({ length: before.outputs }, (_, j) => j)
    const [incoming, bias] = parameters[l - 1]!
    const width = incoming!.numerators.length / units.length
    const key = (j: number) =>
      [...incoming!.numerators.slice(j * width, (j + 1) * width), bias?.numerators[j] ?? 0n].join()
    const first = new Map<string, number>()
    const copies: [number, number][] = []
    for (const j of units) {
      const earlier = first.get(key(j))
      if (earlier === undefined) first.set(key(j), j)
      else copies.push([earlier, j])
    }
    const outgoing = parameters[l + 1]![0]!.numerators
    found.push({
      layer: found.length,
      units: units.length,
      dead: values ? units.filter((j) => values[l + 1]!.rows.every((row) => row[j] === 0n)) : [],
      silent: units.filter((j) => outgoing.every((v, k) => k % units.length !== j || v === 0n)),
      copies,
      samplesOnKinks: values && countKinks(values[l]!)
    })
  }
  return found
}

const countKinks = ({ rows }: ExactRows): number => rows.filter((row) => row.includes(0n)).length
