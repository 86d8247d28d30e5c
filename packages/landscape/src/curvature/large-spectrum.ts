import { extremalEigenvalues, leadingPart } from './lanczos.ts'
import { fanIn } from './layered.ts'
import type { UnitPlace } from './null-candidates.ts'
import { type Attribution, noDirections } from './null-space-attribution.ts'
import { curvatureOperator, principalBlock, type SymmetricOperator } from './operator.ts'
import { floatView } from './point-view.ts'
import { densityCurve, quadratureRule, spectralRules } from './spectral-density.ts'
import { type LayerSpectrum, proceeds, type Setting, type SpectrumPart, type SpectrumStage } from './spectrum-report.ts'
import { structuredTrace, structuredTraceCost, type Trace, xtrace } from './trace.ts'
import { decayDiagonal } from './weight-decay.ts'

/** The ends of the spectrum, the trace and the density by products, and the null directions that the form of the network shows. */
export function largeSpectrum(setting: Setting): SpectrumPart {
  const { problem, network, theta, options, unfinished } = setting
  const { resume } = options
  const kind = options.curvature ?? 'hessian'
  const seed = options.seed ?? 0
  const steps = Math.min(options.steps ?? 100, network.parameters)
  const probes = options.probes ?? 4
  const operator = curvatureOperator(problem, network, theta, kind, options.operator)
  const watch = (stage: SpectrumStage) => ({
    stop: options.stop,
    progress: (done: number, total: number) => options.progress?.(stage, done, total)
  })
  let rules = resume?.rules ?? []
  let run = resume?.run
  let extremes = resume?.extremes
  let shown = extremes
  if (!extremes && proceeds(setting, 'extremes')) {
    const counts = { largest: options.largest ?? 10, smallest: options.smallest ?? 10, steps: Math.max(300, steps) }
    const found = extremalEigenvalues(operator, { ...counts, seed, from: run, ...watch('extremes') })
    shown = { largest: found.largest, smallest: found.smallest }
    if (found.stopped) {
      unfinished.push('extremes')
      run = found.state()
    } else {
      extremes = shown
      run = undefined
      // The run began with the first probe of the density: its first steps are the first rule.
      const rule = quadratureRule(leadingPart(found.tridiagonal, steps), steps)
      if (rule.complete && probes > 0) rules = [rule]
    }
  }
  let trace = resume?.trace
  if (!trace && proceeds(setting, 'trace')) {
    trace = largeTrace(setting, operator, watch('trace'))
    if (!trace) unfinished.push('trace')
  }
  if (extremes && rules.filter((r) => r.complete).length < probes && proceeds(setting, 'density')) {
    const answer = spectralRules(operator, { steps, probes, seed, previous: { rules, run }, ...watch('density') })
    rules = answer.rules
    run = answer.run
    if (rules.filter((r) => r.complete).length < probes) unfinished.push('density')
  } else if (!extremes) unfinished.push('density')
  const layers = options.perLayer && proceeds(setting, 'layers') ? layerExtremes(setting, operator, trace) : []
  const { causes, units, value } = nullByForm(setting)
  return {
    method: 'lanczos',
    largest: shown?.largest ?? [],
    smallest: shown?.smallest ?? [],
    eigenvalues: undefined,
    trace,
    density: rules.length > 0 ? densityCurve(rules, network.parameters, options.curve) : undefined,
    rules,
    rest: unfinished.length > 0 ? { extremes, trace, rules: rules.filter((r) => r.complete), run } : undefined,
    layers,
    nullity: { value, proved: false, kind: 'at-least', exact: undefined, limit: 0, gap: [0, 0] },
    inertia: undefined,
    causes,
    causeUnits: units,
    negativeCurvature: undefined,
    exact: { kind: 'not-asked', reason: 'the network is large' },
    statements: [],
    illPosedness: undefined
  }
}

