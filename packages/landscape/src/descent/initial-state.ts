import type { FloatPoint } from '../point.ts'
import type { OneHiddenLayer } from '../traits.ts'
import { type CellState, setSides } from './cell-state.ts'
import type { MergedData } from './merged-data.ts'
import { nullSpaceBasis } from './null-space-basis.ts'

/** Pre-activations below this, relative to |u_j| |x~_i|, are taken for kinks: a good optimiser leaves true kinks far below it. */
const kinkThreshold = 1e-6

/** The scaled coordinates of a point and a guess of its cell and kinks. Approximate. */
export function initialState(view: OneHiddenLayer, data: MergedData, point: FloatPoint): CellState {
  const { units, width, hiddenBias, outputBias } = view
  const d = hiddenBias ? width - 1 : width
  const values = point.values
  let at = units * d
  const biases = hiddenBias ? values.subarray(at, (at += units)) : undefined
  const outer = values.subarray(at, (at += units))
  const u = new Float64Array(units * width)
  const kappa = new Int8Array(units)
  for (let j = 0; j < units; j++) {
    kappa[j] = Math.sign(outer[j]!)
    const factor = kappa[j] === 0 ? 1 : Math.abs(outer[j]!)
    for (let k = 0; k < d; k++) u[j * width + k] = values[j * d + k]! * factor
    if (biases) u[j * width + d] = biases[j]! * factor
  }
  const state: CellState = {
    units,
    u,
    c: outputBias ? values[at]! : 0,
    kappa,
    side: new Uint8Array(units * data.samples),
    kinks: Array.from({ length: units }, () => [])
  }
  for (let j = 0; j < units; j++) {
    setSides(data, state, j)
    if (kappa[j] !== 0) state.kinks[j] = guessKinks(data, state, j)
  }
  return state
}

function guessKinks(data: MergedData, state: CellState, j: number): number[] {
  const { samples: n, width, x, classOf } = data
  const own = state.u.subarray(j * width, (j + 1) * width)
  let norm = 0
  for (const a of own) norm += a * a
  const near: { relative: number; k: number }[] = []
  for (let i = 0; i < n; i++) {
    let z = 0
    let size = 0
    for (let k = 0; k < width; k++) {
      z += own[k]! * x[i * width + k]!
      size += x[i * width + k]! ** 2
    }
    const relative = Math.abs(z) / Math.sqrt(norm * size)
    if (relative <= kinkThreshold) near.push({ relative, k: classOf[i]! })
  }
  near.sort((a, b) => a.relative - b.relative)
  const kinks: number[] = []
  const rows: Float64Array[] = []
  for (const { k } of near) {
    if (kinks.length >= width - 1) break
    if (kinks.includes(k)) continue
    const first = data.classes[k]![0]!
    const row = x.subarray(first * width, (first + 1) * width)
    if (nullSpaceBasis([...rows, row], width) === undefined) continue
    rows.push(row)
    kinks.push(k)
  }
  return kinks
}
