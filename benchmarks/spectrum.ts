/**
 * Curvature: dense Hessian and all eigenvalues of a 1,185-parameter network, Hessian-vector products, 100 Lanczos steps and the trace of a
 * 50,890-parameter network on sparse images, the spectral density of a 101,386-parameter network on 10,000 samples.
 *
 *   npm run bench:spectrum [-- --only A1|D1|D2|A2|D3|M|T] [--repeats 5]
 *
 * Every workload prints its check value first and ends the run when it is wrong. Times are medians of CPU seconds on one thread. When
 * PYTHON (default python3) can import torch, benchmarks/peers/spectrum_torch.py does the same work between our repeats, and the ratio of
 * each pair is taken; PYHESSIAN=DIR names a checkout of PyHessian. Without torch, recorded figures are printed, and called so.
 */
import { spawnSync } from 'node:child_process'
import { cpus, loadavg } from 'node:os'
import { symmetricEigenvalues } from '@nadir/kernels'
import {
  type Activation,
  asLayered,
  curvatureOperator,
  type Dataset,
  denseCurvature,
  empiricalRisk,
  extremalEigenvalues,
  type LayeredNetwork,
  type LossKind,
  lanczos,
  lossAndGradient,
  type Network,
  type Problem,
  relu,
  ritzValues,
  spectrum,
  structuredTrace
} from '@nadir/landscape'
import { cpu, median, option } from './measure.ts'

const only = option('only', '')
/** Whether a workload is asked for: all are, or it alone, or all with its letter. */
const wanted = (name: string) => name.startsWith(only)
const repeats = Number(option('repeats', '5'))

/** A counter-based generator: numbers in [0, 1) that any language can reproduce. */
function hash32(start: number): number {
  let x = start
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d)
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b)
  return (x ^ (x >>> 16)) >>> 0
}
const uniform = (seed: number, i: number) => hash32((i + Math.imul(seed, 0x9e3779b1)) | 0) / 2 ** 32
const symmetric = (seed: number, i: number) => 2 * uniform(seed, i) - 1

/** Layer by layer weights (scaled by sqrt(3 / fan-in)) and biases (by 1/2). */
function initial(sizes: readonly number[], seed: number): Float64Array {
  const parts: number[] = []
  for (let l = 1; l < sizes.length; l++) {
    const [a, b] = [sizes[l - 1]!, sizes[l]!]
    for (let k = 0; k < a * b; k++) parts.push(symmetric(seed, parts.length) * Math.sqrt(3 / a))
    for (let k = 0; k < b; k++) parts.push(symmetric(seed, parts.length) / 2)
  }
  return Float64Array.from(parts)
}

function network(sizes: readonly number[], activation: Activation): Network {
  const layers = sizes
    .slice(1)
    .flatMap((outputs, l) => [
      { kind: 'dense' as const, outputs, bias: true },
      ...(l < sizes.length - 2 ? [{ kind: 'activation' as const, activation }] : [])
    ])
  return { inputs: [sizes[0]!], layers }
}

/** Doubles only: nothing here asks for exact data. */
const data = (X: Float64Array, Y: Float64Array, samples: number): Dataset => ({
  samples,
  inputCount: X.length / samples,
  targetCount: Y.length / samples,
  inputs: { denominator: 1n, numerators: [] },
  targets: { denominator: 1n, numerators: [] },
  approximateInputs: X,
  approximateTargets: Y
})

function regression(d: number, n: number): Dataset {
  const X = Float64Array.from({ length: n * d }, (_, k) => symmetric(1, k))
  const Y = Float64Array.from({ length: n }, (_, i) => {
    const x = X.subarray(i * d, (i + 1) * d)
    return Math.sin(3 * x[0]!) + 0.25 * x.reduce((sum, a) => sum + Math.abs(a), 0) * Math.sign(x[d - 1]!)
  })
  return data(X, Y, n)
}

/** Pixels of which four in five are 0, labels from a linear teacher, one-hot. */
function images(d: number, n: number, classes: number): Dataset {
  const X = Float64Array.from({ length: n * d }, (_, k) => (uniform(3, k) < 0.2 ? uniform(2, k) : 0))
  const mean = new Float64Array(d)
  for (let k = 0; k < X.length; k++) mean[k % d] = mean[k % d]! + X[k]! / n
  const Y = new Float64Array(n * classes)
  for (let i = 0; i < n; i++) {
    let best = 0
    let top = Number.NEGATIVE_INFINITY
    for (let c = 0; c < classes; c++) {
      let score = 0
      for (let k = 0; k < d; k++) score += (X[i * d + k]! - mean[k]!) * symmetric(4, k * classes + c)
      if (score > top) [top, best] = [score, c]
    }
    Y[i * classes + best] = 1
  }
  return data(X, Y, n)
}

