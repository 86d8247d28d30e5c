/**
 * Trains smooth networks with weight decay as `nadir train` does and certifies every end point, the check included. Prints one line for each activation, and every failure.
 *
 *   npm run bench:certify-smooth [-- --seeds 3 --only tanh --pair iris-8]
 *
 * Columns: runs = pairs of data and network x weight decays x seeds; proved = a local minimum nearby is proved; median, slowest = CPU seconds of `certify`, the check included; radius = the
 * largest distance within which the minimum is proved to be.
 */
import { rational, toNumber } from '@nadir/arithmetic'
import { parseNetwork } from '@nadir/formats'
import {
  certify,
  defaultSettings,
  empiricalRisk,
  initialise,
  objective,
  parameterCount,
  randomStream,
  trainerOf,
  trainingPoints
} from '@nadir/landscape'
import { accepts, cpu, median, option } from './measure.ts'
import { workloads } from './workloads.ts'

const seeds = Number(option('seeds', '3'))
const only = option('only', '')
const pair = option('pair', '')

/** Data and hidden sizes, up to 61 parameters. */
const pairs = [
  ['sine', '6'],
  ['product', '8'],
  ['sine', '5-5'],
  ['iris', '8'],
  ['diabetes-100', '5']
] as const
const activations = ['tanh', 'softplus', 'gelu', 'sigmoid', 'silu', 'arctan', 'sine']
const decays = [1000n, 10_000n]

const tables = new Map(workloads().map(({ name, data }) => [name, data]))
const failures: string[] = []
console.log('activation  runs proved  median slowest  radius')
for (const activation of activations) {
  if (only !== '' && activation !== only) continue
  let proved = 0
  let widest = 0
  const seconds: number[] = []
  for (const [name, hidden] of pairs) {
    if (pair !== '' && `${name}-${hidden}` !== pair) continue
    const data = tables.get(name)!
    const network = parseNetwork(`${data.inputCount}-${hidden}-1 ${activation}`)
    for (const decay of decays)
      for (let seed = 1; seed <= seeds; seed++) {
        const problem = empiricalRisk({ network, data, reduction: 'mean', weightDecay: rational(1n, decay) })
        const trainer = trainerOf('adam+l-bfgs')
        const settings = defaultSettings('adam+l-bfgs', problem)
        const task = { problem, objective: objective(problem), seed, settings }
        const state = trainer.begin(task, initialise(network, randomStream(seed)))
        for (const _ of trainingPoints(trainer, task, state));
        const begun = cpu()
        const { settled, notSettled } = certify(problem, { kind: 'float', values: state.theta }, { accepts, now: cpu })
        seconds.push((cpu() - begun) / 1000)
        const label = `${activation} ${name}-${hidden} (${parameterCount(network)} parameters) decay 1/${decay} seed ${seed}`
        if (settled?.claim === 'local-minimum') {
          proved++
          widest = Math.max(widest, toNumber(settled.within!.radius))
        } else failures.push(`${label}: ${notSettled?.reason}`)
        if (process.argv.includes('--each')) console.log(label, settled?.claim, seconds.at(-1)!.toFixed(2))
      }
  }
  console.log(
    activation.padEnd(10),
    String(seconds.length).padStart(5),
    String(proved).padStart(6),
    median(seconds).toFixed(2).padStart(7),
    Math.max(...seconds)
      .toFixed(2)
      .padStart(7),
    widest.toExponential(0).padStart(7)
  )
}
for (const line of failures) console.log(line)
