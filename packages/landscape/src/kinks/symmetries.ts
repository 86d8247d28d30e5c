import type { Pass } from './frozen-function.ts'
import type { Kink, KinkNetwork } from './kink-network.ts'
import { heldPlaces } from './linearise.ts'
import { isShared } from './shared-reads.ts'
import { feltPlaces } from './twins.ts'
import { incomingOf, outgoingOf } from './units.ts'

/** A direction along which the loss does not change on the set where all kinks stay kinks; named as in the rule. */
export interface Symmetry {
  readonly name: 'idle' | 'rescale' | 'mix' | 'rotate' | 'shift' | 'lift'
  readonly counts: readonly number[]
  readonly field: Float64Array
}

/** For each hidden layer, whether each sample feels it: whether something of it can reach the outputs. */
export function feelingSamples(network: KinkNetwork, pass: Pass, kinks: readonly Kink[]): readonly Uint8Array[] {
  const { layers, samples: n } = network
  const held = heldPlaces(network, kinks)
  const feels = layers.slice(0, -1).map(() => new Uint8Array(n).fill(1))
  for (let l = layers.length - 3; l >= 0; l--) {
    const width = layers[l + 1]!.outputs
    for (let i = 0; i < n; i++) {
      let open = false
      for (let j = 0; j < width && !open; j++) {
        const place = i * width + j
        open = held[l + 1]![place] === 1 || pass.slopes[l + 1]![place] !== 0
      }
      feels[l]![i] = open && feels[l + 1]![i] === 1 ? 1 : 0
    }
  }
  return feels
}

