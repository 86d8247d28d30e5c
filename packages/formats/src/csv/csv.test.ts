import { rational, toNumber, toText } from '@nadir/arithmetic'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { InputError } from '../errors.ts'
import { doubles, fractions } from '../testing/arbitrary-network.ts'
import { decodeTable } from './decode.ts'
import { encodeTable } from './encode.ts'
import { selectColumns } from './select-columns.ts'

const decode = (text: string) => decodeTable(new TextEncoder().encode(text), 'd.csv')
const texts = (text: string): string[][] => decode(text).rows.map((row) => row.map(toText))

test('cells are the exact rationals that are written', () => {
  expect(texts('a,b\n0.1,-1.5e-3\n2/6,+7\n')).toEqual([
    ['1/10', '-3/2000'],
    ['1/3', '7']
  ])
})

test('line ends, byte order mark, quotes, spaces and empty lines do not matter', () => {
  const plain = decode('a,b\n1,2\n3,4\n')
  for (const text of [
    'a,b\r\n1,2\r\n3,4\r\n',
    'a,b\r1,2\r3,4',
    'a,b\n1,2\r\n3,4',
    '\ufeffa,b\n1,2\n3,4\n',
    '\ufeff"a","b"\n"1","2"\n"3",4',
    'a , b\n 1, 2\n3 ,4\n',
    '\na,b\n\n1,2\n\n\n3,4\n\n'
  ])
    expect(decode(text)).toEqual(plain)
  expect(decode('"a ""x"", y",b\n1,2').columns).toEqual(['a "x", y', 'b'])
})

test('tables read back', () => {
  const name = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 6 })
    .filter((s) => s.trim() === s && !/[\d.\ufeff]/.test(s))
  fc.assert(
    fc.property(
      fc.uniqueArray(name, { minLength: 1, maxLength: 4 }).chain((columns) =>
        fc.tuple(
          fc.constant(columns),
          fc.array(fc.array(fractions, { minLength: columns.length, maxLength: columns.length }), {
            minLength: 1,
            maxLength: 5
          })
        )
      ),
      ([columns, rows]) => {
        expect(decodeTable(encodeTable(columns, rows), 'd.csv')).toEqual({ columns, rows })
      }
    )
  )
})

test('a double that is written reads back as the decimal that names it', () => {
  fc.assert(
    fc.property(doubles, (x) => {
      const [[cell]] = decodeTable(encodeTable(['x'], [[x]]), 'd.csv').rows
      expect(toNumber(cell)).toBe(x === 0 ? 0 : x)
    })
  )
})

test('a ragged row cannot be written', () => {
  expect(() => encodeTable(['a', 'b'], [[1]])).toThrow(RangeError)
})

test('what is wrong is named with row, line and column', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['', 'd.csv: the file is empty'],
    ['\n\n', 'd.csv: the file is empty'],
    ['a,b\n', 'd.csv: a header but no rows'],
    ['a,b\n1,2\n3\n', 'd.csv: row 2 (line 3): expected 2 cells, found 1'],
    ['a,b\n1,2\n\n3,4,5\n', 'd.csv: row 2 (line 4): expected 2 cells, found 3'],
    ['a,b\n1,2\n3,x\n', 'd.csv: row 2 (line 3), column "b": "x" is not a number, expected a decimal'],
    ['a,b\n1,\n', 'row 1 (line 2), column "b": the cell is empty'],
    ['a,b\nNaN,1\n', '"NaN" is not a number (missing and infinite values are not accepted)'],
    ['a,b\n1,-inf\n', '"-inf" is not a number (missing and infinite values are not accepted)'],
    ['a,b\n1,1e999\n', '"1e999" is not a number'],
    ['a,b\n1,1/0\n', '"1/0" is not a number'],
    ['a;b\n1;2\n', 'column "a;b": "1;2" is not a number'],
    ['a,b,a\n1,2,3\n', 'line 1: columns 1 and 3 are both named "a"'],
    ['a,,c\n1,2,3\n', 'line 1: column 2 has no name'],
    ['0.5,1\n0.25,2\n', 'line 1: expected names of columns, found numbers only (0.5, 1)'],
    ['a,b\n1,"2\n3,4\n', 'd.csv: line '],
    ['a,b\n1,2"3\n', 'd.csv: line '],
    [`a\n${'1'.repeat(20_000)}\n`, 'a cell of 20000 characters is too long']
  ]
  for (const [text, message] of cases) {
    expect(() => decode(text)).toThrow(InputError)
    expect(() => decode(text)).toThrow(message)
  }
  expect(() => decodeTable(Uint8Array.of(0x61, 0xff), 'd.csv')).toThrow('d.csv: not a text file')
})

test('whole numbers may name columns', () => {
  expect(decode('0,1\n5,6\n').columns).toEqual(['0', '1'])
})

test('targets and inputs by name', () => {
  const table = decode('a,b,y\n1,2,3\n4,5,6\n')
  const r = (n: number) => rational(BigInt(n))
  expect(selectColumns(table)).toEqual({
    inputs: ['a', 'b'],
    targets: ['y'],
    X: [
      [r(1), r(2)],
      [r(4), r(5)]
    ],
    Y: [[r(3)], [r(6)]]
  })
  const chosen = selectColumns(table, { target: ['b', 'a'], inputs: ['y'] })
  expect([chosen.inputs, chosen.targets, chosen.Y[1]]).toEqual([['y'], ['b', 'a'], [r(5), r(4)]])
  expect(() => selectColumns(table, { target: ['z'], file: 'd.csv' })).toThrow(
    'd.csv: no column "z"; the columns are a, b, y (did you mean a?)'
  )
  expect(() => selectColumns(table, { target: ['y', 'y'] })).toThrow('column "y" is named twice')
  expect(() => selectColumns(table, { target: ['y'], inputs: ['a', 'y'] })).toThrow('both an input and a target')
  expect(() => selectColumns(table, { target: ['a', 'b', 'y'] })).toThrow('no column is left as an input')
  expect(() => selectColumns(table, { target: [] })).toThrow('no target column')
})
