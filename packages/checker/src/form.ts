import { type Budget, spend } from './budget.ts'
import { isList, isObject, type Json, type JsonObject } from './json.ts'
import { decline } from './outcome.ts'
import type { Rational } from './rational.ts'

const greatestDigits = 200_000

/** The length of the text pays for integers up to this length; longer ones take more time than the text. */
const shortDigits = 1000

const misfit = (where: string, expected: string): never => decline(`unreadable ${where}: expected ${expected}`)

export const readObject = (json: Json, where: string): JsonObject =>
  isObject(json) ? json : misfit(where, 'an object')

/** The values of exactly these fields; declines an object that lacks one or has another. */
export const readFields = <Name extends string>(
  json: Json,
  where: string,
  names: readonly Name[]
): Readonly<Record<Name, Json>> => {
  const object = readObject(json, where)
  const known: readonly string[] = names
  for (const key of object.keys()) {
    if (!known.includes(key)) return decline(`unreadable ${where}: unknown field "${key.slice(0, 40)}"`)
  }
  const entries = names.map((name): [Name, Json] => {
    const value = object.get(name)
    return [name, value === undefined ? misfit(where, `a field "${name}"`) : value]
  })
  return Object.fromEntries(entries) as Record<Name, Json>
}

export const readList = (json: Json, where: string): readonly Json[] => (isList(json) ? json : misfit(where, 'a list'))

export const readText = (json: Json, where: string): string =>
  typeof json === 'string' ? json : misfit(where, 'a string')

export const readCount = (json: Json, where: string): number =>
  typeof json === 'number' ? json : misfit(where, 'a count')

export const readBoolean = (json: Json, where: string): boolean =>
  typeof json === 'boolean' ? json : misfit(where, 'true or false')

/** One of these names; declines every other as something that this checker does not have. */
export const readName = <Name extends string>(json: Json, where: string, names: readonly Name[]): Name => {
  const text = readText(json, where)
  const name = names.find((candidate) => candidate === text)
  return name === undefined ? decline(`unknown ${where} "${text.slice(0, 40)}"`) : name
}

const integerText = /^(?:0|-?[1-9][0-9]*)$/

const parseInteger = (text: string, where: string, budget: Budget): bigint => {
  if (!integerText.test(text)) return misfit(where, 'an integer in a string')
  const digits = text.startsWith('-') ? text.length - 1 : text.length
  if (digits > greatestDigits) return misfit(where, `at most ${greatestDigits} digits`)
  if (digits > shortDigits) spend(budget, [1], digits * 4, digits * 4)
  return BigInt(text)
}

export const readInteger = (json: Json, where: string, budget: Budget): bigint =>
  parseInteger(readText(json, where), where, budget)

export const readPositive = (json: Json, where: string, budget: Budget): bigint => {
  const value = readInteger(json, where, budget)
  return value > 0n ? value : misfit(where, 'a positive integer')
}

export const readRational = (json: Json, where: string, budget: Budget): Rational => {
  const text = readText(json, where)
  const bar = text.indexOf('/')
  if (bar < 0) return { numerator: parseInteger(text, where, budget), denominator: 1n }
  const numerator = parseInteger(text.slice(0, bar), where, budget)
  const denominator = parseInteger(text.slice(bar + 1), where, budget)
  if (numerator === 0n || denominator < 2n) return misfit(where, 'p/q with p not 0 and q at least 2')
  return { numerator, denominator }
}

/** The integers of a list of strings. */
export const readIntegers = (json: Json, where: string, budget: Budget): readonly bigint[] =>
  readList(json, where).map((item, index) => readInteger(item, `${where}[${index}]`, budget))
