import { type OrthonormalBasis, orthonormalBasis, qlIterate } from '@nadir/kernels'
import { randomStream } from '../random.ts'
import type { SymmetricOperator } from './operator.ts'

/** What long work asks and tells while it runs. */
export interface Watch {
  /** Asked between products; work ends with what it has when the answer is true. */
  readonly stop?: (() => boolean) | undefined
  readonly progress?: ((done: number, total: number) => void) | undefined
}

/**
 * The tridiagonal matrix of a Krylov space: A Q = Q T + beta[steps-1] q e^T, T with diagonal alpha and beta[0..steps-2] beside it.
 * `exhausted`: the last beta vanishes, the eigenvalues of T are eigenvalues of A.
 */
export interface Tridiagonal {
  readonly alpha: readonly number[]
  readonly beta: readonly number[]
  readonly exhausted: boolean
}

/** A stream of random numbers for probes. The first numbers of streams with small seeds resemble each other: they are skipped. */
export function probeStream(seed: number): () => number {
  const random = randomStream(seed)
  for (let k = 0; k < 20; k++) random()
  return random
}

/** Entries of independent random signs. */
export function randomSigns(size: number, seed: number): Float64Array {
  const random = probeStream(seed)
  return Float64Array.from({ length: size }, () => (random() < 0.5 ? -1 : 1))
}

/** Where a run of Lanczos' method stands: everything that the next step needs. The vectors are rows of one array. */
export interface KrylovState {
  readonly alpha: readonly number[]
  readonly beta: readonly number[]
  readonly vectors: Float64Array
  /** The next direction, not yet of unit length; undefined when nothing is left to do. */
  readonly next: Float64Array | undefined
}

/** Independent entries in (-1, 1): unlike random signs in few dimensions, never dependent on earlier ones. */
function randomDirection(size: number, seed: number): Float64Array {
  const random = probeStream(seed)
  return Float64Array.from({ length: size }, () => 2 * random() - 1)
}

/**
 * One step after the other of Lanczos' method with full reorthogonalisation, in a basis of `capacity` vectors, from a start vector or from
 * where an earlier run stood: the same numbers as without the break. With `restart`, an invariant subspace is followed by a new random
 * direction (beta = 0), so that eigenvalues of higher multiplicity come too. Approximate.
 */
function lanczosSteps(
  operator: SymmetricOperator,
  from: Float64Array | KrylovState,
  capacity: number,
  restart?: (count: number) => Float64Array
) {
  const { size } = operator
  const basis = orthonormalBasis(size, capacity)
  const known: KrylovState =
    from instanceof Float64Array ? { alpha: [], beta: [], vectors: new Float64Array(0), next: from } : from
  const alpha = [...known.alpha]
  const beta = [...known.beta]
  for (let k = 0; k < alpha.length; k++) basis.append(known.vectors.subarray(k * size, (k + 1) * size), 1)
  let scale = alpha.reduce((a, x, k) => Math.max(a, Math.abs(x) + beta[k]! + (k > 0 ? beta[k - 1]! : 0)), 0)
  let next = known.next
  return {
    basis,
    alpha,
    beta,
    exhausted: () => next === undefined || alpha.length === size,
    state(): KrylovState {
      const vectors = new Float64Array(alpha.length * size)
      for (let k = 0; k < alpha.length; k++) vectors.set(basis.vector(k), k * size)
      return { alpha: [...alpha], beta: [...beta], vectors, next }
    },
    /** False when nothing is left to do. */
    step(): boolean {
      if (!next || alpha.length === capacity) return false
      basis.append(next, 1 / norm(next))
      const w = operator.multiply([basis.peek(alpha.length)])[0]!
      const last = beta.at(-1) ?? 0
      const { alpha: a, norm: left } = basis.nextDirection(w, last)
      alpha.push(a)
      let b = left
      scale = Math.max(scale, Math.abs(a) + b + last)
      next = w
      if (b <= 1e-14 * Math.sqrt(size) * scale) {
        b = 0
        next = alpha.length < size ? restart?.(beta.filter((x) => x === 0).length + 1) : undefined
        if (next) basis.orthogonalise(next)
      }
      beta.push(b)
      return true
    }
  }
}

/** Lanczos' method from one start vector or from where an earlier run stood, to the wanted number of steps or to an invariant subspace. */
export function lanczos(
  operator: SymmetricOperator,
  from: Float64Array | KrylovState,
  steps: number,
  watch: Watch = {}
): Tridiagonal & { readonly state: () => KrylovState } {
  const wanted = Math.min(steps, operator.size)
  const run = lanczosSteps(operator, from, wanted)
  while (!watch.stop?.() && run.step()) watch.progress?.(run.alpha.length, wanted)
  return { alpha: run.alpha, beta: run.beta, exhausted: run.exhausted(), state: run.state }
}

/** The first steps of a run, which are those of a shorter run from the same start; they end where the start's Krylov space does. */
export function leadingPart({ alpha, beta, exhausted }: Tridiagonal, steps: number): Tridiagonal {
  const end = beta.indexOf(0)
  const length = end < 0 ? alpha.length : end + 1
  const taken = Math.min(steps, length)
  return {
    alpha: alpha.slice(0, taken),
    beta: beta.slice(0, taken),
    exhausted: taken === length && (end >= 0 || exhausted)
  }
}

