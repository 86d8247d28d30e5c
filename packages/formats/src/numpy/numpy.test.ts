import { entry, rational, toText } from '@nadir/arithmetic'
import { toExact, toFloat } from '@nadir/landscape'
import { zipSync } from 'fflate'
import { describe, expect, test } from 'vitest'
import { InputError } from '../errors.ts'
import { readModel, readTable } from '../files.ts'
import { decodeNumpyModel, decodeNumpyTable } from './decode.ts'
import { decodeNpy } from './npy.ts'

const path = (name: string): string => new URL(`../../../../tests/files/${name}`, import.meta.url).pathname

/** A `.npy` file of format 1.0 with this header and data. */
function npy(header: string, data: ArrayBuffer = new ArrayBuffer(0)): Uint8Array {
  const text = new TextEncoder().encode(header)
  const bytes = new Uint8Array(10 + text.length + data.byteLength)
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, text.length & 255, text.length >> 8])
  bytes.set(text, 10)
  bytes.set(new Uint8Array(data), 10 + text.length)
  return bytes
}
const header = (descr: string, shape: string, order = 'False'): string =>
  `{'descr': '${descr}', 'fortran_order': ${order}, 'shape': (${shape}), }`
const doubles = (...values: number[]): ArrayBuffer => Float64Array.from(values).buffer

test.each(['diabetes-10-16-1-relu.npz', 'in-out.npz', 'vector.npy'])(
  '%s holds the parameters of the .pt file',
  async (name) => {
    const network = '10-16-1 relu'
    const expected = await readModel(path('diabetes-10-16-1-relu.pt'), { network })
    const { network: read, parameters, notes } = await readModel(path(name), { network })
    expect({ network: read, parameters }).toEqual({ network: expected.network, parameters: expected.parameters })
    expect(notes.some((note) => note === 'weights are stored [in, out], as the shapes show, and are read so')).toBe(
      name === 'in-out.npz'
    )
  }
)

test('square weights do not show how they are stored, and that is said', () => {
  const W = npy(header('<f8', '2, 2'), doubles(1, 2, 3, 4))
  const square = zipSync({ 'first.npy': W, 'second.npy': W })
  const { parameters, notes } = decodeNumpyModel(square, 'w.npz', { network: '2-2-2 relu, no biases' })
  expect([...toFloat(parameters).values]).toEqual([1, 2, 3, 4, 1, 2, 3, 4])
  expect(notes).toContain('square weights do not show how they are stored; they are read as [out, in]')
})

test('every type of numbers, in both orders of bytes and of axes', () => {
  const values = (bytes: Uint8Array, count: number) => {
    const array = decodeNpy(bytes, 'a.npy')
    return Array.from({ length: count }, (_, k) => array.entry(k))
  }
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, -2.5)
  expect(values(npy(header('>f8', '1,'), view.buffer), 1)).toEqual([-2.5])
  expect(values(npy(header('<f4', '2,'), Float32Array.of(0.1, -3).buffer), 2)).toEqual([Math.fround(0.1), -3])
  expect(values(npy(header('<f2', '1,'), Uint16Array.of(0x3c01).buffer), 1)).toEqual([1 + 2 ** -10])
  expect(values(npy(header('<i8', '2,'), BigInt64Array.of(-(2n ** 60n) - 1n, 5n).buffer), 2)).toEqual([
    -(2n ** 60n) - 1n,
    5n
  ])
  expect(values(npy(header('<u8', '1,'), BigUint64Array.of(2n ** 63n + 1n).buffer), 1)).toEqual([2n ** 63n + 1n])
  expect(values(npy(header('|u1', '2,'), Uint8Array.of(255, 1).buffer), 2)).toEqual([255, 1])
  expect(values(npy(header('|b1', '2,'), Uint8Array.of(7, 0).buffer), 2)).toEqual([1, 0])
  expect(values(npy(header('<i4', ''), Int32Array.of(-9).buffer), 1)).toEqual([-9])
  // [[1, 2, 3], [4, 5, 6]], stored column by column.
  expect(values(npy(header('<f8', '2, 3', 'True'), doubles(1, 4, 2, 5, 3, 6)), 6)).toEqual([1, 2, 3, 4, 5, 6])
  // 2 x 2 x 2, entry 100 i + 10 j + k.
  expect(values(npy(header('<f8', '2, 2, 2', 'True'), doubles(0, 100, 10, 110, 1, 101, 11, 111)), 8)).toEqual([
    0, 1, 10, 11, 100, 101, 110, 111
  ])
})

