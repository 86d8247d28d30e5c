import type { ExactEvaluation } from '../cells/exact-evaluation.ts'
import { integerSlopes } from '../network/evaluate-exact.ts'
import { imageShapes, positionsOf, windowsOf } from '../network/windows.ts'
import { type EchelonBasis, emptyBasis, extend } from './echelon-basis.ts'
import type { Failed } from './path-span.ts'

/** Functions above which exact elimination would take many seconds. */
const mostFunctions = 150

/**
 * Functions on these samples that span, near the point, what the arguments of all units of a dense layer can be, products of weights along paths taken as free; or the kink below it that is in the way. Entries of other
 * samples are 0. Exact. Reference: Bs of the last-layer reduction, the dual of the rule path-span.
 */
export function nearArguments(
  { problem, values }: ExactEvaluation,
  dense: number,
  samples: readonly number[]
): { readonly kind: 'basis'; readonly basis: EchelonBasis } | Failed {
  const { network, data } = problem
  const shapes = imageShapes(network)
  const isFelt = new Set(samples)
  const felt = Array.from({ length: data.samples }, (_, i) => isFelt.has(i))
  let functions = inputFunctions(values[0]!.rows, felt, positionsOf(shapes[0]!))
  for (let l = 0; l <= dense; l++) {
    const layer = network.layers[l]!
    const positions = positionsOf(shapes[l]!)
    const after = positionsOf(shapes[l + 1]!)
    if (layer.kind === 'dense' || layer.kind === 'flatten')
      functions = functions.flatMap((f) =>
        Array.from({ length: positions }, (_, p) => felt.map((_isFelt, i) => f[i * positions + p]!))
      )
    else if (layer.kind === 'conv' || layer.kind === 'average-pool') {
      const windows = windowsOf(layer, shapes[l]!, shapes[l + 1]!)
      const taps = windows[0]!.map((_, tap) => tap)
      const groups = layer.kind === 'conv' ? taps.map((tap) => [tap]) : [taps]
      functions = functions.flatMap((f) =>
        groups.map((group) =>
          felt.flatMap((_isFelt, i) =>
            windows.map((window) =>
              group.reduce((sum, tap) => (window[tap]! < 0 ? sum : sum + f[i * positions + window[tap]!]!), 0n)
            )
          )
        )
      )
    } else {
      const slopes = layer.kind === 'activation' ? integerSlopes(layer.activation) : undefined
      if (!slopes) return { kind: 'failed', reason: `layer ${l} is not piecewise linear` }
      const units = new Map<string, readonly bigint[]>()
      for (let unit = 0; unit < shapes[l]![0]; unit++) {
        const unitSlopes: bigint[] = []
        for (const [i, row] of values[l]!.rows.entries())
          for (let p = 0; p < positions; p++) {
            const z = felt[i] ? row[unit * positions + p]! : 1n
            if (z === 0n) return { kind: 'failed', reason: `sample ${i} is on a kink of unit ${unit} of layer ${l}` }
            unitSlopes.push(z > 0n ? slopes.positive : slopes.negative)
          }
        units.set(unitSlopes.join(), unitSlopes)
      }
      functions = [...units.values()].flatMap((unitSlopes) => functions.map((f) => f.map((a, e) => a * unitSlopes[e]!)))
    }
    if ((layer.kind === 'dense' || layer.kind === 'conv') && layer.bias)
      functions = [...functions, felt.flatMap((here) => new Array<bigint>(after).fill(here ? 1n : 0n))]
    const basis = emptyBasis()
    for (const f of functions)
      if (extend(basis, f) && basis.vectors.length > mostFunctions)
        return { kind: 'failed', reason: `what layer ${l} can give spans more than ${mostFunctions} functions` }
    if (l === dense) return { kind: 'basis', basis }
    functions = basis.vectors.map(({ entries }) => entries)
  }
  throw new Error(`nearArguments: layer ${dense} is no dense layer`)
}

/** Every channel of the inputs as a function of sample and position. */
const inputFunctions = (
  rows: readonly (readonly bigint[])[],
  felt: readonly boolean[],
  positions: number
): readonly (readonly bigint[])[] =>
  Array.from({ length: rows[0]!.length / positions }, (_, u) =>
    rows.flatMap((row, i) => row.slice(u * positions, (u + 1) * positions).map((x) => (felt[i] ? x : 0n)))
  )
