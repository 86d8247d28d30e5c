/**
 * Where training ends: Adam with 20,000 steps and then L-BFGS, against cell descent, from the same starts; and how many of all end points `improve` lowers. Prints one line for each workload
 * and the totals; torch and scikit-learn beside it when python3 (or what PYTHON names) has them.
 *
 *   npm run bench:train [-- --seeds 10 --only diabetes-16 --improve 2]
 *
 * Columns: median, mean, best = of the final losses (half the sum of squares); cpu = mean CPU seconds of the method (of Adam alone, without L-BFGS); lower = starts from which cell descent ends
 * lower; improved = end points of both methods above the best loss known that `improve` lowers within the seconds of --improve.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import {
  adam,
  type Dataset,
  defaultSettings,
  empiricalRisk,
  improve,
  initialise,
  lbfgs,
  type Network,
  objective,
  randomStream,
  relu,
  trainerOf,
  trainingPoints
} from '@nadir/landscape'
import { cpu, option } from './measure.ts'
import { workloads } from './workloads.ts'

const seeds = Number(option('seeds', '10'))
const only = option('only', '')
const improveSeconds = Number(option('improve', '2'))
const pairs = [
  ...['sine-8', 'sine-16', 'xor-noisy-4', 'product-8', 'product-16', 'iris-8'],
  ...['iris-16', 'wine-4', 'wine-8', 'diabetes-100-8', 'diabetes-8', 'diabetes-16']
]

const mean = (values: readonly number[]): number => values.reduce((sum, x) => sum + x, 0) / values.length
/** Of an even number the mean of the two in the middle. */
function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return mean([sorted[Math.floor((sorted.length - 1) / 2)]!, sorted[Math.ceil((sorted.length - 1) / 2)]!])
}

/** Final losses and mean CPU seconds of other programs on the same data, or why there are none. */
function peer(name: 'torch' | 'sklearn', data: Dataset, units: number): string {
  const script = readFileSync(new URL('../../benchmarks/peers/train_peers.py', import.meta.url), 'utf8')
  const rows = (values: Float64Array, width: number) =>
    Array.from({ length: data.samples }, (_, i) => Array.from(values.subarray(i * width, (i + 1) * width)))
  const { status, stdout } = spawnSync(process.env.PYTHON ?? 'python3', ['-c', script, name], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    env: { ...process.env, OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1', MKL_NUM_THREADS: '1' },
    input: JSON.stringify({
      X: rows(data.approximateInputs, data.inputCount),
      y: Array.from(data.approximateTargets),
      units,
      seeds
    })
  })
  if (status === 3) return ''
  if (status !== 0) return `  ${name}: failed`
  const { version, losses, seconds } = JSON.parse(stdout) as { version: string; losses: number[]; seconds: number }
  return `  ${name} ${version}: median ${figure(median(losses))}, mean ${figure(mean(losses))}, best ${figure(Math.min(...losses))}, cpu ${seconds.toFixed(2)}`
}

const figure = (x: number): string => (Math.abs(x) < 1e-15 ? '0' : x.toPrecision(4))
const header = [
  'data-units',
  'Adam+L-BFGS median',
  'mean',
  'best',
  'cpu',
  'cell median',
  'mean',
  'best',
  'cpu',
  'lower',
  'improved'
]
const widths = [15, 18, 9, 9, 6, 11, 9, 9, 6, 6, 9]
const print = (cells: readonly (string | number)[]) =>
  console.log(cells.map((c, k) => (k === 0 ? String(c).padEnd(widths[k]!) : String(c).padStart(widths[k]!))).join(' '))

print(header)
const totals = { pairs: 0, medianLower: 0, meanLower: 0, cheaper: 0, open: 0, improved: 0 }
for (const { name, data, hidden } of workloads())
  for (const units of hidden) {
    const label = `${name}-${units}`
    if (only === '' ? !pairs.includes(label) : label !== only) continue
    const network: Network = {
      inputs: [data.inputCount],
      layers: [
        { kind: 'dense', outputs: units, bias: true },
        { kind: 'activation', activation: relu },
        { kind: 'dense', outputs: 1, bias: true }
      ]
    }
    const problem = empiricalRisk({ network, data })
    const risk = objective(problem)
    const trainer = trainerOf('cell-descent')
    const settings = defaultSettings('cell-descent', problem)
    const gradientLosses: number[] = []
    const cellLosses: number[] = []
    const ends: { theta: Float64Array; loss: number }[] = []
    let gradientTime = 0
    let cellTime = 0
    for (let seed = 1; seed <= seeds; seed++) {
      const start = initialise(network, randomStream(seed))
      const theta = start.slice()
      let begun = cpu()
      adam(risk, theta, { steps: 20_000, rate: 0.01 })
      gradientTime += (cpu() - begun) / 1000 / seeds
      const loss = lbfgs(risk, theta, { iterations: 1000 })
      gradientLosses.push(loss)
      ends.push({ theta, loss })
      begun = cpu()
      const task = { problem, objective: risk, seed, settings }
      const state = trainer.begin(task, start)
      for (const _ of trainingPoints(trainer, task, state));
      cellTime += (cpu() - begun) / 1000 / seeds
      cellLosses.push(state.loss)
      ends.push({ theta: state.theta, loss: state.loss })
    }
    const best = Math.min(...ends.map(({ loss }) => loss))
    const open = ends.filter(({ loss }) => loss > best * (1 + 1e-9) + 1e-20)
    let improved = 0
    for (const [seed, { theta, loss }] of open.entries()) {
      let found = false
      const result = improve(
        problem,
        { kind: 'float', values: theta },
        {
          seed: seed + 1,
          now: () => performance.now(),
          interrupted: () => found,
          time: 1000 * improveSeconds,
          onProgress: (reached) => {
            found = reached < loss * (1 - 1e-6)
          }
        }
      )
      if (result.kind === 'searched' && result.better) improved++
    }
    totals.pairs++
    if (median(cellLosses) <= median(gradientLosses)) totals.medianLower++
    if (mean(cellLosses) < mean(gradientLosses)) totals.meanLower++
    if (cellTime < gradientTime) totals.cheaper++
    totals.open += open.length
    totals.improved += improved
    const of = (losses: readonly number[]) => [median(losses), mean(losses), Math.min(...losses)].map(figure)
    print([
      label,
      ...of(gradientLosses),
      gradientTime.toFixed(2),
      ...of(cellLosses),
      cellTime.toFixed(2),
      `${cellLosses.filter((x, k) => x < gradientLosses[k]!).length}/${seeds}`,
      `${improved}/${open.length}`
    ])
    for (const line of [peer('torch', data, units), peer('sklearn', data, units)]) if (line !== '') console.log(line)
  }
console.log(
  `\n${totals.pairs} pairs x ${seeds} starts: cell descent is at least as low in the median on ${totals.medianLower}, lower in the mean on ${totals.meanLower}, cheaper than Adam on ${totals.cheaper}; ` +
    `improve lowers ${totals.improved} of ${totals.open} end points that are not the best known (${((100 * totals.improved) / totals.open).toFixed(1)} %)`
)
