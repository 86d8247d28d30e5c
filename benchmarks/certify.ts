/**
 * Trains every workload from many seeds, settles every end point and has every certificate checked. Prints one line for each workload and the totals.
 *
 *   npm run bench:certify [-- --seeds 20 --only diabetes-16]
 *
 * Columns: zero = zero loss (a global minimum); inner, kink = certified local minima without and with samples on kinks; fail = neither; wrong = certificates refused by the
 * checker; kinks, hops = medians; drop = median relative decrease from the trained point; N = unknowns of the exact system, median; bits = of the
 * denominator of the settled weights, median; CPU milliseconds, medians: descent, exact solve with complete test, check; largest descent.
 */
import { bitLength, toNumber } from '@nadir/arithmetic'
import {
  adam,
  asOneHiddenLayer,
  certificateOf,
  certificateText,
  empiricalRisk,
  initialise,
  lbfgs,
  type Network,
  objective,
  randomStream,
  relu,
  settle,
  toExact
} from '@nadir/landscape'
import { checkDocument } from 'nadir-checker'
import { cpu, median, option } from './measure.ts'
import { workloads } from './workloads.ts'

const seeds = Number(option('seeds', '20'))
const only = option('only', '')

const header = [
  'data-units',
  'n',
  'P',
  'zero',
  'inner',
  'kink',
  'fail',
  'wrong',
  'kinks',
  'hops',
  'drop',
  'N',
  'bits',
  'descent',
  'exact',
  'check',
  'slowest'
]
const widths = [16, 4, 4, 4, 5, 4, 4, 5, 5, 5, 8, 4, 6, 8, 7, 7, 8]
const print = (cells: readonly (string | number)[]) =>
  console.log(cells.map((c, k) => (k === 0 ? String(c).padEnd(widths[k]!) : String(c).padStart(widths[k]!))).join(' '))

print(header)
const totals = { runs: 0, zero: 0, minima: 0, fail: 0, wrong: 0 }
const failures: string[] = []
for (const { name, data, hidden } of workloads())
  for (const units of hidden) {
    const label = `${name}-${units}`
    if (only !== '' && label !== only) continue
    const network: Network = {
      inputs: [data.inputCount],
      layers: [
        { kind: 'dense', outputs: units, bias: true },
        { kind: 'activation', activation: relu },
        { kind: 'dense', outputs: 1, bias: true }
      ]
    }
    const problem = empiricalRisk({ network, data })
    const view = asOneHiddenLayer(problem)
    if ('kind' in view) throw new Error(view.reason)
    const target = objective(problem)
    const row = { zero: 0, inner: 0, kink: 0, fail: 0, wrong: 0 }
    const seen = { kinks: [], hops: [], drop: [], unknowns: [], bits: [], descent: [], exact: [], check: [] } as Record<
      string,
      number[]
    >
    for (let seed = 1; seed <= seeds; seed++) {
      const random = randomStream(seed)
      const theta = initialise(network, random)
      adam(target, theta, { steps: 3000, rate: 0.01 })
      const trained = lbfgs(target, theta, { iterations: 1000 })
      const point = { kind: 'float', values: theta } as const
      const settled = settle(view, point, toExact(network, point), { random, now: cpu })
      const { configuration, decision } = settled
      const certificate = certificateOf(configuration, decision)
      const text = certificate ? certificateText(certificate) : ''
      const begun = cpu()
      const outcome = certificate ? checkDocument(text) : undefined
      const checked = cpu() - begun
      totals.runs++
      const kinks = configuration.signs.reduce((sum, s) => sum + (s === 0 ? 1 : 0), 0)
      if (outcome && outcome.outcome !== 'accepted') {
        row.wrong++
        failures.push(`${label} seed ${seed}: ${JSON.stringify(outcome)}`)
      }
      if (decision.kind === 'global-minimum') row.zero++
      else if (decision.kind === 'local-minimum') {
        if (kinks === 0) row.inner++
        else row.kink++
      } else {
        row.fail++
        failures.push(`${label} seed ${seed}: ${decision.kind}: ${decision.reason}`)
      }
      seen['kinks']!.push(kinks)
      seen['hops']!.push(settled.hops)
      seen['unknowns']!.push(settled.unknowns)
      seen['descent']!.push(settled.milliseconds.descent)
      seen['exact']!.push(settled.milliseconds.exact)
      seen['check']!.push(checked)
      seen['bits']!.push(bitLength(configuration.point.tensors[0]!.denominator))
      if (trained > 0) seen['drop']!.push(1 - toNumber(configuration.loss) / trained)
    }
    totals.zero += row.zero
    totals.minima += row.inner + row.kink
    totals.fail += row.fail
    totals.wrong += row.wrong
    const m = (key: string) => median(seen[key]!)
    const ms = (x: number) => (x < 10 ? x.toFixed(1) : x.toFixed(0))
    print([
      label,
      data.samples,
      view.units * (view.width + 1) + 1,
      row.zero,
      row.inner,
      row.kink,
      row.fail,
      row.wrong,
      m('kinks'),
      m('hops'),
      m('drop').toExponential(0),
      m('unknowns'),
      m('bits'),
      ms(m('descent')),
      ms(m('exact')),
      ms(m('check')),
      ms(Math.max(...seen['descent']!))
    ])
  }
const share = ((100 * (totals.zero + totals.minima)) / totals.runs).toFixed(1)
console.log(
  `\n${totals.runs} runs: ${totals.zero} zero loss, ${totals.minima} local minima, ${totals.fail} neither, ${totals.wrong} refused by the checker (${share} % certified)`
)
for (const line of failures) console.log(line)
