import { type Budget, hold, spend } from './budget.ts'
import { bitLength, greatestCommonDivisor } from './integers.ts'
import type { Problem } from './problem.ts'
import type { Rational } from './rational.ts'

/** Entry k of row i is rows[i][k] / denominator, the denominator positive. Exact. */
export type Scaled = { readonly rows: readonly (readonly bigint[])[]; readonly denominator: bigint }

/** The data of a problem, one row for each sample. */
export type Samples = { readonly inputs: Scaled; readonly targets: Scaled }

/** The rows over the least common denominator of all entries. */
const scaleRows = (rows: readonly (readonly Rational[])[], budget: Budget): Scaled => {
  let denominator = 1n
  let bits = 1
  let widest = 1
  for (const row of rows) {
    for (const entry of row) {
      if (entry.denominator === 1n) continue
      const entryBits = bitLength(entry.denominator)
      if (entryBits > widest) widest = entryBits
      spend(budget, [1], bits, entryBits)
      if (denominator % entry.denominator === 0n) continue
      spend(budget, [entryBits], bits, 1)
      denominator *= entry.denominator / greatestCommonDivisor(denominator, entry.denominator)
      bits = bitLength(denominator)
    }
  }
  hold(budget, [rows.length, rows[0].length], bits)
  spend(budget, [rows.length, rows[0].length], bits, widest)
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
