import { readFile } from 'node:fs/promises'
import * as zlib from 'node:zlib'
import { fromNumber, parseExact, type Rational } from '@nadir/arithmetic'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { InputError } from '../errors.ts'
import { readTable } from '../files.ts'
import { decodeParquetTable } from './decode.ts'
import { readRuns } from './encodings.ts'
import { unpackSnappy } from './snappy.ts'
import { readThrift } from './thrift.ts'

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
  await fails('table-text.parquet', 'column "a" holds texts, not numbers; leave it out or convert it')
  await fails('table-nested.parquet', 'column "a" is nested; only columns of numbers are read')
})

const soundly = (bytes: Uint8Array): void => {
  try {
    const { columns, rows } = decodeParquetTable(bytes, 'd.parquet')
    for (const row of rows) expect(row.length).toBe(columns.length)
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    expect(error.message).not.toMatch(/\n/)
  }
}

test.each(['table.parquet', 'table-gzip.parquet', 'table-plain.parquet', 'table-zstd.parquet'])(
  '%s, damaged anywhere',
  async (name) => {
    const bytes = await bytesOf(name)
    for (let length = 0; length < bytes.length; length += 41) soundly(bytes.slice(0, length))
    const change = fc.tuple(fc.nat({ max: bytes.length - 1 }), fc.nat({ max: 255 }))
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
        const copy = bytes.slice()
        for (const [at, to] of changes) copy[at] = to
        soundly(copy)
      }),
      { numRuns: 150 }
    )
  }
)

const packed = (...bytes: readonly number[]): Uint8Array => Uint8Array.from(bytes)

test('Snappy: literals, copies that overlap what they make, and what is damaged', () => {
  // "ab", then 10 bytes from 2 back: abab...
  expect([...unpackSnappy(packed(12, 4, 97, 98, 0x19, 2), 12)]).toEqual(Array(6).fill([97, 98]).flat())
  expect([...unpackSnappy(packed(4, 0, 1, 10, 1, 0), 4)]).toEqual([1, 1, 1, 1])
  for (const [bytes, message] of [
    [packed(4, 0, 1), 'holds 1 bytes, declared as 4'],
    [packed(5, 0, 1, 10, 1, 0), 'a packed page of 5 bytes, declared as 4'],
    [packed(4, 0, 1, 10, 2, 0), 'refers to before its start'],
    [packed(4, 0, 1, 0xfe, 1, 0), 'holds more than it declares'],
    [packed(4, 0xfc, 255, 255, 255, 255), 'holds more than it declares'],
    [packed(255, 255, 255, 255, 255, 255), 'without a length'],
    [packed(4, 12, 1), 'a packed page ends too early']
  ] as const)
    expect(() => unpackSnappy(bytes, 4)).toThrow(message)
})

test('runs believe no count', () => {
  const runs = (bytes: readonly number[], width: number, count: number) => [
    ...readRuns({ bytes: packed(...bytes), at: 0 }, width, count)
  ]
  // Three times 5; then eight of one bit: 0xb2 from the lowest.
  expect(runs([6, 5], 3, 3)).toEqual([5, 5, 5])
  expect(runs([3, 0xb2], 1, 8)).toEqual([0, 1, 0, 0, 1, 1, 0, 1])
  // A run of 2^60 values fills what there is.
  expect(runs([0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x20, 1], 1, 4)).toEqual([1, 1, 1, 1])
  expect(() => runs([0, 0], 1, 4)).toThrow('a run of no values')
  expect(() => runs([], 1, 4)).toThrow('a page ends too early')
  expect(() => runs([6, 5], 33, 3)).toThrow('runs of 33 bits')
})

test('Thrift: lists and structures are no longer and no deeper than the bytes', () => {
  const read = (...bytes: readonly number[]) => readThrift(packed(...bytes), 0, bytes.length)
  expect(read(0x15, 5, 0).value).toEqual(new Map([[1, -3]]))
  expect(read(0x19, 0x21, 1, 0, 0).value).toEqual(new Map([[1, [true, false]]]))
  expect(() => read(0x19, 0xf5, 255, 255, 255, 255, 15)).toThrow('a list of 4294967295 items runs past the end')
  expect(() => read(...Array(40).fill(0x1c))).toThrow('nested too deeply')
  expect(() => read(0x15)).toThrow('runs past its end')
})
