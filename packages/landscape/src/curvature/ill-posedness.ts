import type { Point } from '../point.ts'
import type { Problem } from '../problem.ts'
import { asLayered, incomingIndices, type LayeredNetwork, weightIndex } from './layered.ts'
import type { Cause, CauseCandidates } from './null-candidates.ts'
import { type Attribution, distinctRows, withRemainder } from './null-space-attribution.ts'
import { type OutputJacobian, outputJacobian } from './output-jacobian.ts'
import { type ParameterPlace, parameterPlaces } from './parameter-name.ts'
import { type Pruned, prune, type Removal } from './prune.ts'

/** A change that makes the problem better posed, and the rank that it leads to. Ranks are of the Jacobian of the outputs on the data. */
export interface Advice {
  readonly action: 'remove-unit' | 'merge-units' | 'fix-scale' | 'add-data' | 'regularise'
  readonly layer: number | undefined
  readonly unit: number | undefined
  readonly into: number | undefined
  readonly cause: Cause | undefined
  readonly parametersAfter: number
  readonly rankAfter: number
  readonly text: string
}

/** How far the data determine the parameters. Approximate. */
export interface IllPosedness {
  /** Largest over smallest magnitude of the eigenvalues off the null space; infinite when there are none. */
  readonly conditionNumber: number
  /** exp of the entropy of |lambda| / sum |lambda| (Roy and Vetterli 2007): how many directions carry the curvature. */
  readonly effectiveRank: number
  /** Rank of the Jacobian of the outputs on the data: the number of parameters that they can determine. */
  readonly jacobianRank: number
  /**
   * Why the rank is not that of all parameters: the null space of the Jacobian by causes. Unlike that of the Hessian it does not need a critical
   * point: a rescaling changes no output anywhere.
   */
  readonly causes: Attribution
  /**
   * Parameters that move along a direction which changes no output on the data to first order; `share` is the squared length of the
   * parameter's axis inside those directions: 1 means that the data say nothing about it.
   */
  readonly unidentified: readonly (ParameterPlace & { readonly share: number })[]
  readonly advice: readonly Advice[]
  /** The smaller network with the same outputs on the data; undefined when no unit is superfluous. */
  readonly pruned: Pruned | undefined
}

