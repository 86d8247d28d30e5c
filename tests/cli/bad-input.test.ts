import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { example, filesIn, folder, nadir } from './nadir.ts'

const model = example('xor-2-2-1-relu.onnx')
const data = example('xor.csv')
const onnx = readFileSync(model)

const deep = `${'['.repeat(5000)}${']'.repeat(5000)}`
const hugeHeader = new Uint8Array(16)
new DataView(hugeHeader.buffer).setBigUint64(0, 1n << 60n, true)

/** What is wrong, the command, and what the one line must name. */
const cases: [string, Record<string, string | Uint8Array>, string[], RegExp][] = [
  ['missing data', {}, ['certify', model, 'none.csv'], /none\.csv.*no such file/],
  ['missing model', {}, ['certify', 'none.onnx', data], /none\.onnx.*no such file/],
  ['wrong extension of the data', { 'x.txt': 'a,b,y\n1,2,3\n' }, ['certify', model, 'x.txt'], /x\.txt.*\.csv/],
  ['wrong extension of the model', { 'm.bin': 'x' }, ['certify', 'm.bin', data], /m\.bin.*\.onnx/],
  ['empty CSV', { 'd.csv': '' }, ['certify', model, 'd.csv'], /d\.csv.*empty/],
  ['header only', { 'd.csv': 'a,b,y\n' }, ['certify', model, 'd.csv'], /d\.csv.*no rows/],
  ['ragged CSV', { 'd.csv': 'a,b,y\n1,2,3\n1,2\n' }, ['certify', model, 'd.csv'], /row 2 \(line 3\).*3 cells.*2/],
  ['non-numeric cell', { 'd.csv': 'a,b,y\n1,x,3\n' }, ['certify', model, 'd.csv'], /row 1.*column "b".*"x"/],
  ['NaN', { 'd.csv': 'a,b,y\n1,NaN,3\n' }, ['certify', model, 'd.csv'], /row 1.*"b".*NaN/],
  ['infinity', { 'd.csv': 'a,b,y\n1,2,inf\n' }, ['certify', model, 'd.csv'], /row 1.*"y".*inf/],
  ['duplicate header', { 'd.csv': 'a,a,y\n1,2,3\n' }, ['certify', model, 'd.csv'], /"a"/],
  ['wrong target', {}, ['certify', model, data, '--target', 'z'], /no column "z".*a, b, y/],
  ['wrong inputs', {}, ['certify', model, data, '--inputs', 'a,q'], /no column "q"/],
  ['inputs that do not fit', {}, ['certify', model, example('iris.csv')], /takes 2 inputs.*gives 4/],
  [
    'targets that do not fit',
    {},
    ['certify', example('iris-4-8-1-relu.onnx'), example('iris-onehot.csv'), '--target', 'setosa,versicolor,virginica'],
    /1 output.*3 target/
  ],
  ['truncated ONNX', { 'm.onnx': onnx.subarray(0, 200) }, ['certify', 'm.onnx', data], /m\.onnx: byte \d+/],
  ['text as ONNX', { 'm.onnx': 'hello, world, this is no network' }, ['certify', 'm.onnx', data], /m\.onnx/],
  [
    'huge safetensors header',
    { 'm.safetensors': hugeHeader },
    ['certify', 'm.safetensors', data, '--network', '2-2-1 relu'],
    /m\.safetensors/
  ],
  ['deeply nested JSON model', { 'm.json': deep }, ['certify', 'm.json', data], /m\.json/],
  [
    'safetensors without architecture',
    { 'm.safetensors': readFileSync(example('diabetes-10-16-1-relu.safetensors')) },
    ['certify', 'm.safetensors', example('diabetes.csv')],
    /--network/
  ],
  ['unknown loss', {}, ['certify', model, data, '--loss', 'cubic'], /cubic|squared/],
  ['unknown verb', {}, ['frobnicate'], /unknown command/],
  ['missing argument', {}, ['certify', model], /missing required argument/],
  ['bad weight decay', {}, ['certify', model, data, '--weight-decay', '-1'], /weight-decay/],
  ['no data to train on', {}, ['train', 'none.csv'], /none\.csv/],
  ['bad hidden sizes', {}, ['train', data, '--hidden', 'many'], /many/],
  ['converting to an unknown format', {}, ['convert', model, 'm.xyz'], /m\.xyz/],
  ['out is a file', { taken: 'x' }, ['certify', model, data, '--out', 'taken'], /taken/]
]

test.each(cases)('%s: exit 2, one clear line, nothing written', (_, files, args, pattern) => {
  const cwd = folder(files)
  const { code, out, error } = nadir(args, cwd)
  expect(code).toBe(2)
  expect(out).toBe('')
  const [line, ...rest] = error
    .trim()
    .split('\n')
    .filter((l) => !l.startsWith('(nadir'))
  expect(line).toMatch(pattern)
  expect(line!.length).toBeLessThan(400)
  expect(rest).toEqual([])
  expect(filesIn(cwd)).toEqual(Object.keys(files).sort())
})

const certificates: [string, string | Uint8Array][] = [
  ['empty', ''],
  ['deep nesting', deep],
  ['not JSON', 'certificate'],
  ['a number of a million digits', `{"format":"nadir-certificate/1","problem":${'9'.repeat(1_000_000)}}`],
  ['binary', new Uint8Array(1000).fill(255)]
]
test.each(certificates)('a hostile certificate (%s) is declined or refused in one line', (_, content) => {
  const { code, out, error } = nadir(['check', 'c.json'], folder({ 'c.json': content }))
  expect(code).toBe(2)
  expect((out + error).trim().split('\n')).toHaveLength(1)
})

test('a loss that leaves the rationals: the trained point is not stationary, by enclosures, and it leads to a network that separates the samples', () => {
  const moons = ['certify', example('moons-2-16-1-relu-logistic.onnx'), example('moons.csv'), '--json']
  const { code, out } = nadir([...moons, '--loss', 'logistic', '--reduction', 'mean'], folder())
  const verdict = JSON.parse(out)
  expect(code).toBe(0)
  expect(verdict.given.claim).toBe('not-stationary')
  expect(verdict.given.loss.approx).toBeCloseTo(0.11500264, 7)
  expect(verdict.given.bounds[0]).toBeLessThan(verdict.given.loss.approx)
  expect(verdict.given.bounds[1]).toBeGreaterThan(verdict.given.loss.approx)
  expect(verdict.settled.claim).toBe('no-minimum')
})
