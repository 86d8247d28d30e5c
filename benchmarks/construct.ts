/**
 * Builds spurious minima of the theorems on real data, proves them and has every certificate checked.
 *
 *   npm run bench:construct [-- --only diabetes-10-32-1]
 *
 * Columns: P = parameters; points = built and accepted; build, check = CPU seconds; bits = of the largest denominator of the point; KB = of the certificates; MB = peak
 * memory of the process, one process for each row; limit = seconds that building and checking may take.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { bitLength, type Rational, rational } from '@nadir/arithmetic'
import { decodeTable, selectColumns } from '@nadir/formats'
import {
  type ConstructionRequest,
  certificateText,
  type Dataset,
  dataset,
  parameterCount,
  randomStream,
  relu,
  theorems
} from '@nadir/landscape'
import { checkDocument } from 'nadir-checker'
import { cpu } from './measure.ts'

interface Row {
  readonly name: string
  readonly theorem: string
  readonly limit: number
  readonly data: () => Dataset
  readonly request: Partial<ConstructionRequest>
}

const columns = (file: string) => {
  const path = new URL(`../../examples/${file}`, import.meta.url)
  return decodeTable(readFileSync(path), file)
}

const diabetes = (): Dataset => {
  const { X, Y } = selectColumns(columns('diabetes.csv'), { target: ['progression'] })
  return dataset(X, Y)
}

const classes = Array.from({ length: 10 }, (_, k) => `is${k}`)

/** 300 images of 8x8 with ten targets. */
const digits = (): Dataset => {
  const { X, Y } = selectColumns(columns('digits-300-onehot.csv'), { target: classes })
  return dataset(X, Y)
}

/** A thousand images with the digit as target: the 300, and the same moved by one pixel to the right, left, up and down, as many as are needed. */
const thousandDigits = (): Dataset => {
  const { X, Y } = selectColumns(columns('digits-300-onehot.csv'), { target: classes })
  const moves = [
    [0, 0],
    [0, 1],
    [0, -1],
    [1, 0]
  ] as const
  const zero = rational(0n)
  const images = moves.flatMap(([down, right]) =>
    X.map((image): Rational[] =>
      image.map((_, at) => {
        const [row, column] = [Math.floor(at / 8) - down, (at % 8) - right]
        return row < 0 || column < 0 || row > 7 || column > 7 ? zero : image[row * 8 + column]!
      })
    )
  )
  const labels = moves.flatMap(() => Y.map((row) => [rational(BigInt(row.findIndex((y) => y.numerator !== 0n)))]))
  return dataset(images.slice(0, 1000), labels.slice(0, 1000))
}

const one = (theorem: string, name: string, hidden: readonly number[], limit: number, data: () => Dataset): Row => ({
  name,
  theorem,
  limit,
  data,
  request: { hidden }
})

const rows: readonly Row[] = [
  one('yun2019-relu', 'diabetes-10-32-1', [32], 2, diabetes),
  one('yun2019-relu', 'diabetes-10-16-16-1', [16, 16], 2, diabetes),
  one('liu2022-groups', 'diabetes-10-32-1', [32], 2, diabetes),
  one('liu2022-groups', 'diabetes-10-16-16-1', [16, 16], 2, diabetes),
  one('he2020-affine', 'digits-64-32-16-16-10', [32, 16, 16], 20, digits),
  one('liu2022-groups', 'digits-64-32-16-16-10', [32, 16, 16], 20, digits),
  {
    name: 'digits-cnn-9x3x3-pool-24-10',
    theorem: 'liu2022-cnn',
    limit: 20,
    data: digits,
    request: { hidden: [24], image: [1, 8, 8], windows: { kernel: [3, 3], pool: [2, 2] } }
  },
  one('yun2019-relu', 'digits1000-64-32-1', [32], 20, thousandDigits),
  one('liu2022-groups', 'digits1000-64-32-1', [32], 20, thousandDigits)
]

/** Builds, proves and checks one row in this process. */
function run({ name, theorem: id, limit, data: load, request }: Row): readonly (string | number)[] {
  const data = load()
  const theorem = theorems.find((candidate) => candidate.id === id)!
  const begun = cpu()
  const construction = theorem.build({
    data,
    model: undefined,
    pieces: undefined,
    hidden: [],
    activation: relu,
    loss: 'squared',
    reduction: 'sum',
    count: 1,
    random: randomStream(1),
    image: undefined,
    windows: { kernel: [3, 3], pool: [2, 2] },
    numbers: {},
    ...request
  })
  if (construction.kind === 'refused') throw new Error(`${name}: ${construction.hypothesis}: ${construction.found}`)
  const texts = construction.points.map(({ certificate }) => (certificate ? certificateText(certificate) : ''))
  const build = (cpu() - begun) / 1000
  const before = cpu()
  const claims = texts.map((text) => {
    const outcome = checkDocument(text)
    return outcome.outcome === 'accepted' ? outcome.claim : outcome.outcome
  })
  const check = (cpu() - before) / 1000
  const [point] = construction.points
  const bits = Math.max(...point!.point.tensors.map(({ denominator }) => bitLength(denominator)))
  return [
    id,
    name,
    data.samples,
    parameterCount(point!.problem.network),
    claims.join(' '),
    build.toFixed(2),
    check.toFixed(2),
    bits,
    Math.round(texts.reduce((sum, text) => sum + text.length, 0) / 1024),
    Math.round(process.resourceUsage().maxRSS / 1024),
    build + check <= limit ? limit : `${limit} exceeded`
  ]
}

const header = ['theorem', 'data and network', 'n', 'P', 'accepted', 'build', 'check', 'bits', 'KB', 'MB', 'limit']
const line = (cells: readonly (string | number)[]) => console.log(`| ${cells.join(' | ')} |`)

const at = process.argv.indexOf('--row')
const only = process.argv.indexOf('--only')
if (at >= 0) console.log(JSON.stringify(run(rows[Number(process.argv[at + 1])]!)))
else {
  line(header)
  line(header.map(() => '---'))
  for (const [k, { name }] of rows.entries()) {
    if (only >= 0 && process.argv[only + 1] !== name) continue
    const { stdout, stderr, status } = spawnSync(process.execPath, [process.argv[1]!, '--row', String(k)], {
      encoding: 'utf8',
      maxBuffer: 1 << 26
    })
    if (status !== 0) throw new Error(stderr)
    line(JSON.parse(stdout))
  }
}
