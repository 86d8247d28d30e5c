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

/**
 * One step after the other of Lanczos' method with full reorthogonalisation, in a basis of `capacity` vectors. With `restart`, an invariant
 * subspace is followed by a new random direction (beta = 0), so that eigenvalues of higher multiplicity come too. Approximate.
 */
function lanczosSteps(
  operator: SymmetricOperator,
  start: Float64Array,
  capacity: number,
  restart?: () => Float64Array
) {
  const basis = orthonormalBasis(operator.size, capacity)
  const alpha: number[] = []
  const beta: number[] = []
  let scale = 0
  let next: Float64Array | undefined = start
  let exhausted = false
  return {
    basis,
    alpha,
    beta,
    exhausted: () => exhausted,
    /** False when nothing is left to do. */
    step(): boolean {
      if (!next || basis.size() === capacity) return false
      basis.append(next, 1 / norm(next))
      const q = basis.vector(basis.size() - 1)
      const w = operator.multiply([q])[0]!
      const a = dot(q, w)
      alpha.push(a)
      const last = beta.at(-1)
      for (let k = 0; k < w.length; k++) w[k] = w[k]! - a * q[k]!
      if (last !== undefined && last !== 0) {
        const previous = basis.vector(basis.size() - 2)
        for (let k = 0; k < w.length; k++) w[k] = w[k]! - last * previous[k]!
      }
      basis.orthogonalise(w)
      let b = norm(w)
      scale = Math.max(scale, Math.abs(a) + b + (last ?? 0))
      next = w
      if (b <= 1e-14 * Math.sqrt(operator.size) * scale) {
        b = 0
        next = basis.size() < Math.min(capacity, operator.size) ? restart?.() : undefined
        if (next) basis.orthogonalise(next)
        exhausted = next === undefined
      }
      if (basis.size() === operator.size) exhausted = true
      beta.push(b)
      return true
    }
  }
}

/** Lanczos' method from one start vector, to the wanted number of steps or to an invariant subspace. */
export function lanczos(
  operator: SymmetricOperator,
  start: Float64Array,
  steps: number,
  watch: Watch = {}
): Tridiagonal {
  const wanted = Math.min(steps, operator.size)
  const run = lanczosSteps(operator, start, wanted)
  while (!watch.stop?.() && run.step()) watch.progress?.(run.alpha.length, wanted)
  return { alpha: run.alpha, beta: run.beta, exhausted: run.exhausted() }
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
}

/**
 * The largest and the smallest eigenvalues of an operator by Lanczos' method with full reorthogonalisation, until their residuals are below
 * tolerance * |A|. A radius proves an eigenvalue near the value; that none lies further out is true with probability 1 in exact arithmetic,
 * not proved. Approximate.
 */
export function extremalEigenvalues(
  operator: SymmetricOperator,
  options: { largest: number; smallest: number; tolerance?: number; steps?: number; seed?: number } & Watch
): ExtremalEigenvalues {
  const { largest, smallest, tolerance = 1e-11, seed = 0 } = options
  const capacity = Math.min(operator.size, options.steps ?? 300)
  let restarts = 0
  const restart = () => randomSigns(operator.size, seed + 7919 * ++restarts)
  const run = lanczosSteps(operator, randomSigns(operator.size, seed), capacity, restart)
  for (;;) {
    const before = run.alpha.length
    while (run.alpha.length < before + 10 && !options.stop?.() && run.step())
      options.progress?.(run.alpha.length, capacity)
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
    if (run.alpha.length - before === 10 && !(converged && n >= largest + smallest)) continue
    return {
      largest: top,
      smallest: bottom,
      lowest: n === 0 ? new Float64Array(operator.size) : lowestVector(run, run.basis),
      products: n,
      converged
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
