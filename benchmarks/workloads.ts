import { existsSync, readFileSync } from 'node:fs'
import { type Rational, rational } from '@nadir/arithmetic'
import { decodeTable, selectColumns } from '@nadir/formats'
import { type Dataset, dataset, randomStream } from '@nadir/landscape'

/** A data set of the benchmark with the hidden sizes to train on it. */
export interface Workload {
  readonly name: string
  readonly data: Dataset
  readonly hidden: readonly number[]
}

/** Two folders up from the bundled benchmarks, one up from here. */
const examples = [new URL('../examples/', import.meta.url), new URL('../../examples/', import.meta.url)].find((path) =>
  existsSync(new URL('iris.csv', path))
)!

const thousandths = (x: number): Rational => rational(BigInt(Math.round(x * 1000)), 1000n)

function table(file: string, target: string | readonly string[], rows?: number, keep?: readonly string[]): Dataset {
  const path = new URL(file, examples)
  const { X, Y } = selectColumns(decodeTable(readFileSync(path), file), {
    target: typeof target === 'string' ? [target] : target,
    ...(keep ? { inputs: keep } : {})
  })
  return dataset(X.slice(0, rows), Y.slice(0, rows))
}

/** Columns standardised and rounded to three decimals, duplicates of whole inputs dropped: what a practitioner would feed a network. */
function standardised(d: Dataset): Dataset {
  const { samples: n, inputCount: k } = d
  const rows = new Map<string, { x: Rational[]; y: Rational[] }>()
  const means = Array.from({ length: k }, (_, c) => mean(n, (i) => d.approximateInputs[i * k + c]!))
  const deviations = means.map((m, c) => Math.sqrt(mean(n, (i) => (d.approximateInputs[i * k + c]! - m) ** 2)))
  for (let i = 0; i < n; i++) {
    const x = means.map((m, c) => thousandths((d.approximateInputs[i * k + c]! - m) / deviations[c]!))
    const key = x.map((v) => v.numerator).join(' ')
    if (!rows.has(key))
      rows.set(key, {
        x,
        y: Array.from({ length: d.targetCount }, (_, o) =>
          rational(d.targets.numerators[i * d.targetCount + o]!, d.targets.denominator)
        )
      })
  }
  const kept = [...rows.values()]
  return dataset(
    kept.map((r) => r.x),
    kept.map((r) => r.y)
  )
}

const mean = (n: number, value: (i: number) => number): number => {
  let sum = 0
  for (let i = 0; i < n; i++) sum += value(i)
  return sum / n
}

function generated(n: number, sample: (i: number, random: () => number) => { x: number[]; y: number }): Dataset {
  const random = randomStream(20261122)
  const rows = Array.from({ length: n }, (_, i) => sample(i, random))
  return dataset(
    rows.map((r) => r.x.map(thousandths)),
    rows.map((r) => [thousandths(r.y)])
  )
}

const noise = (random: () => number) => random() + random() + random() - 1.5

const product = () =>
  generated(100, (_, random) => {
    const [a, b] = [4 * random() - 2, 4 * random() - 2]
    return { x: [a, b], y: a * b + 0.2 * noise(random) }
  })

/** 24 pairs of data and size: one and two inputs, iris, wine, diabetes; 2 to 32 hidden units. */
export const workloads = (): Workload[] => [
  { name: 'step1d', hidden: [4, 8], data: generated(21, (i) => ({ x: [-1 + i / 10], y: i > 11 ? 1 : 0 })) },
  { name: 'sine', hidden: [4, 8, 16, 32], data: table('sine.csv', 'y') },
  { name: 'xor', hidden: [2, 4], data: table('xor.csv', 'y') },
  {
    name: 'xor-noisy',
    hidden: [4, 8],
    data: generated(80, (i, random) => {
      const [a, b] = [i & 1, (i >> 1) & 1]
      return { x: [a + 0.3 * noise(random), b + 0.3 * noise(random)], y: a === b ? 0 : 1 }
    })
  },
  { name: 'product', hidden: [4, 8, 16], data: product() },
  { name: 'iris', hidden: [4, 8, 16], data: standardised(table('iris.csv', 'species')) },
  { name: 'wine', hidden: [2, 4, 8, 32], data: table('wine.csv', 'cultivar') },
  { name: 'diabetes-100', hidden: [8], data: table('diabetes.csv', 'progression', 100) },
  { name: 'diabetes', hidden: [4, 8, 16], data: table('diabetes.csv', 'progression') }
]

/** Data with the widths of all hidden layers of one network. */
export interface DeepWorkload {
  readonly name: string
  readonly data: Dataset
  readonly hidden: readonly number[]
}

/** Seven pairs of data and network: two hidden layers, or one with several outputs; 33 to 149 parameters. */
export const deepWorkloads = (): DeepWorkload[] => [
  { name: 'sine-4-4', hidden: [4, 4], data: table('sine.csv', 'y') },
  { name: 'product-4-4', hidden: [4, 4], data: product() },
  { name: 'product-6-6', hidden: [6, 6], data: product() },
  { name: 'iris-6-4', hidden: [6, 4], data: standardised(table('iris.csv', 'species')) },
  {
    name: 'iris-vector-8',
    hidden: [8],
    data: standardised(table('iris-onehot.csv', ['setosa', 'versicolor', 'virginica']))
  },
  { name: 'diabetes-100-8-6', hidden: [8, 6], data: table('diabetes.csv', 'progression', 100) },
  { name: 'diabetes-8-6', hidden: [8, 6], data: table('diabetes.csv', 'progression') }
]
