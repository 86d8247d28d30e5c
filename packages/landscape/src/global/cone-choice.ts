import { type Cone, type ConeSplit, crosses, onKinkOf, splitAtKink } from './cones.ts'

/**
 * The split at the kink where the majorant of the numbers z is loosest; undefined when no sample has its kink inside the cone. Deep in the tree the sample with the
 * most generators on its kink goes first: every cut adds one, so that each sample is done after few of them, where cuts in turn for two samples need not come to an
 * end. Approximate: a proposal.
 */
export function splitForMajorant(
  cone: Cone,
  z: Float64Array,
  positive: number,
  negative: number
): ConeSplit | undefined {
  let best: { sample: number; first: number; second: number; gain: number; begun: number } | undefined
  const { sides } = cone
  const deep = cone.depth > 2 * z.length
  for (let i = 0; i < z.length; i++) {
    if (z[i] === 0 || !crosses(cone, i)) continue
    const begun = deep ? onKinkOf(cone, i) : 0
    if (best && begun < best.begun) continue
    const bends = z[i]! * (positive - negative) >= 0
    const weight = Math.abs(z[i]! * (positive - negative))
    for (let second = 1; second < sides.length; second++)
      for (let first = 0; first < second; first++) {
        const a = sides[first]![i]!
        const b = sides[second]![i]!
        if (!(a * b < 0)) continue
        const parts = [Math.abs(b), Math.abs(a)]
        const gain = (weight * parts[0]! * parts[1]!) / (parts[0]! + parts[1]!)
        // A concave term is loose at a generator, a convex one between two of them.
        const size = bends ? gain : weight * Math.min(...parts)
        if (!best || begun > best.begun || size > best.gain) best = { sample: i, first, second, gain: size, begun }
      }
  }
  return best && splitAtKink(cone, best.sample, best.first, best.second)
}