/** The ends of the spectrum of each layer, the others held fixed: products with the whole operator, to six digits. */
function layerExtremes(
  { network, options }: Setting,
  operator: SymmetricOperator,
  trace: Trace | undefined
): readonly LayerSpectrum[] {
  const total = network.layers.length
  return network.layers.flatMap(({ weightAt }, layer) => {
    if (options.stop?.()) return []
    options.progress?.('layers', layer, total)
    const end = network.layers[layer + 1]?.weightAt ?? network.parameters
    const block = principalBlock(operator, weightAt, end)
    const { largest, smallest } = extremalEigenvalues(block, {
      largest: 1,
      smallest: 1,
      tolerance: 1e-6,
      steps: 100,
      seed: options.seed ?? 0,
      stop: options.stop
    })
    if (!largest[0] || !smallest[0]) return []
    const parameters = end - weightAt
    return [
      { layer, parameters, largest: largest[0].value, smallest: smallest[0].value, trace: trace?.layers?.[layer] }
    ]
  })
}

function largeTrace(
  { problem, network, theta, options }: Setting,
  operator: SymmetricOperator,
  watch: { stop: (() => boolean) | undefined; progress: (done: number, total: number) => void }
): Trace | undefined {
  const kind = options.curvature ?? 'hessian'
  const bends = kind === 'hessian' && network.layers.some((l) => l.activation?.kind === 'smooth')
  if (structuredTraceCost(network, bends) > 60) {
    const estimate = xtrace(operator, { probes: 16, seed: options.seed ?? 0, ...watch })
    return Number.isFinite(estimate.error) ? estimate : undefined
  }
  return structuredTrace(problem, network, theta, kind, watch)
}

/**
 * For large networks: directions that are null by their form at any point, counted without the matrix. Units that are off on all samples take
 * their incoming and outgoing parameters; inputs that are 0 on all samples take one weight of every other unit of the first layer; outputs
 * that cross-entropy sees only up to a common shift take one direction for each incoming value of the last layer.
 */
function nullByForm({ problem, network, theta }: Setting) {
  const view = floatView(problem, network, theta, 0)
  const { layers } = network
  const dead: UnitPlace[] = []
  const indices = new Set<number>()
  for (const [l, layer] of layers.slice(0, -1).entries())
    for (let j = 0; j < layer.outputs; j++) {
      let off = true
      for (let i = 0; off && i < problem.data.samples; i++) off = view.isOff(l, i, j) && view.value(l, i, j) === 0
      if (!off) continue
      dead.push({ layer: l, unit: j })
      const above = layers[l + 1]!
      for (let k = 0; k < layer.inputs; k++) indices.add(layer.weightAt + j * layer.inputs + k)
      if (layer.biasAt !== undefined) indices.add(layer.biasAt + j)
      for (let k = 0; k < above.outputs; k++) indices.add(above.weightAt + k * above.inputs + j)
    }
  const decay = decayDiagonal(problem, 'hessian')
  const deadCount = [...indices].filter((k) => decay[k] === 0).length
  const { approximateInputs: X, inputCount: d } = problem.data
  const used = new Uint8Array(d)
  for (let at = 0; at < X.length; at++) if (X[at] !== 0) used[at % d] = 1
  const liveFirst = layers[0]!.outputs - (layers.length > 1 ? dead.filter((u) => u.layer === 0).length : 0)
  const unused = problem.weightDecay.numerator === 0n ? used.filter((x) => x === 0).length * liveFirst : 0
  // Cross-entropy: one direction for each incoming value of the last layer that is not always 0.
  const last = layers.at(-1)!
  const shifts = problem.loss === 'cross-entropy' && !last.activation && problem.weightDecay.numerator === 0n
  const above = dead.filter((u) => u.layer === layers.length - 2).length
  const shift = shifts ? fanIn(last) - above : 0
  const counted = { 'dead-units': deadCount, 'inputs-not-spanning': unused, 'shared-output-shift': shift }
  const causes: Attribution = { ...noDirections, ...counted, remaining: 0 }
  return { causes, value: deadCount + unused + shift, units: [{ cause: 'dead-units' as const, units: dead }] }
}
