import { readFile } from 'node:fs/promises'
import * as zlib from 'node:zlib'
import { fromNumber, parseExact, type Rational } from '@nadir/arithmetic'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { InputError } from '../errors.ts'
import { readTable } from '../files.ts'
import { decodeParquetTable } from './decode.ts'

const path = (name: string): string => new URL(`../../../../tests/files/${name}`, import.meta.url).pathname
const bytesOf = async (name: string): Promise<Uint8Array> => new Uint8Array(await readFile(path(name)))

/** Decimals and integers as text, doubles in the hexadecimal of Python. */
const expected = JSON.parse(await readFile(path('table.expected.json'), 'utf8')) as Readonly<
  Record<string, readonly string[]>
>
function cell(text: string): Rational {
  const hex = /^(-?)0x([01])\.([0-9a-f]+)p([+-]\d+)$/.exec(text)
  if (!hex) return parseExact(text)!
  const mantissa = Number.parseInt(hex[2] + hex[3], 16) * 2 ** (-4 * hex[3].length)
  return fromNumber((hex[1] === '-' ? -1 : 1) * mantissa * 2 ** Number(hex[4]))
}
const unpacksZstd = 'zstdDecompressSync' in zlib

test.each([
  'table.parquet',
  'table-gzip.parquet',
  'table-plain.parquet',
  ...(unpacksZstd ? ['table-zstd.parquet'] : [])
])('%s: every cell is exact', async (name) => {
  const { columns, rows } = await readTable(path(name))
  expect(columns).toEqual(name === 'table-plain.parquet' ? ['d', 'y'] : Object.keys(expected))
  expect(rows.length).toBe(50)
  for (const [k, column] of columns.entries()) expect(rows.map((row) => row[k])).toEqual(expected[column].map(cell))
})

test.skipIf(unpacksZstd)('zstd on an older Node is said', async () => {
  await expect(readTable(path('table-zstd.parquet'))).rejects.toThrow(
    'packed with zstd, which Node unpacks from version 22.15'
  )
})

test('what cannot be a table of numbers is said', async () => {
  const fails = async (name: string, message: string) => {
    await expect(readTable(path(name))).rejects.toThrow(InputError)
    await expect(readTable(path(name))).rejects.toThrow(message)
  }
  await fails('table-null.parquet', 'table-null.parquet: row 2, column "a": the cell is empty')
  await fails('table-text.parquet', 'column "a" holds STRING, not numbers; leave it out or convert it')
  await fails('table-nested.parquet', 'nested columns are not read')
})

const soundly = async (bytes: Uint8Array): Promise<void> => {
  try {
    const { columns, rows } = await decodeParquetTable(bytes, 'd.parquet')
    for (const row of rows) expect(row.length).toBe(columns.length)
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    expect(error.message).not.toMatch(/\n/)
  }
}

test.each(['table.parquet', 'table-gzip.parquet', 'table-plain.parquet'])('%s, damaged anywhere', async (name) => {
  const bytes = await bytesOf(name)
  for (let length = 0; length < bytes.length; length += 41) await soundly(bytes.slice(0, length))
  const change = fc.tuple(fc.nat({ max: bytes.length - 1 }), fc.nat({ max: 255 }))
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 3 }), async (changes) => {
      const copy = bytes.slice()
      for (const [at, to] of changes) copy[at] = to
      await soundly(copy)
    }),
    { numRuns: 150 }
  )
})
