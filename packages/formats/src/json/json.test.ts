import fc from 'fast-check'
import { expect, test } from 'vitest'
import { InputError } from '../errors.ts'
import { type Json, parseJson } from './json.ts'
import { isArray, isNumber, isObject } from './shape-of-json.ts'

/** The value as JSON.parse gives it: numbers become doubles. */
function plain(json: Json): unknown {
  if (isArray(json)) return json.map(plain)
  if (isObject(json)) return new Map([...json].map(([k, v]) => [k, plain(v)]))
  return isNumber(json) ? Number(json.text) : json
}
const asMaps = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(asMaps)
  if (value === null || typeof value !== 'object') return value
  return new Map(Object.entries(value).map(([k, v]) => [k, asMaps(v)]))
}
const parsed = (text: string): Json | undefined => {
  try {
    return parseJson(text, 'x.json')
  } catch (error) {
    expect(error).toBeInstanceOf(InputError)
    return undefined
  }
}

test('every JSON value reads as JSON.parse reads it', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 5 }), fc.constantFrom(0, 1, '\t'), (text, indent) => {
      const spaced = JSON.stringify(JSON.parse(text), null, indent)
      expect(plain(parseJson(spaced, 'x.json'))).toEqual(asMaps(JSON.parse(text)))
    })
  )
})

test('what JSON.parse refuses is refused, and the reverse', () => {
  const token = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"a"',
    '"b"',
    '"\\u00e9"',
    '"\\x"',
    '"',
    '1',
    '-',
    '01',
    '1.',
    '.5',
    '1e5',
    'true',
    'nul',
    ' ',
    '\n',
    '\u00a0',
    '\\'
  )
  fc.assert(
    fc.property(fc.array(token, { maxLength: 8 }), (tokens) => {
      const text = tokens.join('')
      let standard: unknown
      let accepted = true
      try {
        standard = JSON.parse(text)
      } catch {
        accepted = false
      }
      const ours = parsed(text)
      if (ours !== undefined) expect([accepted, plain(ours)]).toEqual([true, asMaps(standard)])
      // Duplicate keys are the one thing that the standard parser lets pass.
      else if (accepted) expect(text.match(/"a"/g)?.length === 2 || text.match(/"b"/g)?.length === 2).toBe(true)
    }),
    { numRuns: 6_000 }
  )
})

test('numbers keep their digits', () => {
  const text = '[0.1, -0, 1e400, 123456789012345678901234567890.5]'
  expect(parseJson(text, 'x')).toEqual(
    ['0.1', '-0', '1e400', '123456789012345678901234567890.5'].map((t) => ({ kind: 'number', text: t }))
  )
})

test('errors tell line and column', () => {
  expect(() => parseJson('{ "a": 1,\n  "b": ]', 'm.json')).toThrow(
    'm.json: line 2, column 8: expected a JSON value, found "]"'
  )
  expect(() => parseJson('', 'm.json')).toThrow(
    'm.json: line 1, column 1: expected a JSON value, found the end of the file'
  )
  expect(() => parseJson('{"a":1,"a":2}', 'm.json')).toThrow('"a" is there twice')
  expect(() => parseJson('"a\nb"', 'm.json')).toThrow('line 1, column 3: expected the end of a string')
})

test('nesting is bounded', () => {
  const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)
  expect(parsed(nested(60))).toBeDefined()
  expect(() => parseJson(nested(100_000), 'x')).toThrow('levels of nesting')
  expect(() => parseJson('{"a":'.repeat(100_000), 'x')).toThrow('levels of nesting')
})
