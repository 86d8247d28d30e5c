import { reject } from '../outcome.ts'
import { subdifferentialOf } from '../subdifferential.ts'
import type { Context } from './context.ts'

const sumOf = (rows: readonly (readonly bigint[])[], members: readonly number[], output: number): bigint =>
  members.reduce((sum, member) => sum + rows[member][output], 0n)

/**
 * Rejects unless, for every class of samples with equal inputs, zero is a sum of subgradients of its losses: then no
 * function of the inputs does better.
 */
export const requireSameInputBound = ({ problem, samples, evaluation }: Context): void => {
  const { low, high } = subdifferentialOf(problem, samples, evaluation)
  const groups = new Map<string, number[]>()
  for (const [sample, row] of samples.inputs.rows.entries()) {
    const key = row.map((entry) => entry.toString(16)).join()
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [sample])
    else group.push(sample)
  }
  for (const members of groups.values()) {
    for (let output = 0; output < problem.network.outputs; output += 1) {
      if (sumOf(low, members, output) <= 0n && sumOf(high, members, output) >= 0n) continue
      reject('same-input-bound', `the samples with the inputs of sample ${members[0]} could do better together`)
    }
  }
}
