import { addOuterProducts } from '../network/dense-products.ts'
import { bestDirection } from './best-direction.ts'
import { type CellGram, cellGram } from './cell-gram.ts'
import { cellNewton } from './cell-newton.ts'
import { type CellState, preActivations, setSides } from './cell-state.ts'
import type { MergedData } from './merged-data.ts'
import { type NullSpaceBasis, nullSpaceBasis } from './null-space-basis.ts'

export interface CellDescentOptions {
  readonly slopes: { readonly positive: number; readonly negative: number }
  readonly outputBias: boolean
  /** Cross kinks along the ray while the loss falls; otherwise every step ends at the first wall (it stays in the closed cell until its minimum). */
  readonly crossKinks: boolean
  readonly random: () => number
  readonly maxIterations?: number
  /** Asked between steps: true ends the descent where it stands. */
  readonly stop?: () => boolean
  /** Told now and then how far it is. */
  readonly onProgress?: (loss: number, hops: number) => void
}

export interface CellDescentResult {
  /** `converged`: no kink wants to be released and no step in the cell helps; `zero-loss`; or why it ended before. */
  readonly status: 'converged' | 'zero-loss' | 'stopped' | 'stalled'
  readonly loss: number
  readonly iterations: number
  /** How many times a sample changed side. */
  readonly hops: number
  readonly restarts: number
}

/**
 * Active-set descent of the merged squared loss from a state, in place: a Newton step within the closed cell (least squares on the null space of
 * the kinks), an exact line search along the ray, and where the closed cell's minimum is reached the release of the kink whose one-sided slope is
 * violated most. The loss never rises. Collapsed units are restarted at the direction that gains most. Approximate: what it ends with is a guess of cell
 * and kinks that exact arithmetic must confirm. Reference: active-set method for convex quadratic programs, cell by cell.
 */