/** All symmetries of the rule whose conditions hold in doubles, most useful first. */
export function symmetriesAt(
  network: KinkNetwork,
  theta: Float64Array,
  pass: Pass,
  kinks: readonly Kink[]
): readonly Symmetry[] {
  const { layers, samples: n, parameters: P, decays, hasDecay } = network
  const held = heldPlaces(network, kinks)
  const feels = feelingSamples(network, pass, kinks)
  const found: Symmetry[] = []
  const field = () => new Float64Array(P)
  const isShut = (l: number, i: number, j: number): boolean => {
    const place = i * layers[l]!.outputs + j
    return held[l]![place] === 0 && pass.slopes[l]![place] === 0
  }
  /** The units of a channel, where they are felt: 'kink', else the slope. */
  const felt = feltPlaces(network, pass, kinks)
  const patternOf = (l: number, j: number): (number | 'kink')[] => {
    const { outputs, channels } = layers[l]!
    const share = outputs / channels
    const pattern: (number | 'kink')[] = []
    for (let i = 0; i < n; i++)
      for (let unit = j * share; unit < (j + 1) * share; unit++) {
        const place = i * outputs + unit
        if (felt[l]![place] === 1) pattern.push(held[l]![place] === 1 ? 'kink' : pass.slopes[l]![place]!)
      }
    return pattern
  }
  const addIdle = (parameter: number, l: number, output: number, input: number) => {
    if (decays[parameter] !== 0) return
    for (let i = 0; i < n; i++) {
      if (l < layers.length - 1 && (feels[l]![i] === 0 || isShut(l, i, output))) continue
      if (input < 0) return
      const rests =
        l === 0
          ? network.inputs[i * layers[0]!.inputs + input] === 0
          : isShut(l - 1, i, input) || held[l - 1]![i * layers[l - 1]!.outputs + input] === 1
      if (!rests) return
    }
    const E = field()
    E[parameter] = 1
    found.push({ name: 'idle', counts: [parameter], field: E })
  }
  const shared = layers.some(isShared)
  for (const [l, { inputs, outputs, weightAt, biasAt }] of shared ? [] : layers.entries())
    for (let o = 0; o < outputs; o++) {
      for (let k = 0; k < inputs; k++) addIdle(weightAt + o * inputs + k, l, o, k)
      if (biasAt >= 0) addIdle(biasAt + o, l, o, -1)
    }
  const last = layers.at(-1)!
  const addLift = (entry: number, at: (o: number) => number) => {
    if (decays[at(0)] !== 0) return
    const E = field()
    for (let o = 0; o < last.outputs; o++) E[at(o)] = 1
    found.push({ name: 'lift', counts: [entry], field: E })
  }
  if (network.problem.loss === 'cross-entropy') {
    for (let e = 0; e < last.row; e++) addLift(e, (o) => last.weightAt + o * last.row + e)
    if (last.biasAt >= 0) addLift(last.row, (o) => last.biasAt + o)
  }
  for (let l = 0; l < layers.length - 1; l++) {
    const width = layers[l]!.channels
    const patterns = Array.from({ length: width }, (_, j) => patternOf(l, j))
    for (let j = 0; j < width; j++) {
      const incoming = incomingOf(network, { layer: l, unit: j })
      const outgoing = outgoingOf(network, { layer: l, unit: j })
      if (!hasDecay) {
        const E = field()
        for (const k of incoming) E[k] = theta[k]!
        for (const k of outgoing) E[k] = -theta[k]!
        found.push({ name: 'rescale', counts: [l, j], field: E })
      }
      const above = layers[l + 1]!
      const { biasAt } = layers[l]!
      const slope = patterns[j]![0]
      if (
        !shared &&
        biasAt >= 0 &&
        above.biasAt >= 0 &&
        decays[biasAt] === 0 &&
        decays[above.biasAt] === 0 &&
        typeof slope === 'number' &&
        patterns[j]!.every((s) => s === slope)
      ) {
        const E = field()
        E[biasAt + j] = 1
        for (const [o, k] of outgoing.entries()) E[above.biasAt + o] = -slope * theta[k]!
        found.push({ name: 'shift', counts: [l, j], field: E })
      }
      for (let k = 0; k < width; k++) {
        if (k === j) continue
        const otherIn = incomingOf(network, { layer: l, unit: k })
        const otherOut = outgoingOf(network, { layer: l, unit: k })
        if (hasDecay) {
          if (k < j || !patterns[j]!.every((s, i) => s === patterns[k]![i])) continue
          const E = field()
          for (const [at, index] of [...incoming, ...outgoing].entries()) {
            const other = [...otherIn, ...otherOut][at]!
            E[index] = theta[other]!
            E[other] = -theta[index]!
          }
          found.push({ name: 'rotate', counts: [l, j, k], field: E })
        } else if (patterns[j]!.every((s, i) => patterns[k]![i] === 'kink' || s === patterns[k]![i])) {
          const E = field()
          for (const [at, index] of incoming.entries()) E[index] = theta[otherIn[at]!]!
          for (const [at, index] of otherOut.entries()) E[index] = -theta[outgoing[at]!]!
          found.push({ name: 'mix', counts: [l, j, k], field: E })
        }
      }
    }
  }
  return found
}

/** Independent ones among the symmetries, each with a parameter that may be frozen instead, by elimination with full pivoting. */
export function chooseFrozen(
  symmetries: readonly Symmetry[],
  tolerance = 1e-9
): readonly { readonly symmetry: Symmetry; readonly parameter: number }[] {
  const rows = symmetries.map(({ field }) => {
    const norm = Math.sqrt(field.reduce((sum, x) => sum + x * x, 0))
    return norm > 0 ? field.map((x) => x / norm) : field.slice()
  })
  const left = new Set(rows.keys())
  const chosen: { symmetry: Symmetry; parameter: number }[] = []
  while (left.size > 0) {
    let best = { row: -1, parameter: -1, size: tolerance }
    for (const row of left)
      for (const [parameter, x] of rows[row]!.entries())
        if (Math.abs(x) > best.size) best = { row, parameter, size: Math.abs(x) }
    if (best.row < 0) break
    left.delete(best.row)
    chosen.push({ symmetry: symmetries[best.row]!, parameter: best.parameter })
    const pivot = rows[best.row]!
    for (const row of left) {
      const factor = rows[row]![best.parameter]! / pivot[best.parameter]!
      if (factor !== 0) rows[row] = rows[row]!.map((x, k) => (k === best.parameter ? 0 : x - factor * pivot[k]!))
    }
  }
  return chosen
}
