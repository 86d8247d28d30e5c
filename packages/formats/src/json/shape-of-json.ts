import { InputError } from '../errors.ts'
import type { Json, JsonArray, JsonNumber, JsonObject } from './json.ts'

/** Views of a JSON value as what a file format expects; `where` (file and path) begins the line of the error. */

export const isArray = (value: Json | undefined): value is JsonArray => Array.isArray(value)
export const isObject = (value: Json | undefined): value is JsonObject => value instanceof Map
export const isNumber = (value: Json | undefined): value is JsonNumber =>
  typeof value === 'object' && value !== null && !isArray(value) && !isObject(value)

const named = (value: Json | undefined): string => {
  if (value === undefined) return 'nothing'
  if (isArray(value)) return 'a list'
  if (isObject(value)) return 'an object'
  if (isNumber(value)) return value.text.slice(0, 40)
  return JSON.stringify(value).slice(0, 40)
}

export const expected = (what: string, value: Json | undefined, where: string): InputError =>
  new InputError(`${where}: expected ${what}, found ${named(value)}`)

export function asObject(value: Json | undefined, where: string, keys?: readonly string[]): JsonObject {
  if (!isObject(value)) throw expected('an object', value, where)
  for (const key of value.keys())
    if (keys && !keys.includes(key))
      throw new InputError(`${where}: unknown key "${key}"; the keys are ${keys.join(', ')}`)
  return value
}

export function asArray(value: Json | undefined, where: string): JsonArray {
  if (!isArray(value)) throw expected('a list', value, where)
  return value
}

export function asText(value: Json | undefined, where: string): string {
  if (typeof value !== 'string') throw expected('a string', value, where)
  return value
}

/** A whole number from `least` up to 2^53 - 1, written without point or exponent. */
export function asCount(value: Json | undefined, least: number, where: string): number {
  const n = isNumber(value) && /^\d+$/.test(value.text) ? Number(value.text) : Number.NaN
  if (!Number.isSafeInteger(n) || n < least) throw expected(`a whole number, at least ${least}`, value, where)
  return n
}

/** `length` whole numbers. */
export function asCounts(value: Json | undefined, length: number, least: number, where: string): number[] {
  const list = asArray(value, where)
  if (list.length !== length) throw new InputError(`${where}: expected ${length} numbers, found ${list.length}`)
  return list.map((n, i) => asCount(n, least, `${where}[${i}]`))
}
