import { InputError } from '../errors.ts'
import { deepestJson, mostJsonValues } from '../limits.ts'

/** A JSON number as its text: the decimal is the value, not the double nearest to it. */
export interface JsonNumber {
  readonly kind: 'number'
  readonly text: string
}
export type JsonArray = readonly Json[]
export type JsonObject = ReadonlyMap<string, Json>
export type Json = null | boolean | string | JsonNumber | JsonArray | JsonObject

const space = /[ \t\n\r]*/y
const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const literals: readonly (readonly [string, null | boolean])[] = [
  ['null', null],
  ['true', true],
  ['false', false]
]
const escapes: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t'
}

/**
 * The value of a JSON text (RFC 8259, nothing more), numbers kept as text. Duplicate keys, nesting beyond 64 and more
 * than 4 million values are refused. @throws InputError with line and column
 */
export function parseJson(text: string, name: string): Json {
  let at = 0
  let values = 0

  const fail = (expected: string): never => {
    const before = text.slice(0, at)
    const line = before.split('\n').length
    const column = at - before.lastIndexOf('\n')
    const found =
      at >= text.length ? 'the end of the file' : JSON.stringify(String.fromCodePoint(text.codePointAt(at)!))
    throw new InputError(`${name}: line ${line}, column ${column}: expected ${expected}, found ${found}`)
  }
  const skipSpace = (): void => {
    space.lastIndex = at
    space.test(text)
    at = space.lastIndex
  }
  const take = (character: string): boolean => {
    if (text[at] !== character) return false
    at++
    skipSpace()
    return true
  }

  function string(): string {
    let out = ''
    let start = ++at
    for (;;) {
      const c = text.charCodeAt(at)
      if (c === 0x22) break
      if (!(c >= 0x20)) fail('the end of a string')
      if (c !== 0x5c) {
        at++
        continue
      }
      out += text.slice(start, at)
      const letter = text[at + 1]
      if (letter === 'u') {
        const code = text.slice(at + 2, at + 6)
        if (!/^[0-9a-fA-F]{4}$/.test(code)) fail('four hexadecimal digits after \\u')
        out += String.fromCharCode(Number.parseInt(code, 16))
        at += 6
      } else {
        if (letter === undefined || !Object.hasOwn(escapes, letter)) fail('an escape such as \\n')
        out += escapes[letter]
        at += 2
      }
      start = at
    }
    out += text.slice(start, at++)
    skipSpace()
    return out
  }

  function value(depth: number): Json {
    if (depth > deepestJson) fail(`at most ${deepestJson} levels of nesting`)
    if (++values > mostJsonValues) fail(`at most ${mostJsonValues} values`)
    const c = text[at]
    if (c === '"') return string()
    if (take('[')) {
      const items: Json[] = []
      if (take(']')) return items
      do items.push(value(depth + 1))
      while (take(','))
      return take(']') ? items : fail('"," or "]"')
    }
    if (take('{')) {
      const members = new Map<string, Json>()
      if (take('}')) return members
      do {
        if (text[at] !== '"') fail('a key in double quotes')
        const keyAt = at
        const key = string()
        if (members.has(key)) {
          at = keyAt
          fail(`each key once ("${key}" is there twice)`)
        }
        if (!take(':')) fail('":"')
        members.set(key, value(depth + 1))
      } while (take(','))
      return take('}') ? members : fail('"," or "}"')
    }
    number.lastIndex = at
    const m = number.exec(text)
    if (m) {
      at = number.lastIndex
      skipSpace()
      return { kind: 'number', text: m[0] }
    }
    for (const [word, meaning] of literals)
      if (text.startsWith(word, at)) {
        at += word.length
        skipSpace()
        return meaning
      }
    return fail('a JSON value')
  }

  skipSpace()
  const result = value(0)
  return at === text.length ? result : fail('the end of the file')
}
