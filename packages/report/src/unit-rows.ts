import { sign } from '@nadir/arithmetic'
import {
  asOneHiddenLayer,
  evaluate,
  locate,
  type Network,
  type Point,
  type Problem,
  parameterShapes,
  tensorSize,
  toExact,
  toFloat,
  type UnitDiagnosis
} from '@nadir/landscape'
import { nameList } from './format.ts'

/** What one hidden unit does on the data. */
export interface UnitRow {
  readonly layer: number
  readonly unit: number
  /** Weights to the next layer. Approximate. */
  readonly outgoing: readonly number[]
  /** Samples with positive pre-activation, and with pre-activation 0. */
  readonly active: number
  readonly onKink: number
  /** Pre-activation over the length of the unit's weights, for the samples that are not on the kink. Approximate. */
  readonly distances: readonly number[]
  readonly remarks: readonly string[]
}

export interface UnitReport {
  /** Whether signs (active, on the kink, remarks) were decided exactly; otherwise in doubles. */
  readonly exact: boolean
  /** Whether the activations have kinks at all. */
  readonly kinked: boolean
  readonly layers: number
  readonly rows: readonly UnitRow[]
}

/** The hidden units of a dense network, layer by layer; no rows for other networks. Signs exact with one hidden layer of a decidable problem. */
export function unitReport(problem: Problem, point: Point, diagnosis: UnitDiagnosis | undefined): UnitReport {
  const { network, data } = problem
  const parameters = toFloat(point).values
  const view = asOneHiddenLayer(problem)
  const signs = 'kind' in view ? undefined : locate(view, toExact(network, point)).signs
  // A diagnosis numbers the units of one hidden layer.
  const proved = signs && diagnosis
  const rows: UnitRow[] = []
  let layers = 0
  let kinked = true
  for (const [l, layer] of network.layers.entries()) {
    if (layer.kind !== 'dense' && layer.kind !== 'activation') return { exact: false, kinked, layers: 0, rows: [] }
    const [before, after] = [network.layers[l - 1], network.layers[l + 1]]
    if (layer.kind !== 'activation' || before?.kind !== 'dense' || after?.kind !== 'dense') continue
    layers++
    const rectifies = layer.activation.kind === 'two-slope' && sign(layer.activation.negative) === 0
    kinked &&= layer.activation.kind === 'two-slope'
    const incoming = weightsOf(network, parameters, l - 1)
    const leaving = weightsOf(network, parameters, l + 1)
    const units = before.outputs
    const fanIn = incoming.length / units
    const values = preActivations(problem, parameters, l)
    for (let j = 0; j < units; j++) {
      const length = norm(incoming.subarray(j * fanIn, (j + 1) * fanIn)) || 1
      const outgoing = Array.from({ length: after.outputs }, (_, o) => leaving[o * units + j]!)
      const signed = values.map((z, i): number => {
        if (signs === undefined) return z[j]! / length
        const s = signs[j * data.samples + i]!
        // The exact sign rules; a distance lost to rounding stays on its side.
        return s * (Math.abs(z[j]! / length) || Number.MIN_VALUE)
      })
      const active = signed.filter((d) => d > 0).length
      const twins = proved?.mergeable.flatMap(([a, b]) => (a === j ? [`#${b}`] : b === j ? [`#${a}`] : [])) ?? []
      const dead = proved ? proved.dead.includes(j) : rectifies && active === 0
      const silent = proved ? proved.silent.includes(j) : outgoing.every((v) => v === 0)
      rows.push({
        layer: layers,
        unit: j,
        outgoing,
        active,
        onKink: signed.filter((d) => d === 0).length,
        distances: signed.filter((d) => d !== 0),
        remarks: [
          ...(dead ? ['dead: 0 on every sample'] : []),
          ...(silent ? ['silent: outgoing weight 0'] : []),
          ...(twins.length > 0 ? [`duplicate: one unit can do its work and that of ${nameList(twins, 6)}`] : [])
        ]
      })
    }
  }
  return { exact: signs !== undefined, kinked, layers, rows }
}

/** What enters layer l for every sample: the outputs of the layers before it. Approximate. */
function preActivations({ network, data }: Problem, parameters: Float64Array, l: number): readonly Float64Array[] {
  const before: Network = { inputs: network.inputs, layers: network.layers.slice(0, l) }
  const { samples, inputCount: d, approximateInputs } = data
  return Array.from({ length: samples }, (_, i) =>
    evaluate(before, parameters, approximateInputs.slice(i * d, (i + 1) * d))
  )
}

/** The weight matrix of dense layer l, row-major [outputs][inputs]. */
function weightsOf(network: Network, parameters: Float64Array, l: number): Float64Array {
  let start = 0
  for (const tensor of parameterShapes(network)) {
    if (tensor.layer === l && tensor.role === 'weight') return parameters.subarray(start, start + tensorSize(tensor))
    start += tensorSize(tensor)
  }
  throw new RangeError(`layer ${l} has no weights`)
}

/** Euclidean length. Approximate. */
export const norm = (values: Iterable<number>): number => {
  let squares = 0
  for (const v of values) squares += v * v
  return Math.sqrt(squares)
}
