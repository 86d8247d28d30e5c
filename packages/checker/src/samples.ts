import { type Budget, hold, spend } from './budget.ts'
import { bitLength, greatestCommonDivisor } from './integers.ts'
import type { Problem } from './problem.ts'
import type { Rational } from './rational.ts'

/** Entry k of row i is rows[i][k] / denominator, the denominator positive. Exact. */
export type Scaled = { readonly rows: readonly (readonly bigint[])[]; readonly denominator: bigint }

/** The data of a problem, one row for each sample. */
export type Samples = { readonly inputs: Scaled; readonly targets: Scaled }

/** The length of the text pays for the common denominator while it is this short. */
const shortBits = 4096

/** The rows over the least common denominator of all entries. */
const scaleRows = (rows: readonly (readonly Rational[])[], budget: Budget): Scaled => {
  const counts = [rows.length, rows[0].length]
  let denominator = 1n
  let measured = 0
  let bits = 4
  let widest = 4
  // Measuring takes time, so the length is measured when the upper bound has doubled; the entries will be as long.
  const measure = (): void => {
    bits = bitLength(denominator)
    hold(budget, counts, bits - measured)
    measured = bits
  }
  for (const row of rows) {
    for (const entry of row) {
      if (entry.denominator === 1n) continue
      const entryBits = bitLength(entry.denominator)
      if (entryBits > widest) widest = entryBits
      if (bits > shortBits) spend(budget, [4], bits, entryBits)
      const rest = denominator % entry.denominator
      if (rest === 0n) continue
      denominator *= entry.denominator / greatestCommonDivisor(entry.denominator, rest)
      bits += entryBits
      if (bits > 2 * measured) measure()
    }
  }
  measure()
  spend(budget, counts, bits, widest)
  return {
    rows: rows.map((row) => row.map((entry) => entry.numerator * (denominator / entry.denominator))),
    denominator
  }
}

/** Inputs and targets as integers, each over one denominator. */
export const scaleSamples = (problem: Problem, budget: Budget): Samples => ({
  inputs: scaleRows(problem.inputs, budget),
  targets: scaleRows(problem.targets, budget)
})
