import { sign, toNumber } from '@nadir/arithmetic'
import { evaluate, type Point, type Problem, toFloat, type Verdict } from '@nadir/landscape'
import type { FunctionCurve, StageKind } from './figures/function-plot.ts'
import type { Place } from './figures/svg.ts'

/** One of the points that a verdict speaks of, its parameters in doubles. Approximate: for pictures, never for claims. */
export interface Stage {
  readonly kind: StageKind
  readonly point: Point
  readonly parameters: Float64Array
  readonly loss: number
}

/** Whether the settled point is another one than the trained point. */
export const moved = ({ settled }: Verdict): boolean =>
  settled !== undefined && (settled.distance > 0 || sign(settled.drop) !== 0)

/** The points of a verdict that are known, in the order of their loss: trained, settled, better. */
export function stages(verdict: Verdict, trained: Point | undefined): readonly Stage[] {
  const { given, settled, standing } = verdict
  const stage = (kind: StageKind, point: Point, loss: number): Stage => ({
    kind,
    point,
    parameters: toFloat(point).values,
    loss
  })
  return [
    ...(trained ? [stage('trained', trained, given.approximateLoss)] : []),
    ...(settled && (moved(verdict) || !trained) ? [stage('settled', settled.point, toNumber(settled.loss))] : []),
    ...(standing.witness ? [stage('better', standing.witness.point, toNumber(standing.witness.loss))] : [])
  ]
}

/** (target, prediction) of one output for every sample. Approximate. */
export function predictions({ network, data }: Problem, stage: Stage, output: number): readonly Place[] {
  const { samples, inputCount: d, targetCount: m } = data
  return Array.from(
    { length: samples },
    (_, i): Place => [
      data.approximateTargets[i * m + output]!,
      evaluate(network, stage.parameters, data.approximateInputs.slice(i * d, (i + 1) * d))[output]!
    ]
  )
}

/** The function of one output of a network with one input, on the range of the data and a little beyond. Approximate. */
export function functionCurve(problem: Problem, stage: Stage, output: number): Pick<FunctionCurve, 'places' | 'kinks'> {
  const { network, data } = problem
  const inputs = Array.from(data.approximateInputs).sort((a, b) => a - b)
  const [low, high] = [inputs[0]!, inputs.at(-1)!]
  const room = (high - low || 1) * 0.05
  const steps = 240
  const grid = Array.from({ length: steps + 1 }, (_, s) => low - room + ((high - low + 2 * room) * s) / steps)
  const kinks = firstLayerKinks(problem, stage.parameters)
  const inside = kinks.filter((k) => k > grid[0]! && k < grid[steps]!)
  // Between two kinks of a one-hidden-layer network the function is a straight line: with them the drawing is right at every width.
  const at = [...grid, ...inside].sort((a, b) => a - b)
  return {
    places: at.map((x): Place => [x, evaluate(network, stage.parameters, Float64Array.of(x))[output]!]),
    kinks
  }
}

/** Where the first layer's units change sides, -b/w; empty when its activation has no kink or there is more than one input. */
function firstLayerKinks({ network }: Problem, parameters: Float64Array): readonly number[] {
  const [first, activation] = network.layers
  if (first?.kind !== 'dense' || activation?.kind !== 'activation' || activation.activation.kind !== 'two-slope')
    return []
  return Array.from({ length: first.outputs }, (_, j) => {
    const bias = first.bias ? parameters[first.outputs + j]! : 0
    return -bias / parameters[j]!
  }).filter(Number.isFinite)
}
