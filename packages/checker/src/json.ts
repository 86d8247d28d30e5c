import { decline } from './outcome.ts'

/**
 * The JSON values that certificates may contain: the only numbers are counts, strings have no escapes,
 * the keys of an object are unique.
 */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject
export type JsonObject = ReadonlyMap<string, Json>

const greatestLength = 64 * 1024 * 1024
const greatestDepth = 32
const greatestValues = 8 * 1024 * 1024
const greatestCount = 2147483647

export const isObject = (json: Json): json is JsonObject => json instanceof Map
export const isList = (json: Json): json is readonly Json[] => Array.isArray(json)

type Reader = { readonly text: string; readonly name: string; at: number; values: number }

const unreadable = (reader: Reader, found: string): never =>
  decline(`unreadable ${reader.name}: at character ${reader.at}, ${found}`)

const skipSpace = (reader: Reader): void => {
  for (;;) {
    const code = reader.text.charCodeAt(reader.at)
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return
    reader.at += 1
  }
}

const found = (reader: Reader): string => {
  if (reader.at >= reader.text.length) return 'the end of the text'
  const code = reader.text.charCodeAt(reader.at)
  return code > 0x20 && code < 0x7f ? `"${reader.text.charAt(reader.at)}"` : `character code ${code}`
}

const plainText = /^[\x20-\x21\x23-\x5b\x5d-\x7f]*$/

const readString = (reader: Reader): string => {
  const end = reader.text.indexOf('"', reader.at + 1)
  if (end < 0) return unreadable(reader, 'a string without an end')
  const content = reader.text.slice(reader.at + 1, end)
  if (!plainText.test(content))
    return unreadable(reader, 'a string with an escape or a character that is not plain ASCII')
  reader.at = end + 1
  return content
}

const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39

const readCount = (reader: Reader): number => {
  const start = reader.at
  let end = start
  while (isDigit(reader.text.charCodeAt(end))) end += 1
  const after = reader.text.charAt(end)
  if (after === '.' || after === 'e' || after === 'E') return unreadable(reader, 'a number that is not a count')
  const digits = reader.text.slice(start, end)
  if (digits.length > 1 && digits.startsWith('0')) return unreadable(reader, 'a count with a leading zero')
  if (digits.length > 10 || BigInt(digits) > BigInt(greatestCount)) {
    return unreadable(reader, `a count above ${greatestCount}`)
  }
  reader.at = end
  return Number(digits)
}

const readWord = <Value extends boolean | null>(reader: Reader, word: string, value: Value): Value => {
  if (!reader.text.startsWith(word, reader.at)) return unreadable(reader, `expected ${word}`)
  reader.at += word.length
  return value
}

const expectMark = (reader: Reader, mark: string): void => {
  if (reader.text.charAt(reader.at) !== mark) unreadable(reader, `expected "${mark}", found ${found(reader)}`)
  reader.at += 1
}

/** Reads `item` again and again, separated by commas, from the opening mark to the closing one. */
const readItems = (reader: Reader, close: string, item: () => void): void => {
  reader.at += 1
  skipSpace(reader)
  if (reader.text.charAt(reader.at) === close) {
    reader.at += 1
    return
  }
  for (;;) {
    item()
    skipSpace(reader)
    if (reader.text.charAt(reader.at) !== ',') break
    reader.at += 1
  }
  expectMark(reader, close)
}

const readList = (reader: Reader, depth: number): readonly Json[] => {
  const items: Json[] = []
  readItems(reader, ']', () => items.push(readValue(reader, depth)))
  return items
}

const readObject = (reader: Reader, depth: number): JsonObject => {
  const fields = new Map<string, Json>()
  readItems(reader, '}', () => {
    skipSpace(reader)
    if (reader.text.charAt(reader.at) !== '"') unreadable(reader, `expected a key, found ${found(reader)}`)
    const start = reader.at
    const key = readString(reader)
    if (fields.has(key)) {
      reader.at = start
      unreadable(reader, 'a key that the object has already')
    }
    skipSpace(reader)
    expectMark(reader, ':')
    fields.set(key, readValue(reader, depth))
  })
  return fields
}

const readValue = (reader: Reader, depth: number): Json => {
  skipSpace(reader)
  reader.values += 1
  if (reader.values > greatestValues) return unreadable(reader, `more than ${greatestValues} values`)
  const mark = reader.text.charAt(reader.at)
  if (mark === '"') return readString(reader)
  if (mark === '{' || mark === '[') {
    if (depth >= greatestDepth) return unreadable(reader, `nesting deeper than ${greatestDepth}`)
    return mark === '{' ? readObject(reader, depth + 1) : readList(reader, depth + 1)
  }
  if (mark >= '0' && mark <= '9') return readCount(reader)
  if (mark === 't') return readWord(reader, 'true', true)
  if (mark === 'f') return readWord(reader, 'false', false)
  if (mark === 'n') return readWord(reader, 'null', null)
  return unreadable(reader, `expected a value, found ${found(reader)}`)
}

/**
 * The one JSON value that the text holds. Declines, naming the character where it stopped, whatever is not strict JSON
 * in the sense of the certificate format, is longer than 64 MiB, nests deeper than 32 or holds more than 2^23 values.
 */
export const parseJson = (text: string, name: string): Json => {
  const reader: Reader = { text, name, at: 0, values: 0 }
  if (text.length > greatestLength) return unreadable(reader, `${text.length} characters, more than ${greatestLength}`)
  const value = readValue(reader, 0)
  skipSpace(reader)
  if (reader.at < text.length) return unreadable(reader, `expected the end of the text, found ${found(reader)}`)
  return value
}

/** The same value without white space, the keys of every object in ascending order of their characters. */
export const canonicalText = (json: Json): string => {
  if (typeof json === 'string') return `"${json}"`
  if (isList(json)) return `[${json.map(canonicalText).join(',')}]`
  if (!isObject(json)) return String(json)
  const fields = [...json].sort(([left], [right]) => (left < right ? -1 : 1))
  return `{${fields.map(([key, value]) => `"${key}":${canonicalText(value)}`).join(',')}}`
}