test('tables: columns by the names of arrays, cells exact', async () => {
  const X = npy(header('<f8', '2, 2'), doubles(0.1, 2, 3, 4))
  const y = npy(header('<i8', '2,'), BigInt64Array.of(2n ** 60n + 1n, -1n).buffer)
  const table = decodeNumpyTable(zipSync({ 'X.npy': X, 'y.npy': y }), 'd.npz')
  expect(table.columns).toEqual(['X0', 'X1', 'y'])
  expect(table.rows[0].map(toText)).toEqual(['3602879701896397/36028797018963968', '2', '1152921504606846977'])
  expect(decodeNumpyTable(X, 'd.npy').columns).toEqual(['c0', 'c1'])
  const large = await readTable(path('table.npz'))
  expect(large.columns).toEqual(['x0', 'x1', 'y'])
  expect(large.rows.length).toBe(50)
})

test('parameters are the exact values', () => {
  const bytes = npy(header('<f4', '1, 1'), Float32Array.of(0.1).buffer)
  const model = decodeNumpyModel(bytes, 'w.npy', { network: '1-1 linear, no biases' })
  expect(entry(toExact(model.network, model.parameters).tensors[0], 0)).toEqual(rational(13421773n, 134217728n))
  expect(model.notes).toContain('parameters are stored as float32; their exact values are used')
  expect(toFloat(model.parameters).values[0]).toBe(Math.fround(0.1))
})

describe('hostile files', () => {
  const cases: readonly (readonly [string, Uint8Array, string])[] = [
    ['something else', new TextEncoder().encode('a,b\n1,2\n3,4\n'), 'd.npy: byte 0: not a NumPy array'],
    ['cut off', npy(header('<f8', '2,'), doubles(1)), 'shape (2) of float64 needs 16 bytes, found 8'],
    ['a huge shape', npy(header('<f8', '4611686018427387904,')), 'is too large'],
    ['a product that overflows', npy(header('<f8', '4294967296, 4294967296, 0')), 'has no rows'],
    ['a negative size', npy(header('<f8', '-1,')), 'the header is not understood'],
    ['objects', npy(header('|O', '1,'), doubles(1)), 'holds Python objects, which are not read'],
    [
      'records',
      npy("{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (1,), }"),
      'arrays of records are not read'
    ],
    ['complex numbers', npy(header('<c16', '1,')), 'entries of type "<c16" are not read'],
    [
      'a call in the header',
      npy("{'descr': '<f8', 'fortran_order': False, 'shape': __import__('os')}"),
      'not understood'
    ],
    ['a header past the end', npy(header('<f8', '1,')).subarray(0, 20), 'a header of 57 bytes does not fit'],
    ['a later format', npy(header('<f8', '1,')).fill(9, 6, 7), 'format 9 is not known'],
    ['not a number', npy(header('<f8', '1,'), doubles(Number.NaN)), 'row 1, entry 0: NaN is not a number'],
    [
      'arrays of different lengths',
      zipSync({ 'a.npy': npy(header('<f8', '1,'), doubles(1)), 'b.npy': npy(header('<f8', '2,'), doubles(1, 2)) }),
      'array "b" has 2 rows, the one before it 1'
    ],
    [
      'names that meet',
      zipSync({ 'x.npy': npy(header('<f8', '1, 2'), doubles(1, 2)), 'x1.npy': npy(header('<f8', '1,'), doubles(1)) }),
      'two columns would be named "x1"'
    ],
    ['an archive of something else', zipSync({ 'a.txt': new Uint8Array(3) }), '"a.txt" is no array']
  ]
  test.each(cases)('%s', (_, bytes, message) => {
    expect(() => decodeNumpyTable(bytes, 'd.npy')).toThrow(InputError)
    expect(() => decodeNumpyTable(bytes, 'd.npy')).toThrow(message)
  })

  test('a header that makes a careless pattern slow', () => {
    const begun = npy(`{${"'shape': (1,),".repeat(3000)}`)
    expect(() => decodeNpy(begun, 'd.npy')).toThrow('not understood')
  })
})

test('a vector of the wrong length is said', () => {
  expect(() => decodeNumpyModel(npy(header('<f8', '3,'), doubles(1, 2, 3)), 'v.npy', { network: '1-1 relu' })).toThrow(
    'v.npy: holds 3 numbers, but "1-1 relu" has 2 parameters'
  )
})
