import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonicalText, type Json, parseJson } from './json.ts'
import { settle } from './outcome.ts'

/** What the reader accepts, as JavaScript has it. */
const plain = (json: Json): unknown =>
  json instanceof Map
    ? Object.fromEntries([...json].map(([key, value]) => [key, plain(value)]))
    : Array.isArray(json)
      ? json.map(plain)
      : json

const text = fc.string({ unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)) })
const key = text.filter((one) => !/["\\]/.test(one) && one !== '__proto__')
const value = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    fc.nat(2147483647),
    key,
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(key, tie('value'), { maxKeys: 4, noNullPrototype: true })
  )
})).value

const feature = (source: string): string => {
  const result = settle(() => parseJson(source, 'text'))
  return typeof result === 'object' && result !== null && 'outcome' in result && result.outcome === 'declined'
    ? result.feature
    : 'read'
}

describe('strict JSON', () => {
  test('reads what JSON.stringify writes, in any layout', () => {
    fc.assert(
      fc.property(value, fc.constantFrom('', ' ', '\t', '   '), (one, indent) => {
        expect(plain(parseJson(JSON.stringify(one, null, indent), 'text'))).toEqual(one)
      }),
      { seed: 11 }
    )
  })

  test('never reads what JSON.parse does not', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), fc.nat(), fc.string({ maxLength: 2 }), (source, at, by) => {
        const place = at % (source.length + 1)
        const changed = source.slice(0, place) + by + source.slice(place + 1)
        if (feature(changed) === 'read') expect(plain(parseJson(changed, 'text'))).toEqual(JSON.parse(changed))
      }),
      { seed: 12, numRuns: 2000 }
    )
  })

  test.each([
    ['[1,2', 'at character 4, expected "]", found the end of the text'],
    ['{"a":1,"a":2}', 'at character 7, a key that the object has already'],
    ['[01]', 'at character 1, a count with a leading zero'],
    ['[1.5]', 'at character 1, a number that is not a count'],
    ['[-1]', 'at character 1, expected a value, found "-"'],
    ['[2147483648]', 'at character 1, a count above 2147483647'],
    ['["a\\n"]', 'at character 1, a string with an escape or a character that is not plain ASCII'],
    ['[] []', 'at character 3, expected the end of the text, found "["'],
    ['nul', 'at character 0, expected null']
  ])('%s is declined', (source, message) => {
    expect(feature(source)).toBe(`unreadable text: ${message}`)
  })

  test('thirty-two levels are read, thirty-three are not', () => {
    expect(feature('['.repeat(32) + ']'.repeat(32))).toBe('read')
    expect(feature('['.repeat(33) + ']'.repeat(33))).toMatch(/nesting deeper than 32/)
    expect(feature('{"a":'.repeat(32) + '1' + '}'.repeat(32))).toBe('read')
    expect(feature('{"a":'.repeat(33) + '1' + '}'.repeat(33))).toMatch(/nesting deeper than 32/)
  })

  test('the largest count is read, keys of prototypes are plain keys', () => {
    expect(plain(parseJson('[2147483647,0]', 'text'))).toEqual([2147483647, 0])
    const object = parseJson('{"__proto__":1,"constructor":2}', 'text')
    expect(canonicalText(object)).toBe('{"__proto__":1,"constructor":2}')
  })
})

describe('canonical text', () => {
  test('is one for all layouts and orders of keys, and a fixed point', () => {
    fc.assert(
      fc.property(value, (one) => {
        const once = canonicalText(parseJson(JSON.stringify(one), 'text'))
        const turned = JSON.stringify(one, (_, part: unknown) =>
          part !== null && typeof part === 'object' && !Array.isArray(part)
            ? Object.fromEntries(Object.entries(part).reverse())
            : part
        )
        expect(canonicalText(parseJson(turned, 'text'))).toBe(once)
        expect(canonicalText(parseJson(once, 'text'))).toBe(once)
        expect(once).not.toMatch(/[\n\t]/)
      }),
      { seed: 13 }
    )
  })

  test('keys ascend by their characters', () => {
    expect(canonicalText(parseJson('{ "b": 1, "a": [ 2, {} ], "B": "x y", "a1": null, "": true }', 'text'))).toBe(
      '{"":true,"B":"x y","a":[2,{}],"a1":null,"b":1}'
    )
  })
})
