import { type Budget, hold, spend } from '../budget.ts'
import { greatestBitLength, greatestCommonDivisor, magnitude } from '../integers.ts'
import { reject } from '../outcome.ts'
import { integerSlopes } from '../parameters.ts'
import type { Problem } from '../problem.ts'
import type { Samples } from '../samples.ts'
import type { Unknowns } from './kink-system.ts'
import type { Layers } from './layers.ts'
import { isShut, type Pass } from './pass.ts'

/** A function on the samples, up to a factor. */
type Function = readonly bigint[]

/** The combination of two functions that is 0 where the second is not, over the common divisor of its values. */
const without = (f: Function, g: Function, at: number, budget: Budget): Function => {
  const [x, y] = [f[at], g[at]]
  if (x === 0n) return f
  spend(budget, [2, f.length], greatestBitLength([f, g]), greatestBitLength([[x, y]]))
  const result = f.map((entry, sample) => entry * y - g[sample] * x)
  const divisor = result.reduce((all, entry) => greatestCommonDivisor(all, magnitude(entry)), 0n)
  return divisor > 1n ? result.map((entry) => entry / divisor) : result
}

/** Independent functions that span the same space, each 0 where the ones before it have their first value. */
const independent = (functions: Iterable<Function>, budget: Budget): readonly Function[] => {
  const basis: { readonly at: number; readonly f: Function }[] = []
  for (const function_ of functions) {
    let f = function_
    for (const { at, f: g } of basis) f = without(f, g, at, budget)
    const at = f.findIndex((entry) => entry !== 0n)
    if (at < 0) continue
    hold(budget, [f.length], greatestBitLength([f]))
    basis.push({ at, f })
  }
  return basis.map(({ f }) => f)
}

/** The functions of a space that are 0 on these samples. */
const vanishing = (space: readonly Function[], samples: readonly number[], budget: Budget): readonly Function[] => {
  let left = space
  for (const sample of samples) {
    const pivot = left.find((f) => f[sample] !== 0n)
    if (pivot !== undefined) left = left.filter((f) => f !== pivot).map((f) => without(f, pivot, sample, budget))
  }
  return left
}

/** Condition (e) of the rule kinks-span: as many free parameters as kinks and dimensions of the path span, once for each output. */
export const requireSpanned = (
  { network }: Problem,
  { affine, slopes }: Layers,
  { inputs }: Samples,
  passes: readonly Pass[],
  { free, kinks }: Unknowns,
  budget: Budget
): void => {
  const constant = inputs.rows.map(() => 1n)
  const twoSlope = network.layers.flatMap((layer) => (layer.kind === 'two-slope' ? [integerSlopes(layer)] : []))
  let space = independent(
    inputs.rows[0].map((_, entry) => inputs.rows.map((row) => row[entry])),
    budget
  )
  for (const [l, { outputs, biasAt }] of affine.entries()) {
    if (biasAt >= 0) space = independent([constant, ...space], budget)
    if (l === slopes.length) break
    const { positive, negative } = twoSlope[l]
    const passed: Function[] = []
    for (let unit = 0; unit < outputs; unit += 1) {
      const slope = passes.map(({ feels, gates }) => {
        const gate = gates[l][unit]
        if (!feels[l] || gate === 'kink' || isShut(gate, slopes[l])) return 0n
        return gate === 'positive' ? positive : negative
      })
      const held = kinks.flatMap((kink) => (kink.layer === l && kink.unit === unit ? [kink.sample] : []))
      for (const f of vanishing(space, held, budget)) passed.push(f.map((entry, sample) => entry * slope[sample]))
    }
    space = independent(passed, budget)
  }
  const outputs = affine.at(-1)?.outputs ?? 1
  const most = kinks.length + outputs * space.length
  if (free !== most) reject('(e)', `${free} free parameters where the path span asks for ${most}`)
}
