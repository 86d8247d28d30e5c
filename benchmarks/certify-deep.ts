/**
 * Trains networks of two hidden layers, or with three outputs, from many seeds with and without weight decay, the way `nadir train` does, and certifies every end point: a proved minimum nearby,
 * zero loss, or the reason why neither. Every certificate is checked by the independent checker; around every proved point all parameters are perturbed and descended on, which must find nothing lower.
 *
 *   npm run bench:certify-deep [-- --seeds 20 --only sine-4-4 --decays 1000,10000,none]
 *
 * Columns: minima = proved by the rules kinks (alone, with symmetries: sym), kinks-valleys and kinks-span, path = by path spans, exactly; zero = zero loss, exactly; fail = neither; lower = points below a proved minimum that were found near it;
 * kinks = median and most; drop = median relative decrease from the trained point; CPU milliseconds of all of certify but the search for something better: median, most.
 */
import { rational } from '@nadir/arithmetic'
import {
  adam,
  certify,
  empiricalRisk,
  initialise,
  lbfgs,
  type Network,
  objective,
  type Problem,
  randomStream,
  relu,
  toFloat
} from '@nadir/landscape'
import { accepts, cpu, median, option } from './measure.ts'
import { deepWorkloads } from './workloads.ts'

const seeds = Number(option('seeds', '20'))
const only = option('only', '')
const decays = option('decays', '1000,10000,none').split(',')

/** The least distance of a hidden unit that is on no kink from one. */
function leastArgument(network: Network, theta: Float64Array, inputs: Float64Array, samples: number): number {
  let least = 1
  for (let i = 0; i < samples; i++) {
    let values = inputs.slice(i * network.inputs[0]!, (i + 1) * network.inputs[0]!)
    let at = 0
    for (const layer of network.layers) {
      if (layer.kind === 'activation') values = values.map((t) => Math.max(0, t))
      else if (layer.kind === 'dense') {
        const width = values.length
        const biases = at + layer.outputs * width
        values = Float64Array.from({ length: layer.outputs }, (_, u) =>
          values.reduce((sum, h, k) => sum + h * theta[at + u * width + k]!, theta[biases + u]!)
        )
        at = biases + layer.outputs
        for (const t of values) if (Math.abs(t) > 1e-11) least = Math.min(least, Math.abs(t))
      }
    }
  }
  return least
}

/** How often descents from perturbed parameters, within reach of no other kink, end lower. */
function lowerNearby(problem: Problem, centre: Float64Array, seed: number): number {
  const target = objective(problem)
  const gradient = new Float64Array(centre.length)
  const least = target.evaluate(centre, gradient)
  const random = randomStream(seed)
  const margin = leastArgument(problem.network, centre, problem.data.approximateInputs, problem.data.samples)
  let lower = 0
  for (let start = 0; start < 40; start++) {
    const size = 0.02 * Math.min(margin, 1e-2) * 10 ** -(start % 4)
    let theta = centre.map((x) => x + size * (2 * random() - 1))
    let loss = target.evaluate(theta, gradient)
    let step = size
    for (let k = 0; k < 15; k++) {
      const norm = Math.sqrt(gradient.reduce((sum, g) => sum + g * g, 0))
      const next = theta.map((x, p) => {
        const moved = x - (step * gradient[p]!) / (norm || 1)
        return Math.min(centre[p]! + size, Math.max(centre[p]! - size, moved))
      })
      const slope = gradient.slice()
      const reached = target.evaluate(next, gradient)
      if (reached < loss) {
        theta = next
        loss = reached
      } else {
        gradient.set(slope)
        step /= 3
      }
    }
    if (loss < least - 1e-15 * (1 + least)) lower++
  }
  return lower
}

