import { integerMatrix, pivotsModulo, primeBelow, residuesModulo, solveLinear, toNumber } from '@nadir/arithmetic'
import { type ExactEvaluation, evaluateExactly } from '../cells/exact-evaluation.ts'
import type { ExactRows } from '../network/evaluate-exact.ts'
import { type DeepDecision, decideDeep } from '../optimality/deep-decision.ts'
import { type ExactPoint, toExact, toFloat } from '../point.ts'
import type { Problem } from '../problem.ts'
import { randomStream } from '../random.ts'
import { initialise } from '../training/initialise.ts'
import { lbfgs } from '../training/lbfgs.ts'
import { objective } from '../training/objective.ts'
import { reachOutputs } from './reach-outputs.ts'

/** An exact point of a network of any depth that a given point leads to, and what exact arithmetic decided about it. */
export interface SettledDeep {
  readonly evaluation: ExactEvaluation
  readonly decision: Extract<DeepDecision, { kind: 'global-minimum' }>
}

/** Above this many equations the exact system would take minutes. */
const mostEquations = 600

/** Below this share of the loss of the output 0 a network is taken to be on its way to zero loss. */
const nearlyFitted = 1e-3

/**
 * An exact global minimum near a point: the best affine map when the network is linear, else zero loss when the point all but fits the data. Found by changing one dense layer by an exact linear
 * system; undefined when no layer can do it. Dense layers, two-slope activations, squared loss.
 */
export function settleDeep(
  problem: Problem,
  original: ExactPoint,
  interrupted: () => boolean
): SettledDeep | undefined {
  const { network, data } = problem
  if (problem.loss !== 'squared') return undefined
  if (network.layers.some(({ kind }) => kind !== 'dense' && kind !== 'activation')) return undefined
  if (network.layers.every(({ kind }) => kind === 'dense')) return settleLinear(problem, original, interrupted)
  if (data.samples * data.targetCount > mostEquations) return undefined
  const scale = data.approximateTargets.reduce((sum, y) => sum + y * y, 0) / 2
  const lossOf = (point: ExactPoint) => {
    const evaluation = evaluateExactly(problem, point)
    return {
      evaluation,
      share: (toNumber(evaluation.loss) * (problem.reduction === 'mean' ? data.samples : 1)) / scale
    }
  }
  const given = lossOf(original)
  if (given.share > nearlyFitted) return undefined
  const reached = throughLayers(given.evaluation, residualChange, interrupted)
  if (reached || interrupted()) return reached
  const theta = toFloat(original).values.slice()
  lbfgs(objective(problem), theta, { iterations: 2000 })
  const trained = lossOf(toExact(network, { kind: 'float', values: theta }))
  return trained.share < given.share ? throughLayers(trained.evaluation, residualChange, interrupted) : undefined
}

/** The best affine map: by a change of one layer, or, where all are too poor for that at a saddle, of one beside it. A bottleneck keeps it out of reach. */
function settleLinear(problem: Problem, original: ExactPoint, interrupted: () => boolean): SettledDeep | undefined {
  const { network, data } = problem
  const direct = throughLayers(evaluateExactly(problem, original), affineChange, interrupted)
  const narrowest = Math.min(
    ...network.layers.map((layer) => (layer.kind === 'dense' ? layer.outputs : data.targetCount))
  )
  if (direct || interrupted() || narrowest < Math.min(data.inputCount, data.targetCount)) return direct
  const start = initialise(network, randomStream(1))
  const theta = toFloat(original).values.map((x, k) => x + start[k]! / 10)
  lbfgs(objective(problem), theta, { iterations: 1000, onStep: interrupted })
  const trained = toExact(network, { kind: 'float', values: theta })
  return throughLayers(evaluateExactly(problem, trained), affineChange, interrupted)
}

interface WantedChange {
  readonly samples: readonly number[]
  readonly outputs: ExactRows
}

/** The first dense layer, from the last, whose change makes a global minimum of the point. */
function throughLayers(
  evaluation: ExactEvaluation,
  wanted: (evaluation: ExactEvaluation) => WantedChange | undefined,
  interrupted: () => boolean
): SettledDeep | undefined {
  const { problem } = evaluation
  const change = wanted(evaluation)
  if (!change) return undefined
  for (let layer = problem.network.layers.length - 1; layer >= 0 && !interrupted(); layer--) {
    if (problem.network.layers[layer]!.kind !== 'dense') continue
    const point = reachOutputs(evaluation, layer, change.samples, change.outputs)
    if (!point) continue
    const reached = evaluateExactly(problem, point)
    const decision = decideDeep(reached)
    if (decision.kind === 'global-minimum') return { evaluation: reached, decision }
  }
  return undefined
}

/** The change of all outputs that leaves no residual. */
const residualChange = ({ residuals }: ExactEvaluation): WantedChange => ({
  samples: residuals.rows.map((_, i) => i),
  outputs: { denominator: residuals.denominator, rows: residuals.rows.map((row) => row.map((r) => -r)) }
})

/** The change to the outputs of the best affine map, on samples that determine an affine map. */
function affineChange({ problem, values, residuals }: ExactEvaluation): WantedChange | undefined {
  const inputs = values[0]!
  const biased = problem.network.layers.some((layer) => layer.kind === 'dense' && layer.bias)
  const rows = inputs.rows.map((row) => (biased ? [...row, inputs.denominator] : [...row]))
  const width = rows[0]!.length
  const gram: bigint[] = []
  for (let a = 0; a < width; a++)
    for (let b = 0; b < width; b++) gram.push(rows.reduce((sum, row) => sum + row[a]! * row[b]!, 0n))
  const matrix = integerMatrix(width, width, gram)
  const maps = residuals.rows[0]!.map((_, o) =>
    solveLinear(
      matrix,
      rows[0]!.map((_, a) => rows.reduce((sum, row, i) => sum - row[a]! * residuals.rows[i]![o]!, 0n))
    )
  )
  const prime = primeBelow(2 ** 22)
  const residues = residuesModulo(integerMatrix(rows.length, width, rows.flat()), prime)
  const samples = [...pivotsModulo(residues, rows.length, width, prime).pivotRows]
  let denominator = residuals.denominator
  for (const map of maps) {
    if (map.kind === 'inconsistent') throw new Error('affineChange: normal equations always have a solution')
    denominator *= map.denominator
  }
  return {
    samples,
    outputs: {
      denominator,
      rows: samples.map((i) =>
        maps.map((map) => {
          if (map.kind === 'inconsistent') return 0n
          const value = rows[i]!.reduce((sum, x, a) => sum + x * map.numerators[a]!, 0n)
          return value * (denominator / (residuals.denominator * map.denominator))
        })
      )
    }
  }
}
