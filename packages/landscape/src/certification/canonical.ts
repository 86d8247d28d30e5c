import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'

/** A JSON value as the certificate format allows it: counts are the only numbers. */
export type Json = string | number | boolean | readonly Json[] | { readonly [key: string]: Json }

/** The value without white space, the keys of every object ascending. */
export function canonicalText(value: Json): string {
  if (typeof value !== 'object') return JSON.stringify(value)
  if (isList(value)) return `[${value.map(canonicalText).join(',')}]`
  const fields = Object.keys(value).sort()
  return `{${fields.map((key) => `${JSON.stringify(key)}:${canonicalText(value[key]!)}`).join(',')}}`
}

const isList = (value: object): value is readonly Json[] => Array.isArray(value)

/** SHA-256 of the canonical text, as `sha256:` and 64 hexadecimal digits. */
export const digest = (value: Json): string => `sha256:${bytesToHex(sha256(utf8ToBytes(canonicalText(value))))}`