/** Eigenvalues of T (ascending) with the first and the last component of each eigenvector. Approximate. */
export function ritzValues(t: { readonly alpha: readonly number[]; readonly beta: readonly number[] }): {
  readonly values: Float64Array
  readonly first: Float64Array
  readonly last: Float64Array
} {
  const n = t.alpha.length
  const diagonal = Float64Array.from(t.alpha)
  const beside = Float64Array.from({ length: n }, (_, k) => (k === 0 ? 0 : t.beta[k - 1]!))
  const first = new Float64Array(n)
  const last = new Float64Array(n)
  if (n > 0) first[0] = last[n - 1] = 1
  qlIterate(diagonal, beside, (k, c, s) => {
    for (const row of [first, last]) {
      const x = row[k]!
      const y = row[k + 1]!
      row[k] = c * x - s * y
      row[k + 1] = s * x + c * y
    }
  })
  const order = Array.from(diagonal.keys()).sort((a, b) => diagonal[a]! - diagonal[b]!)
  const take = (from: Float64Array) => Float64Array.from(order, (k) => from[k]!)
  return { values: take(diagonal), first: take(first), last: take(last) }
}

/** An approximate eigenvalue and a radius: some eigenvalue lies within `error` of `value` (residual norm, and room for rounding). */
export interface BoundedEigenvalue {
  readonly value: number
  readonly error: number
}

export interface ExtremalEigenvalues {
  /** Descending from the largest, ascending from the smallest (the most negative). */
  readonly largest: readonly BoundedEigenvalue[]
  readonly smallest: readonly BoundedEigenvalue[]
  /** The unit vector of the smallest Ritz value. */
  readonly lowest: Float64Array
  readonly products: number
  /** Whether all radii are below the tolerance. */
  readonly converged: boolean
  /** Work was stopped before its end. */
  readonly stopped: boolean
  /** The Krylov space that they come from. */
  readonly tridiagonal: Tridiagonal
  /** To go on later, when work was stopped. */
  readonly state: () => KrylovState
}

/**
 * The largest and the smallest eigenvalues of an operator by Lanczos' method with full reorthogonalisation, until their residuals are below
 * tolerance * |A|. A radius proves an eigenvalue near the value; that none lies further out is true with probability 1 in exact arithmetic,
 * not proved. Approximate.
 */
export function extremalEigenvalues(
  operator: SymmetricOperator,
  options: {
    largest: number
    smallest: number
    tolerance?: number
    steps?: number
    seed?: number
    from?: KrylovState | undefined
  } & Watch
): ExtremalEigenvalues {
  const { largest, smallest, tolerance = 1e-11, seed = 0 } = options
  const capacity = Math.min(operator.size, options.steps ?? 300)
  const restart = (count: number) => randomDirection(operator.size, seed + 7919 * count)
  const run = lanczosSteps(operator, options.from ?? randomSigns(operator.size, seed), capacity, restart)
  const step = () => !options.stop?.() && run.step()
  for (;;) {
    // Every tenth step shows how far the radii are, wherever a resumed run began.
    let going = step()
    while (going && run.alpha.length % 10 !== 0) {
      options.progress?.(run.alpha.length, capacity)
      going = step()
    }
    const { values, last } = ritzValues(run)
    const n = values.length
    const scale = Math.max(Math.abs(values[0] ?? 0), Math.abs(values[n - 1] ?? 0))
    const residual = run.beta.at(-1) ?? 0
    const rounding = 4 * Number.EPSILON * Math.sqrt(n) * scale
    const bounded = (k: number): BoundedEigenvalue => ({
      value: values[k]!,
      error: Math.abs(residual * last[k]!) + rounding
    })
    const top = Array.from({ length: Math.min(largest, n) }, (_, k) => bounded(n - 1 - k))
    const bottom = Array.from({ length: Math.min(smallest, n) }, (_, k) => bounded(k))
    const converged = [...top, ...bottom].every((e) => e.error <= tolerance * scale)
    if (going && !(converged && n >= largest + smallest)) continue
    return {
      largest: top,
      smallest: bottom,
      lowest: n === 0 ? new Float64Array(operator.size) : lowestVector(run, run.basis),
      products: n,
      converged,
      stopped: !going && !run.exhausted() && n < capacity,
      tridiagonal: { alpha: run.alpha, beta: run.beta, exhausted: run.exhausted() },
      state: run.state
    }
  }
}

/** The Ritz vector of the smallest eigenvalue of T. */
function lowestVector(t: { alpha: readonly number[]; beta: readonly number[] }, basis: OrthonormalBasis): Float64Array {
  const n = t.alpha.length
  const diagonal = Float64Array.from(t.alpha)
  const beside = Float64Array.from({ length: n }, (_, k) => (k === 0 ? 0 : t.beta[k - 1]!))
  const rows = Array.from({ length: n }, (_, k) => {
    const row = new Float64Array(n)
    row[k] = 1
    return row
  })
  qlIterate(diagonal, beside, (k, c, s) => {
    const x = rows[k]!
    const y = rows[k + 1]!
    for (let j = 0; j < n; j++) {
      const a = x[j]!
      x[j] = c * a - s * y[j]!
      y[j] = s * a + c * y[j]!
    }
  })
  return basis.combine(rows[diagonal.indexOf(Math.min(...diagonal))]!)
}

export function dot(x: Float64Array, y: Float64Array): number {
  let sum = 0
  for (let k = 0; k < x.length; k++) sum += x[k]! * y[k]!
  return sum
}

export const norm = (x: Float64Array): number => Math.sqrt(dot(x, x))
