import { certificate, type Value } from '../digests.ts'
import { largeInstance } from '../large-instance.ts'
import { accept, type Case, dense, firstOrder, point, problemOf, reject, relu, squared } from './case.ts'

/**
 * Samples on a line, all on the kink: residual `count` at both ends, residual -2 at each of the `count` samples between
 * them, whose classes are concave. The two ends make up for every choice of the others, so this is a local minimum.
 */
export const lineOfConcave = (count: number, evidence: Value): Value => {
  const end = count + 1
  const xs = Array.from({ length: end + 1 }, (_, k) => [k, 0])
  const targets = xs.map(([k]) => [k === 0 || k === end ? -count : 2])
  const problem = problemOf([dense(1), relu, dense(1)], squared, xs, targets)
  const loss = `${count * count + 2 * count}`
  return certificate(problem, { kind: 'local-minimum', loss, point: point([0, 1], [0], [1], [0]) }, evidence)
}

/** The table of `lineOfConcave`, over the denominator count + 1: the ends share each chosen slope -2 by the lever rule. */
const leverTable = (count: number): Value => {
  const end = count + 1
  const rows = Array.from({ length: 1 << count }, (_, row) => {
    let near = 0
    let far = 0
    for (let k = 1; k <= count; k += 1) {
      if (((row >> (k - 1)) & 1) === 0) continue
      near += 2 * (end - k)
      far += 2 * k
    }
    return [
      [0, `${near}`],
      [end, `${far}`]
    ]
  })
  return firstOrder(`${end}`, [rows])
}

export const largeCases = (): readonly Case[] => [
  accept(
    'long-numbers',
    'Weights over a denominator of 3500 bits, v over one of 850 bits, two pairs of units, each with a kink.',
    largeInstance(5, 3, 2)
  ),
  accept(
    'concave-eight-rows',
    'Three concave classes between two others: eight rows.',
    lineOfConcave(3, leverTable(3))
  ),
  accept(
    'concave-4096-rows',
    'Twelve concave classes, as many as a checker may accept.',
    lineOfConcave(12, leverTable(12))
  ),
  reject(
    'concave-4096-rows-missing',
    '\\(c\\)',
    'Twelve concave classes and one row of the 4096.',
    lineOfConcave(12, firstOrder('1', [[[]]]))
  )
]