export function cellDescent(data: MergedData, state: CellState, options: CellDescentOptions): CellDescentResult {
  const { samples: n, width, x, columns, y, weight } = data
  const { units: H, u, kappa, side, kinks } = state
  const { outputBias, crossKinks } = options
  const p = options.slopes.positive
  const q = options.slopes.negative
  const maxIterations = options.maxIterations ?? 20_000
  const gram: CellGram = cellGram(data, state, options.slopes, outputBias)
  const size = gram.size
  const z = new Float64Array(H * n)
  const dz = new Float64Array(H * n)
  const r = new Float64Array(n)
  const gradient = new Float64Array(size)
  const step = new Float64Array(size)
  const weighted = new Float64Array(n)
  const sloped = new Float64Array(n)
  const df = new Float64Array(n)
  const onKink = new Uint8Array(H * n)
  const bases: (NullSpaceBasis | undefined)[] = new Array(H).fill(undefined)
  const scratch = new Float64Array(width)
  const newton = cellNewton(gram, H, width, outputBias, bases)
  let hops = 0
  let restarts = 0
  let loss = 0
  let ySquares = 0
  for (let i = 0; i < n; i++) ySquares += weight[i]! * y[i]! ** 2

  const representative = (k: number) => data.classes[k]![0]!
  const vectorOf = (k: number) => x.subarray(representative(k) * width, representative(k) * width + width)

  /** The basis of unit j for its kinks; false when they are dependent (then nothing has changed). */
  function setBasis(j: number): boolean {
    newton.touch(j)
    const list = kinks[j]!
    if (list.length === 0) {
      bases[j] = undefined
      return true
    }
    const basis = nullSpaceBasis(list.map(vectorOf), width)
    if (basis === undefined) return false
    bases[j] = basis
    return true
  }

  function markKinks(j: number): void {
    onKink.fill(0, j * n, (j + 1) * n)
    for (const k of kinks[j]!) for (const i of data.classes[k]!) onKink[j * n + i] = 1
  }

  /** Removes what rounding has left of u_j across its kinks. */
  function projectOntoKinks(j: number): void {
    const basis = bases[j]
    if (basis === undefined) return
    const free = width - basis.rank
    scratch.fill(0)
    for (let m = 0; m < free; m++) {
      let dot = 0
      for (let k = 0; k < width; k++) dot += basis.complement[m * width + k]! * u[j * width + k]!
      for (let k = 0; k < width; k++) scratch[k] = scratch[k]! + dot * basis.complement[m * width + k]!
    }
    for (let k = 0; k < width; k++) u[j * width + k] = scratch[k]!
  }

  /** Pre-activations, residuals and loss at the present point. */
  function evaluate(): number {
    preActivations(data, u, H, z)
    r.fill(state.c)
    for (let j = 0; j < H; j++) {
      const positive = kappa[j]! * p
      const negative = kappa[j]! * q
      const base = j * n
      for (const k of kinks[j]!) for (const i of data.classes[k]!) z[base + i] = 0
      for (let i = 0; i < n; i++) r[i] = r[i]! + (side[base + i] ? positive : negative) * z[base + i]!
    }
    let total = 0
    for (let i = 0; i < n; i++) {
      r[i] = r[i]! - y[i]!
      total += weight[i]! * r[i]! * r[i]!
    }
    return total / 2
  }

  function computeGradient(): void {
    gradient.fill(0)
    for (let i = 0; i < n; i++) {
      weighted[i] = weight[i]! * r[i]!
      if (outputBias) gradient[size - 1] = gradient[size - 1]! + weighted[i]!
    }
    for (let j = 0; j < H; j++) {
      const positive = kappa[j]! * p
      const negative = kappa[j]! * q
      const base = j * n
      for (let i = 0; i < n; i++)
        sloped[i] = onKink[base + i] ? 0 : (side[base + i] ? positive : negative) * weighted[i]!
      addOuterProducts(sloped, 1, columns, width, n, 1, gradient, j * width)
    }
  }

  /** Minimises exactly along the ray from 0; moves there, and onto the kink that stopped it. Returns how far it went. */
  function lineSearch(): number {
    preActivations(data, step, H, dz)
    const breaks: { at: number; j: number; i: number }[] = []
    let horizon = 1
    let slope = 0
    let curvature = 0
    df.fill(outputBias ? step[size - 1]! : 0)
    for (let j = 0; j < H; j++) {
      const base = j * n
      for (const k of kinks[j]!) for (const i of data.classes[k]!) dz[base + i] = 0
      for (let i = 0; i < n; i++) df[i] = df[i]! + kappa[j]! * (side[base + i] ? p : q) * dz[base + i]!
    }
    for (let i = 0; i < n; i++) {
      const f = df[i]!
      slope += weight[i]! * r[i]! * f
      curvature += weight[i]! * f * f
    }
    if (!(slope < 0)) return 0
    for (let j = 0; j < H; j++) {
      if (kappa[j] === 0) continue
      for (let i = 0; i < n; i++) {
        const at = j * n + i
        const velocity = dz[at]!
        if (velocity === 0) continue
        // Towards its wall: positive side falling, or negative side rising.
        if (side[at] ? velocity >= 0 : velocity <= 0) continue
        const distance = Math.max(0, -z[at]! / velocity)
        if (crossKinks ? distance <= 8 : distance < horizon) {
          breaks.push({ at: distance, j, i })
          if (!crossKinks) horizon = distance
        }
      }
    }
    breaks.sort((a, b) => a.at - b.at)
    let t = 0
    let stoppedAt: { j: number; i: number } | undefined
    for (const b of crossKinks ? breaks : breaks.slice(0, 1)) {
      const minimiser = curvature > 0 ? t - slope / curvature : Number.POSITIVE_INFINITY
      if (minimiser <= b.at) break
      slope += curvature * (b.at - t)
      t = b.at
      if (!crossKinks) {
        stoppedAt = b
        break
      }
      const at = b.j * n + b.i
      const jump = kappa[b.j]! * (side[at] ? q - p : p - q) * dz[at]!
      const rHere = r[b.i]! + rayResidual(b.i, t)
      const slopeAfter = slope + weight[b.i]! * rHere * jump
      if (slopeAfter >= 0) {
        stoppedAt = b
        break
      }
      // Cross: the ray goes on downhill on the other side.
      curvature += weight[b.i]! * ((df[b.i]! + jump) ** 2 - df[b.i]! ** 2)
      shift[b.i] = shift[b.i]! - jump * t
      df[b.i] = df[b.i]! + jump
      slope = slopeAfter
      crossed.push(b)
    }
    if (stoppedAt === undefined) t = curvature > 0 ? t - slope / curvature : t
    for (let a = 0; a < H * width; a++) u[a] = u[a]! + t * step[a]!
    if (outputBias) state.c += t * step[size - 1]!
    for (const b of crossed) {
      gram.flip(b.j, b.i)
      newton.touch(b.j)
      hops++
    }
    for (const b of crossed) shift[b.i] = 0
    crossed.length = 0
    if (stoppedAt) addKink(stoppedAt.j, data.classOf[stoppedAt.i]!)
    return t

    /** Change of the residual of sample i from 0 to t along the broken ray. */
    function rayResidual(i: number, at: number): number {
      return df[i]! * at + shift[i]!
    }
  }
  const shift = new Float64Array(n)
  const crossed: { j: number; i: number }[] = []

  function addKink(j: number, k: number): void {
    if (kinks[j]!.includes(k)) return
    kinks[j]!.push(k)
    if (!setBasis(j)) {
      // Dependent on the kinks already there: it stays on its kink by itself.
      kinks[j]!.pop()
      return
    }
    markKinks(j)
    projectOntoKinks(j)
  }

  /** The kink whose slope lies farthest outside its one-sided slopes, released to the side where the loss falls; false when all pass. */
  function releaseWorst(several: boolean): boolean {
    let scale = 0
    for (let i = 0; i < n; i++) scale = Math.max(scale, Math.abs(r[i]!) * weight[i]!)
    const tolerance = 1e-9 * scale
    const chosen: { j: number; position: number; toPositive: boolean; by: number }[] = []
    for (let j = 0; j < H; j++) {
      const basis = bases[j]
      if (basis === undefined) continue
      let worst = tolerance
      let own: (typeof chosen)[number] | undefined
      for (let m = 0; m < basis.rank; m++) {
        let slope = 0
        for (let k = 0; k < width; k++) slope -= basis.solve[m * width + k]! * gradient[j * width + k]!
        const k = kinks[j]![m]!
        let left = 0
        let right = 0
        for (const i of data.classes[k]!) {
          const t = data.factor[i]! * kappa[j]! * weight[i]! * r[i]!
          right += t * (data.factor[i]! > 0 ? p : q)
          left += t * (data.factor[i]! > 0 ? q : p)
        }
        if (slope - right > worst) {
          worst = slope - right
          own = { j, position: m, toPositive: true, by: worst }
        }
        if (left - slope > worst) {
          worst = left - slope
          own = { j, position: m, toPositive: false, by: worst }
        }
      }
      if (own) chosen.push(own)
    }
    if (chosen.length === 0) return false
    chosen.sort((a, b) => b.by - a.by)
    for (const c of several ? chosen : chosen.slice(0, 1)) {
      if (c.by < 0.1 * chosen[0]!.by) break
      release(c.j, c.position, c.toPositive)
    }
    return true
  }

  function release(j: number, position: number, toPositive: boolean): void {
    const k = kinks[j]![position]!
    kinks[j]!.splice(position, 1)
    setBasis(j)
    markKinks(j)
    for (const i of data.classes[k]!) {
      const positive = data.factor[i]! > 0 === toPositive
      if ((side[j * n + i] === 1) !== positive) {
        gram.flip(j, i)
        newton.touch(j)
        hops++
      }
    }
  }

  /** Puts a collapsed unit at the direction of greatest gain, a silent one at its own if that gains; false when no direction does. */
  function restart(j: number): boolean {
    const own = kappa[j] === 0 ? u.slice(j * width, (j + 1) * width) : undefined
    const place = bestDirection(data, r, options.slopes, options.random, own)
    if (!place || place.gain <= 1e-14 * loss) return false
    kappa[j] = place.outer > 0 ? 1 : -1
    for (let k = 0; k < width; k++) u[j * width + k] = place.weights[k]! * Math.abs(place.outer)
    setSides(data, state, j)
    bases[j] = undefined
    markKinks(j)
    gram.rebuild()
    newton.touch()
    restarts++
    return true
  }

  function collapsedUnit(): number {
    let largest = 0
    for (const a of u) largest = Math.max(largest, Math.abs(a))
    for (let j = 0; j < H; j++) {
      if (kappa[j] === 0) continue
      let own = 0
      for (let k = 0; k < width; k++) own = Math.max(own, Math.abs(u[j * width + k]!))
      if (own <= 1e-11 * largest || kinks[j]!.length >= width) return j
    }
    return -1
  }

  for (let j = 0; j < H; j++) {
    while (!setBasis(j)) kinks[j]!.pop()
    markKinks(j)
    projectOntoKinks(j)
  }
  gram.rebuild()
  loss = evaluate()
  for (let j = 0; j < H; j++) {
    if (kappa[j] !== 0 || loss <= 1e-26 * ySquares) continue
    if (restart(j)) loss = evaluate()
  }

  let failedReleases = 0
  let iterations = 0
  let status: CellDescentResult['status'] = 'stalled'
  for (; iterations < maxIterations; iterations++) {
    if (loss <= 1e-25 * ySquares) {
      status = 'zero-loss'
      break
    }
    if ((iterations & 15) === 15) {
      options.onProgress?.(loss + data.offset, hops)
      if (options.stop?.()) {
        status = 'stopped'
        break
      }
    }
    const collapsed = collapsedUnit()
    if (collapsed >= 0) {
      u.fill(0, collapsed * width, (collapsed + 1) * width)
      if (restarts < 50 && restart(collapsed)) {
        loss = evaluate()
        continue
      }
      kappa[collapsed] = 0
      kinks[collapsed] = []
      bases[collapsed] = undefined
      markKinks(collapsed)
      gram.rebuild()
      newton.touch()
      loss = evaluate()
      continue
    }
    computeGradient()
    const predicted = newton.solve(gradient, step)
    if (predicted <= 1e-13 * loss) {
      if (failedReleases > 50 || !releaseWorst(crossKinks && failedReleases === 0)) {
        status = failedReleases > 50 ? 'stalled' : 'converged'
        break
      }
      failedReleases++
      continue
    }
    const before = loss
    const moved = lineSearch()
    loss = evaluate()
    if (loss < before * (1 - 1e-13)) failedReleases = 0
    else if (moved === 0 && ++failedReleases > 200) break
  }
  return { status, loss: loss + data.offset, iterations, hops, restarts }
}
