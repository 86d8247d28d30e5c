import { objective, type Problem } from '@nadir/landscape'

/** The least loss on a short descent from beside a point, along slopes that change at every kink. */
export function descended(problem: Problem, from: Float64Array, size: number, random: () => number): number {
  const target = objective(problem)
  const gradient = new Float64Array(from.length)
  const at = from.map((x) => x + size * (2 * random() - 1))
  let least = target.evaluate(at, gradient)
  for (let step = size / 4; step > size / 1e4; step *= 0.7) {
    const steepest = gradient.reduce((most, g) => Math.max(most, Math.abs(g)), 1e-300)
    for (const [k, g] of gradient.entries()) at[k] = at[k]! - (step * g) / steepest
    least = Math.min(least, target.evaluate(at, gradient))
  }
  return least
}
