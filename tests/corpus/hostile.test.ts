import fc from 'fast-check'
import { check, checkDocument, splitDocument } from 'nadir-checker'
import { describe, expect, test } from 'vitest'
import { certificate, type Value } from './digests.ts'
import { corpusFiles } from './files.ts'

const outcomes = ['accepted', 'rejected', 'declined']

const byHand =
  corpusFiles()
    .find(({ name }) => name === 'by-hand')
    ?.text.trimEnd() ?? ''
const original = checkDocument(byHand)

/** Any outcome will do, except the acceptance of something else. */
const expectAnswer = (text: string): void => {
  const outcome = checkDocument(text)
  expect(outcomes).toContain(outcome.outcome)
  if (outcome.outcome === 'accepted') expect(outcome).toEqual(original)
}

describe('no text makes the checker throw', () => {
  test('cut short at every character', () => {
    for (let length = 0; length < byHand.length; length += 1) {
      expect(checkDocument(byHand.slice(0, length)).outcome).toBe('declined')
    }
  })

  test('one character changed', () => {
    const character = fc.integer({ min: 0, max: 0x2ff }).map((code) => String.fromCharCode(code))
    fc.assert(
      fc.property(fc.nat(byHand.length - 1), character, (at, by) =>
        expectAnswer(byHand.slice(0, at) + by + byHand.slice(at + 1))
      ),
      { numRuns: 1000, seed: 1 }
    )
  })

  test('passages moved', () => {
    const place = fc.nat(byHand.length)
    fc.assert(
      fc.property(place, place, place, (from, to, at) => {
        const passage = byHand.slice(Math.min(from, to), Math.max(from, to))
        expectAnswer(byHand.slice(0, at) + passage + byHand.slice(at))
        expectAnswer(byHand.replace(passage, ''))
      }),
      { numRuns: 500, seed: 2 }
    )
  })

  test('arbitrary text and arbitrary JSON', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.json()), fc.json(), (one, other) => {
        for (const text of [one, other]) {
          expect(checkDocument(text).outcome).toBe('declined')
          expect(splitDocument(text)).toMatchObject({ outcome: 'declined' })
        }
        expect(check(one, other, one).outcome).toBe('declined')
      }),
      { numRuns: 300, seed: 3 }
    )
  })

  test('any JSON value in the place of any other', () => {
    const paths: (readonly (string | number)[])[] = []
    const collect = (value: Value, path: readonly (string | number)[]): void => {
      paths.push(path)
      if (value !== null && typeof value === 'object') {
        for (const [key, item] of Object.entries(value)) collect(item, [...path, key])
      }
    }
    const document: Value = JSON.parse(byHand)
    collect(document, [])
    const put = (value: Value, path: readonly (string | number)[], by: unknown): Value => {
      if (path.length === 0) return by as Value
      const copy = structuredClone(value) as Record<string | number, Value>
      copy[path[0]] = put(copy[path[0]], path.slice(1), by)
      return copy as Value
    }
    fc.assert(
      fc.property(fc.constantFrom(...paths), fc.jsonValue(), (path, by) => {
        const changed = put(document, path, by) as unknown as {
          problem: Value
          claim: Value
          proof: { evidence: Value }
        }
        expectAnswer(JSON.stringify(changed))
        // With digests of its own it may be accepted only where nothing was changed.
        if (typeof changed?.problem === 'object' && typeof changed.claim === 'object' && changed.proof?.evidence) {
          const text = JSON.stringify(certificate(changed.problem, changed.claim, changed.proof.evidence))
          expectAnswer(text)
        }
      }),
      { numRuns: 800, seed: 4 }
    )
  })
})

describe('no text keeps the checker busy', () => {
  const relu = { kind: 'two-slope', positive: '1', negative: '0' }
  const problem = (layers: readonly Value[], inputs: readonly Value[], targets: readonly Value[]): Value => ({
    format: 'nadir-problem/1',
    network: { inputs: 1, layers },
    loss: { kind: 'squared', reduction: 'sum' },
    data: { inputs, targets }
  })
  const valueAt = (at: Value): Value => ({ kind: 'value', point: at, loss: '0' })
  const evaluation = { rule: 'evaluation' }
  const outcomeOf = (one: Value, at: Value): string =>
    checkDocument(JSON.stringify(certificate(one, valueAt(at), evaluation))).outcome
  const vector = (numerators: readonly string[]): Value => ({ denominator: '1', numerators })

  test('counts far beyond the data', () => {
    const layers = [
      { kind: 'dense', outputs: 2147483647, bias: true },
      relu,
      { kind: 'dense', outputs: 1, bias: false }
    ]
    expect(outcomeOf(problem(layers, [['1']], [['1']]), [vector(['1'])])).toBe('rejected')
  })

  test('ten thousand activations in a row', () => {
    const layers = [...Array.from({ length: 10_000 }, () => relu), { kind: 'dense', outputs: 1, bias: false }]
    expect(outcomeOf(problem(layers, [['1']], [['1']]), [vector(['1'])])).toBe('accepted')
  })

  test('numbers that grow from layer to layer', () => {
    const dense = { kind: 'dense', outputs: 1, bias: false }
    const layers = Array.from({ length: 40 }, () => dense)
    const at = layers.map(() => vector(['7'.repeat(100_000)]))
    expect(outcomeOf(problem(layers, [['1']], [['1']]), at)).toBe('declined')
  })

  test('more sums than anyone can wait for', () => {
    const count = 20_000
    const layers = [{ kind: 'dense', outputs: count, bias: false }, relu, { kind: 'dense', outputs: 1, bias: false }]
    const rows = Array.from({ length: count }, (_, k) => [`${k}`])
    const at = [vector(rows.flat()), vector(rows.flat())]
    expect(outcomeOf(problem(layers, rows, rows), at)).toBe('declined')
  })

  test('data whose common denominator fills the memory', () => {
    const rows = Array.from({ length: 20_000 }, (_, k) => [`1/${(1n << 80n) + BigInt(2 * k + 1)}`])
    const layers = [{ kind: 'dense', outputs: 1, bias: false }]
    expect(
      outcomeOf(
        problem(
          layers,
          rows,
          rows.map(() => ['0'])
        ),
        [vector(['1'])]
      )
    ).toBe('declined')
  })

  test('integers of two hundred thousand digits', () => {
    const long = '9'.repeat(200_000)
    const layers = [{ kind: 'dense', outputs: 1, bias: false }]
    expect(outcomeOf(problem(layers, [[long]], [[long]]), [vector([long])])).toBe('rejected')
  })

  test('lists without end', () => {
    for (const open of ['[', '{"a":', '[[],', '{"a":[']) {
      expect(checkDocument(open.repeat(200_000)).outcome).toBe('declined')
    }
    expect(checkDocument(`[${'0,'.repeat(9_000_000)}0]`).outcome).toBe('declined')
    expect(checkDocument(' '.repeat(65 * 1024 * 1024)).outcome).toBe('declined')
  })
})
