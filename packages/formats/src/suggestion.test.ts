import fc from 'fast-check'
import { expect, test } from 'vitest'
import { editDistance, withSuggestion } from './suggestion.ts'

/** The recursive definition. */
const slow = (a: string, b: string): number => {
  if (a === '' || b === '') return a.length + b.length
  const rest = slow(a.slice(1), b.slice(1)) + (a[0] === b[0] ? 0 : 1)
  return Math.min(rest, slow(a.slice(1), b) + 1, slow(a, b.slice(1)) + 1)
}

test('the edit distance is the recursive one', () => {
  const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 5 })
  fc.assert(
    fc.property(word, word, (a, b) => {
      expect(editDistance(a, b)).toBe(slow(a, b))
    })
  )
})

test('a near name is suggested, a far one is not', () => {
  const names = ['sepal_length', 'sepal_width', 'species']
  expect(withSuggestion('no column "specie"', 'columns', 'specie', names)).toBe(
    'no column "specie"; the columns are sepal_length, sepal_width, species (did you mean species?)'
  )
  expect(withSuggestion('no column "y"', 'columns', 'y', names)).toBe(
    'no column "y"; the columns are sepal_length, sepal_width, species'
  )
})
