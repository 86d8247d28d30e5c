import { reject } from '../outcome.ts'
import type { Loss } from '../problem.ts'
import { type Ball, difference, isNothing, nothing, product, sum, unit } from './ball.ts'
import type { Affine, Layers, Step } from './layers.ts'
import { type Gate, isShut, type Pass, slopeOf } from './pass.ts'

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

/** The layers below and above a hidden layer, and how many of its units belong to one of its channels. */
type Channels = { readonly below: Affine; readonly above: Affine; readonly share: number }

const channelsOf = ({ layers: { steps, hiddenAt, widths } }: Scene, l: number, name: string): Channels => {
  const nearest = (sequence: readonly Step[]): Affine => {
    const found = sequence.find(({ kind }) => kind !== 'mean')
    if (found?.kind !== 'affine')
      return reject(`(e) ${name}`, 'two hidden layers without a dense or conv layer between')
    return found.layer
  }
  const below = nearest(steps.slice(0, hiddenAt[l]).reverse())
  const above = nearest(steps.slice(hiddenAt[l] + 1))
  return { below, above, share: widths[hiddenAt[l]] / below.outputs }
}

/** For every output of the layer above its weights from a channel, in order. */
const outgoing = ({ below, above }: Channels, channel: number): readonly (readonly number[])[] => {
  const length = above.inputs / below.outputs
  return Array.from({ length: above.outputs }, (_, output) =>
    Array.from({ length }, (__, k) => above.weightAt + output * above.inputs + channel * length + k)
  )
}

const decaysAnywhere = ({ decays }: Scene): boolean => decays.some((decay) => !isNothing(decay))

/** Entries of what every step is applied to that are 0 while all kinks stay kinks. */
const restsIn = ({ layers: { steps, slopes } }: Scene, pass: Pass): readonly (readonly boolean[])[] => {
  const all = [pass.values[0].map(isNothing)]
  for (const [s, step] of steps.entries()) {
    if (step.kind === 'affine') all.push(pass.values[s + 1].map(() => false))
    else if (step.kind === 'mean') all.push(step.layer.windows.map((window) => window.every((entry) => all[s][entry])))
    else all.push(pass.gates[step.hidden].map((gate) => gate === 'kink' || isShut(gate, slopes[step.hidden])))
  }
  return all
}

/** The step with this parameter, and its layer. */
const holderOf = ({ layers }: Scene, parameter: number): { readonly s: number; readonly layer: Affine } => {
  for (const [s, step] of layers.steps.entries()) {
    if (step.kind !== 'affine') continue
    const { weightAt, inputs, outputs, biasAt } = step.layer
    if (parameter < weightAt + outputs * (inputs + (biasAt < 0 ? 0 : 1))) return { s, layer: step.layer }
  }
  return reject('(e) idle', `there is no parameter ${parameter}`)
}

const requireIdle = (scene: Scene, parameter: number): void => {
  const { decays, passes } = scene
  const { s, layer } = holderOf(scene, parameter)
  require(isNothing(decays[parameter]), 'idle', `parameter ${parameter} decays`)
  const { inputs, weightAt, biasAt, windows } = layer
  const isBias = biasAt >= 0 && parameter >= biasAt
  const output = isBias ? parameter - biasAt : Math.floor((parameter - weightAt) / inputs)
  const weight = (parameter - weightAt) % inputs
  for (const pass of passes) {
    const rests = restsIn(scene, pass)[s]
    for (const [position, window] of windows.entries()) {
      if (!pass.felt[s + 1][output * windows.length + position]) continue
      const isHeard = isBias || (window[weight] >= 0 && !rests[window[weight]])
      require(!isHeard, 'idle', `parameter ${parameter} of output ${output} is felt`)
    }
  }
}

/** The weights of an entry that the last layer is applied to, or the output biases. */
const requireLift = ({ layers, loss, decays }: Scene, entry: number): readonly number[] => {
  const { inputs, outputs, weightAt, biasAt } = layers.affine[layers.affine.length - 1]
  require(loss === 'cross-entropy', 'lift', 'the loss sees what all outputs have in common')
  require(entry < inputs + (biasAt < 0 ? 0 : 1), 'lift', `there is no entry ${entry}`)
  const parameters = Array.from({ length: outputs }, (_, output) =>
    entry < inputs ? weightAt + output * inputs + entry : biasAt + output
  )
  for (const at of parameters) require(isNothing(decays[at]), 'lift', `parameter ${at} decays`)
  return parameters
}

/** The gates of corresponding units of two channels, on the samples on which they are felt. */
const gatePairs = (
  { layers, passes }: Scene,
  l: number,
  { share }: Channels,
  j: number,
  k: number
): readonly (readonly Gate[])[] =>
  passes.flatMap(({ gates, felt }) =>
    Array.from({ length: share }, (_, at) => [j * share + at, k * share + at]).flatMap(([first, second]) => {
      const values = felt[layers.hiddenAt[l] + 1]
      return values[first] || values[second] ? [[gates[l][first], gates[l][second]]] : []
    })
  )

const requireSymmetry = (scene: Scene, { name, counts }: Symmetry): readonly Ball[] => {
  const { layers, theta } = scene
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
  const channels = channelsOf(scene, l, name)
  const { below, above } = channels
  for (const index of counts.slice(1)) require(index < below.outputs, name, `there is no channel ${index}`)
  const minus = (ball: Ball): Ball => difference(nothing, ball)
  switch (name) {
    case 'rescale':
      require(!decaysAnywhere(scene), name, 'there is weight decay')
      for (const at of incoming(below, j)) field[at] = theta[at]
      for (const at of outgoing(channels, j).flat()) field[at] = minus(theta[at])
      return field
    case 'mix': {
      require(!decaysAnywhere(scene), name, 'there is weight decay')
      require(j !== k, name, 'two units are asked for')
      for (const [first, second] of gatePairs(scene, l, channels, j, k)) {
        require(second === 'kink' || first === second, name, `channels ${j} and ${k} differ on a sample`)
      }
      const other = incoming(below, k)
      for (const [index, at] of incoming(below, j).entries()) field[at] = theta[other[index]]
      const from = outgoing(channels, j).flat()
      for (const [index, at] of outgoing(channels, k).flat().entries()) field[at] = minus(theta[from[index]])
      return field
    }
    case 'rotate': {
      require(j !== k, name, 'two units are asked for')
      for (const [first, second] of gatePairs(scene, l, channels, j, k)) {
        require(first === second, name, `channels ${j} and ${k} differ on a sample`)
      }
      for (const [ofJ, ofK] of [
        [incoming(below, j), incoming(below, k)],
        [outgoing(channels, j).flat(), outgoing(channels, k).flat()]
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
      require(!above.padded, name, 'the layer above has padding')
      const gates = new Set(gatePairs(scene, l, channels, j, j).map(([gate]) => gate))
      require(gates.size <= 1 && !gates.has('kink'), name, `channel ${j} has not one slope`)
      const slope = slopeOf([...gates][0] ?? 'positive', layers.slopes[l])
      field[below.biasAt + j] = { middle: unit, radius: 0n }
      for (const [output, weights] of outgoing(channels, j).entries()) {
        const bias = above.biasAt + output
        for (const at of weights) field[bias] = sum(field[bias], minus(product(slope, theta[at])))
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