const columns = [
  'data-units',
  'decay',
  'n',
  'P',
  'runs',
  'alone',
  'sym',
  'valleys',
  'span',
  'path',
  'zero',
  'fail',
  'lower',
  'kinks'
]
const print = (cells: readonly (string | number)[]) => console.log(`| ${cells.join(' | ')} |`)
print([...columns, 'drop', 'median ms', 'most ms'])
print(new Array(columns.length + 3).fill('---'))
const failures: string[] = []
for (const decay of decays) {
  const totals = { runs: 0, proved: 0, zero: 0, lower: 0, slow: 0 }
  for (const { name, data, hidden } of deepWorkloads()) {
    if (only !== '' && !only.split(',').includes(name)) continue
    const network: Network = {
      inputs: [data.inputCount],
      layers: [
        ...hidden.flatMap((outputs) => [
          { kind: 'dense' as const, outputs, bias: true },
          { kind: 'activation' as const, activation: relu }
        ]),
        { kind: 'dense', outputs: data.targetCount, bias: true }
      ]
    }
    const weightDecay = decay === 'none' ? rational(0n) : rational(1n, BigInt(decay))
    const problem = empiricalRisk({ network, data, reduction: 'mean', weightDecay })
    const target = objective(problem)
    const row = { alone: 0, sym: 0, valleys: 0, span: 0, path: 0, zero: 0, fail: 0, lower: 0 }
    const kinks: number[] = []
    const times: number[] = []
    const drops: number[] = []
    for (let seed = 1; seed <= seeds; seed++) {
      const theta = initialise(network, randomStream(seed))
      adam(target, theta, { steps: 3000, rate: 0.01 })
      const trained = lbfgs(target, theta, { iterations: 1000 })
      const begun = cpu()
      const { settled, notSettled, certificate } = certify(
        problem,
        { kind: 'float', values: theta },
        { accepts, now: () => performance.now(), searchTime: 0 }
      )
      times.push(cpu() - begun)
      if (!settled) {
        row.fail++
        failures.push(`${name}, decay ${decay}, seed ${seed}: ${notSettled?.reason}`)
        continue
      }
      if (settled.claim === 'global-minimum') {
        row.zero++
        if (!certificate || !accepts(certificate)) throw new Error(`${name} seed ${seed}: zero loss is not accepted`)
        continue
      }
      const { evidence } = certificate!.proof as { evidence: { rule: string; symmetries?: readonly unknown[] } }
      if (evidence.rule === 'kinks-span') row.span++
      else if (evidence.rule === 'kinks-valleys') row.valleys++
      else if (evidence.rule === 'path-span') row.path++
      else if (evidence.symmetries?.length === 0) row.alone++
      else row.sym++
      kinks.push(settled.kinks)
      const centre = toFloat(settled.point).values
      drops.push(1 - target.evaluate(centre, new Float64Array(centre.length)) / trained)
      if (lowerNearby(problem, centre, seed) > 0) {
        row.lower++
        failures.push(`${name}, decay ${decay}, seed ${seed}: LOWER NEARBY`)
      }
    }
    totals.runs += seeds
    totals.proved += row.alone + row.sym + row.valleys + row.span + row.path
    totals.zero += row.zero
    totals.lower += row.lower
    totals.slow += times.filter((ms) => ms > 10_000).length
    print([
      name,
      decay === 'none' ? 0 : `1/${decay}`,
      data.samples,
      target.parameters,
      seeds,
      row.alone,
      row.sym,
      row.valleys,
      row.span,
      row.path,
      row.zero,
      row.fail,
      row.lower,
      `${median(kinks)} (${kinks.reduce((a, b) => Math.max(a, b), 0)})`,
      median(drops).toExponential(0),
      median(times).toFixed(0),
      Math.max(...times).toFixed(0)
    ])
  }
  const share = ((100 * (totals.proved + totals.zero)) / totals.runs).toFixed(1)
  console.log(
    `\ndecay ${decay}: ${totals.runs} runs, ${totals.proved} minima proved, ${totals.zero} zero loss (${share} %), ${totals.lower} with something lower nearby, ${totals.slow} above 10 s\n`
  )
}
for (const line of failures) console.log(line)
