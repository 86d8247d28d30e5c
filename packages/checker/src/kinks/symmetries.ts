import { reject } from '../outcome.ts'
import type { Loss } from '../problem.ts'
import { type Ball, difference, isNothing, nothing, product, sum, unit } from './ball.ts'
import type { Affine, Layers } from './layers.ts'
import { isShut, type Pass, slopeOf } from './pass.ts'

export const symmetryNames = ['idle', 'rescale', 'mix', 'rotate', 'shift', 'lift'] as const

/** A symmetry with the counts that name its parameter, its layer and units, or an entry that the last layer is applied to. */
export type Symmetry = { readonly name: (typeof symmetryNames)[number]; readonly counts: readonly number[] }

/** What the conditions of condition (e) are asked of. */
export type Scene = {
  readonly layers: Layers
  readonly loss: Loss['kind']
  readonly theta: readonly Ball[]
  readonly decays: readonly Ball[]
  readonly passes: readonly Pass[]
}

const require = (holds: boolean, name: string, reason: string): void => {
  if (!holds) reject(`(e) ${name}`, reason)
}

const incoming = ({ inputs, weightAt, biasAt }: Affine, output: number): readonly number[] => {
  const at = Array.from({ length: inputs }, (_, input) => weightAt + output * inputs + input)
  if (biasAt >= 0) at.push(biasAt + output)
  return at
}

const outgoing = ({ inputs, outputs, weightAt }: Affine, input: number): readonly number[] =>
  Array.from({ length: outputs }, (_, output) => weightAt + output * inputs + input)

const decaysAnywhere = ({ decays }: Scene): boolean => decays.some((decay) => !isNothing(decay))

/** The samples that feel hidden layer l; all of them for the outputs. */
const feeling = ({ passes }: Scene, l: number): readonly Pass[] => passes.filter((pass) => pass.feels[l] ?? true)

const requireIdle = (scene: Scene, parameter: number): void => {
  const { layers, decays } = scene
  const l = layers.affine.findIndex(({ weightAt, outputs, inputs, biasAt }) => {
    const end = biasAt >= 0 ? biasAt + outputs : weightAt + outputs * inputs
    return parameter >= weightAt && parameter < end
  })
  require(l >= 0, 'idle', `there is no parameter ${parameter}`)
  require(isNothing(decays[parameter]), 'idle', `parameter ${parameter} decays`)
  const { inputs, weightAt, biasAt } = layers.affine[l]
  const offset = parameter - weightAt
  const isBias = biasAt >= 0 && parameter >= biasAt
  const output = isBias ? parameter - biasAt : Math.floor(offset / inputs)
  const input = offset % inputs
  for (const pass of feeling(scene, l)) {
    if (l < layers.slopes.length && isShut(pass.gates[l][output], layers.slopes[l])) continue
    const gate = l > 0 && !isBias ? pass.gates[l - 1][input] : undefined
    const rests =
      !isBias &&
      (gate === undefined ? isNothing(pass.values[0][input]) : gate === 'kink' || isShut(gate, layers.slopes[l - 1]))
    require(rests, 'idle', `parameter ${parameter} of output ${output} of affine layer ${l} is felt`)
  }
}

/** The weights of an entry that the last layer is applied to, or the output biases. */
const requireLift = ({ layers, loss, decays }: Scene, entry: number): readonly number[] => {
  const last = layers.affine[layers.affine.length - 1]
  require(loss === 'cross-entropy', 'lift', 'the loss sees what all outputs have in common')
  require(entry < last.inputs + (last.biasAt < 0 ? 0 : 1), 'lift', `there is no entry ${entry}`)
  const biases = Array.from({ length: last.outputs }, (_, output) => last.biasAt + output)
  const parameters = entry < last.inputs ? outgoing(last, entry) : biases
  for (const at of parameters) require(isNothing(decays[at]), 'lift', `parameter ${at} decays`)
  return parameters
}