interface Work {
  readonly problem: Problem
  readonly layered: LayeredNetwork
  readonly theta: Float64Array
  readonly direction: Float64Array
}

function work(sizes: readonly number[], set: Dataset, loss: LossKind, activation: Activation = relu): Work {
  const problem = empiricalRisk({ network: network(sizes, activation), data: set, loss, reduction: 'mean' })
  const layered = asLayered(problem.network)
  if (layered.kind !== 'layered') throw new Error(layered.reason)
  const direction = Float64Array.from({ length: layered.parameters }, (_, k) => symmetric(9, k))
  return { problem, layered, theta: initial(sizes, 7), direction }
}

const dot = (x: Float64Array, y: Float64Array) => x.reduce((sum, a, k) => sum + a * y[k]!, 0)

function check(name: string, value: number, known: number): void {
  if (Math.abs(value - known) > 1e-9 * Math.abs(known)) throw new Error(`${name}: ${value}, should be ${known}`)
  console.log(`  ${name} = ${value.toPrecision(12)}`)
}

const python = process.env['PYTHON'] ?? 'python3'

/** Starts the rival once to see whether it is there, and returns what runs one of its measurements. */
function rival(): ((what: string) => number) | undefined {
  const script = new URL('../../benchmarks/peers/spectrum_torch.py', import.meta.url).pathname
  if (spawnSync(python, ['-c', 'import torch']).status !== 0) return undefined
  return (what) => {
    const { stdout, stderr, status } = spawnSync(python, [script, what], { encoding: 'utf8' })
    if (status !== 0) throw new Error(`spectrum_torch.py ${what}: ${stderr}`)
    return Number(stdout.trim().split('\n').at(-1))
  }
}
const torch = rival()
const load = () => loadavg()[0]!.toFixed(1)
console.log(
  `Node ${process.version}, ${cpus().length} processors, load ${load()}${torch ? '' : '; torch is not installed'}\n`
)

/** Seconds of torch 2.13 on two 2023 server cores with AVX-512, one thread: for comparison where torch is not installed. */
const recorded: Readonly<Record<string, number>> = {
  'a1-hvp': 0.000771,
  'd1-hessian': 0.179,
  'd2-hessian': 1.77,
  'd2-eigenvalues': 0.082,
  'a2-hvp': 0.0089,
  'd3-lanczos': 1.74,
  'd3-pyhessian': 2.11
}

/** Ours and the rival's in turn; prints medians and the median ratio of pairs. */
function measure(name: string, act: () => void, against: readonly string[], inner = 1): void {
  const known = torch ? against.filter((what) => what !== 'd3-pyhessian' || process.env['PYHESSIAN']) : []
  // Until the compiler has seen enough of it.
  const begun = cpu()
  for (let k = 0; k < 20 && cpu() - begun < 4000; k++) act()
  const ours: number[] = []
  const theirs = known.map((): number[] => [])
  for (let k = 0; k < repeats; k++) {
    const before = cpu()
    for (let q = 0; q < inner; q++) act()
    ours.push((cpu() - before) / 1000 / inner)
    for (const [r, what] of known.entries()) theirs[r]!.push(torch!(what))
  }
  const milliseconds = (seconds: number) => `${(1000 * seconds).toPrecision(3)} ms`
  const rivals = known.map((what, r) => {
    const ratios = theirs[r]!.map((t, k) => t / ours[k]!).toSorted((a, b) => a - b)
    const [low, high] = [ratios[0]!, ratios.at(-1)!]
    return `${what} ${milliseconds(median(theirs[r]!))}: ${median(ratios).toFixed(2)} times ours (${low.toFixed(2)} to ${high.toFixed(2)})`
  })
  const figures = against
    .filter((what) => !known.includes(what) && recorded[what] !== undefined)
    .map(
      (what) =>
        `${what} recorded ${milliseconds(recorded[what]!)}: ${(recorded[what]! / median(ours)).toFixed(2)} times ours`
    )
  console.log(`  ${name}: ${milliseconds(median(ours))}; ${[...rivals, ...figures].join('; ')} [load ${load()}]`)
}

if (wanted('A1')) {
  const one = work([2, 32, 32, 1], regression(2, 500), 'squared')
  const { loss, gradient } = lossAndGradient(one.problem, one.layered.layers, one.theta)
  // The check values belong to the mean of squares, twice our loss.
  check('A1 loss', 2 * loss, 0.784811378331806)
  check('A1 gradient norm', 2 * Math.sqrt(dot(gradient, gradient)), 1.74277876273196)
  const operator = curvatureOperator(one.problem, one.layered, one.theta, 'hessian')
  check("A1 v'Hv", 2 * dot(operator.multiply([one.direction])[0]!, one.direction), 0.61263818368)
  measure('A1 Hessian times vector, 2-32-32-1, n=500', () => operator.multiply([one.direction]), ['a1-hvp'], 50)
}