/** The report at a point of a small network, from all eigenvalues of its curvature and the number of those that count as zero. */
export function illPosedness(
  problem: Problem,
  network: LayeredNetwork,
  theta: Float64Array,
  point: Point,
  spectrum: {
    readonly values: Float64Array
    readonly nullLimit: number
    readonly candidates: readonly CauseCandidates<number>[]
  }
): IllPosedness {
  const { values, nullLimit, candidates } = spectrum
  const scaledUnits = candidates.find((c) => c.cause === 'positive-scaling')!.units
  const magnitudes = values.map(Math.abs).filter((x) => x > nullLimit)
  const largest = magnitudes.reduce((a, b) => Math.max(a, b), 0)
  const smallest = magnitudes.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY)
  const total = magnitudes.reduce((a, b) => a + b, 0)
  const entropy = magnitudes.reduce((sum, x) => sum - (x / total) * Math.log(x / total), 0)

  const size = network.parameters
  const jacobian = outputJacobian(problem, network, theta)
  const { rank: jacobianRank, share } = jacobian.columns(Array.from({ length: size }, (_, k) => k))
  const unidentified = parameterPlaces(problem.network).flatMap((place) =>
    share[place.index]! > 1e-6 ? [{ ...place, share: Math.min(1, share[place.index]!) }] : []
  )

  const pruned = prune(problem, point)
  const removals = pruned.kind === 'pruned' ? pruned.removed : []
  const advice: Advice[] = [
    ...unitAdvice(network, jacobian, jacobianRank, removals),
    ...scaledUnits.slice(0, 1).map((first): Advice => {
      const count = scaledUnits.length
      return {
        action: 'fix-scale',
        layer: first.layer,
        unit: first.unit,
        into: undefined,
        cause: 'positive-scaling',
        parametersAfter: size - count,
        rankAfter: jacobianRank,
        text: `fix one incoming weight of each of the ${count} units that can be rescaled against their outgoing weights: ${count} fewer parameters, the same functions`
      }
    })
  ]
  const outputs = problem.data.targetCount
  const withoutStructure = pruned.kind === 'pruned' ? asLayered(pruned.network) : undefined
  const needed = (withoutStructure?.kind === 'layered' ? withoutStructure.parameters : size) - scaledUnits.length
  if (jacobianRank < needed) {
    const samples = Math.ceil((needed - jacobianRank) / outputs)
    advice.push({
      action: 'add-data',
      layer: undefined,
      unit: undefined,
      into: undefined,
      cause: 'too-few-data',
      parametersAfter: size,
      rankAfter: needed,
      text: `each new input adds at most ${outputs} to the rank: at least ${samples} more are needed to determine the rest`
    })
  }
  if (jacobianRank < size)
    advice.push({
      action: 'regularise',
      layer: undefined,
      unit: undefined,
      into: undefined,
      cause: undefined,
      parametersAfter: size,
      rankAfter: size,
      text: regularised(values, nullLimit)
    })
  return {
    conditionNumber: magnitudes.length === 0 ? Number.POSITIVE_INFINITY : largest / smallest,
    effectiveRank: magnitudes.length === 0 ? 0 : Math.exp(entropy),
    jacobianRank,
    causes: withRemainder(jacobian.name(candidates), {
      nullity: size - jacobianRank,
      parameters: size,
      distinctOutputs: distinctRows(problem.data.approximateInputs, problem.data.inputCount) * problem.data.targetCount,
      zeroMisfit: true
    }),
    unidentified,
    advice,
    pruned: pruned.kind === 'pruned' && pruned.removed.length > 0 ? pruned : undefined
  }
}

/** Weight decay L adds L to every eigenvalue. */
function regularised(values: Float64Array, nullLimit: number): string {
  const [lowest, highest] = [values[0]!, values.at(-1)!]
  const definite = `${values.length} parameters determined`
  if (lowest >= -nullLimit)
    return `weight decay L > 0: ${definite}, condition number (${highest.toPrecision(3)} + L) / L`
  return `weight decay L > ${(-lowest).toPrecision(3)}: ${definite}, positive definite, condition number (${highest.toPrecision(3)} + L) / (L - ${(-lowest).toPrecision(3)})`
}

/** Removing units one after the other: the rank is that of the columns which stay. */
function unitAdvice(
  network: LayeredNetwork,
  jacobian: OutputJacobian,
  rank: number,
  removals: readonly Removal[]
): readonly Advice[] {
  const size = network.parameters
  const gone = new Set<number>()
  let rankAfter = rank
  return removals.map(({ layer, unit, cause, into }): Advice => {
    const own = network.layers[layer]!
    const above = network.layers[layer + 1]!
    for (const at of incomingIndices(own, unit)) gone.add(at)
    for (let k = 0; k < above.outputs; k++) gone.add(weightIndex(above, k, unit))
    // Columns of other causes depend on those that stay; outgoing weights of a silent unit may carry rank of their own.
    if (cause === 'zero-outgoing') rankAfter = jacobian.columns(rest(size, gone)).rank
    const parametersAfter = size - gone.size
    const name = `unit ${unit} of hidden layer ${layer + 1}`
    return {
      action: into === undefined ? 'remove-unit' : 'merge-units',
      layer,
      unit,
      into,
      cause,
      parametersAfter,
      rankAfter,
      text:
        into === undefined
          ? `remove ${name} (${cause}): ${parametersAfter} parameters, rank ${rankAfter}`
          : `merge ${name} into unit ${into} (${cause}): ${parametersAfter} parameters, rank ${rankAfter}`
    }
  })
}

const rest = (size: number, gone: ReadonlySet<number>): number[] =>
  Array.from({ length: size }, (_, k) => k).filter((k) => !gone.has(k))