/** The gates of two units on the samples that feel their layer. */
const gatePairs = (scene: Scene, l: number, j: number, k: number): readonly (readonly string[])[] =>
  feeling(scene, l).map(({ gates }) => [gates[l][j], gates[l][k]])

const requireSymmetry = (scene: Scene, { name, counts }: Symmetry): readonly Ball[] => {
  const { layers, theta, passes } = scene
  const field = new Array<Ball>(layers.parameters).fill(nothing)
  const asked = name === 'idle' || name === 'lift' ? 1 : name === 'mix' || name === 'rotate' ? 3 : 2
  require(counts.length === asked, name, `${counts.length} counts where ${asked} are asked for`)
  if (name === 'idle') {
    requireIdle(scene, counts[0])
    field[counts[0]] = { middle: unit, radius: 0n }
    return field
  }
  if (name === 'lift') {
    for (const at of requireLift(scene, counts[0])) field[at] = { middle: unit, radius: 0n }
    return field
  }
  const [l, j, k] = counts
  require(l < layers.slopes.length, name, `there is no hidden layer ${l}`)
  const below = layers.affine[l]
  const above = layers.affine[l + 1]
  for (const index of counts.slice(1)) require(index < below.outputs, name, `there is no unit ${index}`)
  const minus = (ball: Ball): Ball => difference(nothing, ball)
  switch (name) {
    case 'rescale':
      require(!decaysAnywhere(scene), name, 'there is weight decay')
      for (const at of incoming(below, j)) field[at] = theta[at]
      for (const at of outgoing(above, j)) field[at] = minus(theta[at])
      return field
    case 'mix': {
      require(!decaysAnywhere(scene), name, 'there is weight decay')
      require(j !== k, name, 'two units are asked for')
      for (const [first, second] of gatePairs(scene, l, j, k)) {
        require(second === 'kink' || first === second, name, `units ${j} and ${k} differ on a sample`)
      }
      const other = incoming(below, k)
      for (const [index, at] of incoming(below, j).entries()) field[at] = theta[other[index]]
      const from = outgoing(above, j)
      for (const [index, at] of outgoing(above, k).entries()) field[at] = minus(theta[from[index]])
      return field
    }
    case 'rotate': {
      require(j !== k, name, 'two units are asked for')
      for (const [first, second] of gatePairs(scene, l, j, k)) {
        require(first === second, name, `units ${j} and ${k} differ on a sample`)
      }
      for (const [ofJ, ofK] of [
        [incoming(below, j), incoming(below, k)],
        [outgoing(above, j), outgoing(above, k)]
      ]) {
        for (const [index, at] of ofJ.entries()) {
          field[at] = theta[ofK[index]]
          field[ofK[index]] = minus(theta[at])
        }
      }
      return field
    }
    case 'shift': {
      require(below.biasAt >= 0 && above.biasAt >= 0, name, 'a bias is missing')
      require(isNothing(scene.decays[below.biasAt]) && isNothing(scene.decays[above.biasAt]), name, 'the biases decay')
      const gates = new Set(feeling(scene, l).map((pass) => pass.gates[l][j]))
      require(gates.size <= 1 && !gates.has('kink'), name, `unit ${j} has not one slope`)
      const slope = slopeOf(passes.length > 0 && gates.size === 1 ? [...gates][0] : 'positive', layers.slopes[l])
      field[below.biasAt + j] = { middle: unit, radius: 0n }
      for (const [output, at] of outgoing(above, j).entries()) {
        const bias = above.biasAt + output
        field[bias] = sum(field[bias], minus(product(slope, theta[at])))
      }
      return field
    }
  }
}

/** Condition (e): the entries of the fields at the frozen parameters, one row for each symmetry. */
export const fieldsAt = (
  scene: Scene,
  symmetries: readonly Symmetry[],
  frozen: readonly number[]
): readonly (readonly Ball[])[] =>
  symmetries.map((symmetry) => {
    const field = requireSymmetry(scene, symmetry)
    return frozen.map((parameter) => field[parameter])
  })