for (const [id, name, sizes, trace] of [
  ['D1', 'D1 2-16-16-1 (337 parameters)', [2, 16, 16, 1], 6.78471287154],
  ['D2', 'D2 2-32-32-1 (1185 parameters)', [2, 32, 32, 1], 16.3800884413]
] as const) {
  if (!wanted(id)) continue
  const { problem, layered, theta } = work(sizes, regression(2, 500), 'squared')
  const size = layered.parameters
  let matrix = denseCurvature(problem, layered, theta, 'hessian')
  let sum = 0
  for (let k = 0; k < size; k++) sum += 2 * matrix[k * (size + 1)]!
  check(`${name} trace`, sum, trace)
  measure(`${name} full Hessian`, () => (matrix = denseCurvature(problem, layered, theta, 'hessian')), [
    `${id.toLowerCase()}-hessian`
  ])
  measure(`${name} all eigenvalues`, () => void symmetricEigenvalues(matrix, size), [`${id.toLowerCase()}-eigenvalues`])
}

if (wanted('A2') || wanted('D3')) {
  const { problem, layered, theta, direction } = work([784, 64, 10], images(784, 2000, 10), 'cross-entropy')
  const { loss } = lossAndGradient(problem, layered.layers, theta)
  check('A2 loss', loss, 2.39351320940963)
  const operator = curvatureOperator(problem, layered, theta, 'hessian')
  check("A2 v'Hv", dot(operator.multiply([direction])[0]!, direction), 12.3063798903)
  if (wanted('A2'))
    measure('A2 Hessian times vector, 784-64-10, n=2000', () => operator.multiply([direction]), ['a2-hvp'], 5)
  if (wanted('D3')) {
    const start = Float64Array.from({ length: layered.parameters }, (_, k) => (uniform(41, k) < 0.5 ? -1 : 1))
    let top = 0
    measure('D3 100 Lanczos steps, full reorthogonalisation', () => {
      top = ritzValues(lanczos(operator, start, 100)).values.at(-1)!
    }, ['d3-lanczos', 'd3-pyhessian'])
    check('D3 top Ritz value', top, 1.819632317)
    const ends = extremalEigenvalues(operator, { largest: 3, smallest: 3 })
    for (const [side, list] of [
      ['largest', ends.largest],
      ['smallest', ends.smallest]
    ] as const)
      console.log(
        `  ${side}: ${list.map((e) => `${e.value.toPrecision(13)} +- ${e.error.toExponential(1)}`).join(', ')}`
      )
    let trace = structuredTrace(problem, layered, theta, 'hessian')!
    measure('D4 trace, structured', () => (trace = structuredTrace(problem, layered, theta, 'hessian')!), [])
    console.log(`  trace ${trace.value.toPrecision(13)} +- ${trace.error.toExponential(1)}`)
  }
}

if (wanted('M') || only === 'T') {
  const set = images(128, 10_000, 10)
  // The hyperbolic tangent takes a third longer; only when asked for.
  const tanh: Activation = { kind: 'smooth', name: 'tanh' }
  for (const [name, activation] of only === 'T' ? [['tanh', tanh] as const] : [['relu', relu] as const]) {
    const { problem, theta, layered } = work([128, 256, 256, 10], set, 'cross-entropy', activation)
    const before = cpu()
    const begun = performance.now()
    let shown = 0
    const result = spectrum(
      problem,
      { kind: 'float', values: theta },
      {
        steps: 100,
        probes: 4,
        largest: 3,
        smallest: 3,
        progress(stage, done, total) {
          if (performance.now() - shown < 2000) return
          shown = performance.now()
          const rss = Math.round(process.memoryUsage().rss / 2 ** 20)
          process.stderr.write(`  ${stage} ${done}/${total}, ${rss} MiB\n`)
        }
      }
    )
    if (result.kind !== 'spectrum') throw new Error(result.reason)
    const peak = Math.round(process.resourceUsage().maxRSS / 1024)
    console.log(
      `M ${name} 128-256-256-10 (${layered.parameters} parameters), n=10000: extremes, trace and density (100 steps, 4 probes)  ` +
        `${((cpu() - before) / 1000).toFixed(0)} s CPU, ${((performance.now() - begun) / 1000).toFixed(0)} s, peak ${peak} MiB; ` +
        `top ${result.largest[0]!.value.toPrecision(10)} +- ${result.largest[0]!.error.toExponential(1)}, ` +
        `lowest ${result.smallest[0]!.value.toPrecision(6)}, trace ${result.trace!.value.toPrecision(8)} +- ${result.trace!.error.toExponential(1)} (${result.trace!.method})`
    )
  }
}
