import { toNumber, toText } from '@nadir/arithmetic'
import {
  type ActivationRow,
  activationName,
  activationRow,
  asLayered,
  type Problem,
  type Pruned,
  type Spectrum,
  type ZeroSet
} from '@nadir/landscape'
import { lossConvention } from './problem-options.ts'
import { parameterName, remedy } from './spectrum-words.ts'

/** Where the files of a spectrum are. */
export interface WrittenSpectrum {
  readonly files: readonly string[]
  readonly pruned: string | null
  readonly unfinished: string | null
}

/** The document of `spectrum --json`: the agreed fields, and what else is known. */
export function spectrumJson(
  problem: Problem,
  s: Spectrum,
  pruned: Pruned | undefined,
  written: WrittenSpectrum,
  seconds: number
) {
  const values = (list: Spectrum['largest']) => list.map((e) => e.value)
  const errors = (list: Spectrum['largest']) => list.map((e) => e.error)
  const { illPosedness: report, exact, trace, nullity } = s
  return {
    parameters: s.parameters,
    largest: values(s.largest),
    smallest: values(s.smallest),
    errors: { largest: errors(s.largest), smallest: errors(s.smallest) },
    trace: trace ? { value: trace.value, error: trace.error, method: trace.method } : null,
    nullity: {
      value: nullity.value,
      proved: nullity.proved,
      kind: nullity.kind,
      exact: nullity.exact ?? null,
      limit: nullity.limit,
      gap: nullity.gap.map(finite)
    },
    inertia: s.inertia ?? null,
    provedSigns: 'positive' in exact ? { positive: exact.positive, negative: exact.negative } : null,
    causes: s.causes,
    causeUnits: s.causeUnits.filter((c) => c.units.length > 0),
    statements: s.statements,
    activations: activationRows(problem),
    curvature: s.curvature,
    method: s.method,
    loss: s.loss,
    lossConvention: lossConvention(problem),
    gradientNorm: s.gradientNorm,
    samples: s.samples,
    kinks: { ...s.kinks, nearest: finite(s.kinks.nearest) },
    negativeCurvature: s.negativeCurvature
      ? {
          value: { exact: toText(s.negativeCurvature.value), approx: toNumber(s.negativeCurvature.value) },
          direction: s.negativeCurvature.direction.numerators.map(String),
          denominator: String(s.negativeCurvature.direction.denominator)
        }
      : null,
    undecided: 'reason' in exact ? exact.reason : null,
    layers: s.layers,
    illPosedness: report
      ? {
          conditionNumber: finite(report.conditionNumber),
          effectiveRank: report.effectiveRank,
          outputRank: report.jacobianRank,
          outputCauses: report.causes,
          unidentified: report.unidentified.map((p) => ({
            parameter: parameterName(p),
            index: p.index,
            share: p.share
          })),
          advice: report.advice.map((a) => ({ ...a, how: remedy[a.action] }))
        }
      : null,
    pruned: pruned
      ? {
          model: written.pruned,
          removed: pruned.removed,
          parameters: pruned.point.tensors.reduce((sum, t) => sum + t.numerators.length, 0),
          identity: pruned.identity
        }
      : null,
    unfinished: s.unfinished,
    resume: written.unfinished,
    files: written.files,
    seconds
  }
}

/** JSON has no infinity. */
const finite = (x: number): number | null => (Number.isFinite(x) ? x : null)

/** The rows of the activation table for the activations of this network, each once. */
export function activationRows(problem: Problem) {
  const network = asLayered(problem.network)
  if (network.kind !== 'layered') return []
  const rows = new Map<string, ActivationRow>()
  for (const { activation } of network.layers)
    if (activation) rows.set(activationName(activation), activationRow(activation))
  return [...rows].map(([name, row]) => ({
    name,
    value: zeroWords(row.value),
    derivative: zeroWords(row.derivative),
    secondDerivative: zeroWords(row.secondDerivative),
    predictions: row.predictions
  }))
}

/** Where a function vanishes, in words. */
export function zeroWords(set: ZeroSet): string {
  switch (set.kind) {
    case 'nowhere':
      return 'nowhere'
    case 'everywhere':
      return 'everywhere'
    case 'off-zero':
      return 'z != 0'
    case 'negative':
      return 'z <= 0'
    case 'positive':
      return 'z >= 0'
    case 'points':
      return set.points.map((p) => `z = ${p}`).join(', ')
    case 'progression':
      return `z = ${set.start} + k ${set.step}`
  }
}
