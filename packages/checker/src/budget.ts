import { decline } from './outcome.ts'

/** The work and the memory that one check may still use, so that no certificate can keep a checker busy for ever. */
export type Budget = { work: bigint; words: bigint }

/** Well under a minute of multiplications, and half a gigabyte of integers. */
export const newBudget = (): Budget => ({ work: 1n << 33n, words: 1n << 26n })

const operationCost = 32n

const wordsOf = (bits: number): bigint => (BigInt(bits) >> 6n) + 1n

const product = (counts: readonly number[]): bigint => {
  let total = 1n
  for (const count of counts) total *= BigInt(count)
  return total
}

/** Pays for as many multiplications as the product of `counts`, of integers of these lengths, before they are done. */
export const spend = (budget: Budget, counts: readonly number[], leftBits: number, rightBits: number): void => {
  budget.work -= product(counts) * (operationCost + wordsOf(leftBits) * wordsOf(rightBits))
  if (budget.work < 0n) decline('a certificate that asks for more arithmetic than this checker allows itself')
}

/** Pays for storing as many integers as the product of `counts`, of this length. */
export const hold = (budget: Budget, counts: readonly number[], bits: number): void => {
  budget.words -= product(counts) * (wordsOf(bits) + 2n)
  if (budget.words < 0n) decline('a certificate that asks for more memory than this checker allows itself')
}
