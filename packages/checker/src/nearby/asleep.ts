import { decayingTensors } from '../decay.ts'
import { reject } from '../outcome.ts'
import type { Point } from '../point.ts'
import type { Layer, Problem } from '../problem.ts'

/** Unit `unit` of dense layer `layer`. */
export type Sleeper = readonly [layer: number, unit: number]

type DenseTensors = {
  readonly at: number
  readonly inputs: number
  readonly outputs: number
  /** Index of the weight among the tensors, and of the bias where there is one. */
  readonly weight: number
  readonly bias: number | undefined
  /** The layers up to the next dense one. */
  readonly between: readonly Layer[]
}

const denseLayersOf = ({ network }: Problem): readonly DenseTensors[] => {
  let inputs = network.inputs
  let tensor = 0
  return network.layers.flatMap((layer, at) => {
    if (layer.kind !== 'dense') return []
    const rest = network.layers.slice(at + 1)
    const next = rest.findIndex(({ kind }) => kind === 'dense')
    const own = {
      at,
      inputs,
      outputs: layer.outputs,
      weight: tensor,
      bias: layer.bias ? tensor + 1 : undefined,
      between: next < 0 ? rest : rest.slice(0, next)
    }
    inputs = layer.outputs
    tensor += layer.bias ? 2 : 1
    return [own]
  })
}

const isAwakeAtZero = (layer: Layer): boolean =>
  layer.kind === 'smooth' && (layer.name === 'sigmoid' || layer.name === 'softplus')

/**
 * For every parameter whether it is free: no asleep unit's own. Rejects where units are not asleep at the point: weights of theirs are not zero, or the loss may have a slope along them
 * at points where it has none along free parameters.
 */
export const freeParameters = (problem: Problem, point: Point, asleep: readonly Sleeper[]): readonly boolean[] => {
  const layers = denseLayersOf(problem)
  const decays = decayingTensors(problem)
  const free = point.map(({ numerators }) => numerators.map(() => true))
  const own = (tensor: number, index: number, isZeroAsked: boolean): void => {
    if (isZeroAsked && point[tensor].numerators[index] !== 0n) {
      reject('asleep', `parameter ${index} of tensor ${tensor} of an asleep unit is not zero`)
    }
    free[tensor][index] = false
  }
  const seen = new Set<string>()
  for (const [l, unit] of asleep) {
    const layer = layers.at(l)
    const next = layers.at(l + 1)
    if (layer === undefined || next === undefined || unit >= layer.outputs) {
      return reject('asleep', `there is no hidden unit ${unit} of dense layer ${l}`)
    }
    if (seen.has(`${l} ${unit}`)) reject('asleep', `unit ${unit} of dense layer ${l} is named twice`)
    seen.add(`${l} ${unit}`)
    for (let k = 0; k < layer.inputs; k += 1) own(layer.weight, unit * layer.inputs + k, true)
    for (let o = 0; o < next.outputs; o += 1) own(next.weight, o * next.inputs + unit, true)
    const { bias } = layer
    if (bias !== undefined) own(bias, unit, decays[bias])
    const isZero = bias === undefined || point[bias].numerators[unit] === 0n
    const isSilent = isZero && !layer.between.some(isAwakeAtZero)
    const isBalanced = next.bias !== undefined && !decays[next.bias]
    if (!isSilent && !isBalanced) reject('asleep', `the value of unit ${unit} of dense layer ${l} may be felt`)
  }
  return free.flat()
}
