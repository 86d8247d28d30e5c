import type { Fields } from './cases/case.ts'
import { certificate, type Value } from './digests.ts'
import {
  add,
  divide,
  type Fraction,
  fraction,
  inner,
  isLess,
  multiply,
  none,
  over,
  subtract,
  sum,
  text
} from './fraction.ts'
import { inertiaOf, inverseOf } from './fraction-matrices.ts'
import { type KinkDesign, type Planted, type Row, secondDerivatives, targetsAt } from './planted-kinks.ts'
import { lossNear } from './smooth-losses.ts'

/* What is planted on kinks, as the documents of the format. */

const rounded = (value: Fraction, bits: bigint): bigint => {
  const scaled = value.n << bits
  return scaled >= 0n ? (2n * scaled + value.d) / (2n * value.d) : -((-2n * scaled + value.d) / (2n * value.d))
}

const dyadic = (entries: Row, bits: bigint): Value => ({
  denominator: `${1n << bits}`,
  numerators: entries.map((entry) => `${rounded(entry, bits)}`)
})

const vector = (entries: Row): Value => {
  const denominator = entries.reduce((all, { d }) => all * (d / greatest(all, d)), 1n)
  return { denominator: `${denominator}`, numerators: entries.map(({ n, d }) => `${n * (denominator / d)}`) }
}
const greatest = (a: bigint, b: bigint): bigint => (b === 0n ? a : greatest(b, a % b))

export const problemDocument = ({ scene, residuals }: Planted): Value => {
  const { design } = scene
  const layers = design.sizes.slice(1).flatMap((count, l): Value[] => [
    { kind: 'dense', outputs: count, bias: design.bias },
    ...(l < design.sizes.length - 2 && !design.linear?.includes(l)
      ? [
          {
            kind: 'two-slope',
            positive: text(fraction(design.slopes[0])),
            negative: text(fraction(design.slopes[1]))
          }
        ]
      : [])
  ])
  const targets = (targetsAt(scene, residuals) ?? []).map((row) => row.map(text))
  const problem: Fields = {
    format: 'nadir-problem/1',
    network: design.sharing?.network ?? { inputs: design.sizes[0], layers },
    loss: { kind: design.loss ?? 'squared', reduction: design.reduction },
    data: { inputs: design.xs.map((x) => x.map((entry) => text(fraction(entry)))), targets }
  }
  return design.decay
    ? { ...problem, decay: { factor: text(fraction(design.decay.factor)), biases: design.decay.biases } }
    : problem
}

/** The loss at the point; as near as doubles come where it is irrational. */
export const plantedLoss = ({ scene, residuals }: Planted): Fraction => {
  const { design, values, factor, decays, own } = scene
  const decay = sum(own.map((entry, k) => multiply(decays[k], multiply(entry, entry))))
  const { loss } = design
  if (loss) {
    const targets = targetsAt(scene, residuals) ?? []
    const losses = sum(values.map((h, i) => lossNear(loss, h.at(-1) ?? [], targets[i])))
    return add(multiply(factor, losses), divide(decay, fraction(2)))
  }
  const errors = residuals.map((r) => divide(r, factor))
  const squares = multiply(factor, inner(errors, errors))
  return divide(add(squares, decay), fraction(2))
}

/** The point as a certificate writes it. */
export const pointDocument = (design: KinkDesign): Value => {
  const tensors: Value[] = []
  for (const tensor of design.sharing?.own ?? design.tensors) tensors.push(vector(tensor.map(fraction)))
  return tensors
}

/** Frozen parameters and symmetries, with changes of the evidence. */
export type Gauge = {
  readonly frozen: readonly number[]
  readonly symmetries: readonly Value[] | 'span'
  readonly valleys?: readonly Value[]
}
const noGauge: Gauge = { frozen: [], symmetries: [] }

export const ruleOf = ({ symmetries, valleys }: Gauge): string =>
  valleys ? 'kinks-valleys' : symmetries === 'span' ? 'kinks-span' : 'kinks'

const bits = 40n
export const tiny = `1/${1n << bits}`

/** The certificate that a minimum lies at the planted point, whether it is one or not; undefined where the second derivatives are singular. */
export const nearbyCertificate = (
  planted: Planted,
  gauge: Gauge = noGauge,
  change: { readonly claim?: Fields; readonly evidence?: Fields } = {}
): Value | undefined => {
  const { scene, multipliers } = planted
  const { frozen, symmetries, valleys } = gauge
  const { count, kinks, design } = scene
  const full = secondDerivatives(planted)
  const kept = Array.from({ length: count + kinks.length }, (_, k) => k).filter((k) => !frozen.includes(k))
  const inverse = inverseOf(kept.map((a) => kept.map((b) => full[a][b])))
  if (inverse === undefined || targetsAt(scene, planted.residuals) === undefined) return undefined
  const triangle = (matrix: readonly Row[]): Value =>
    dyadic(
      matrix.flatMap((row, a) => row.slice(0, a + 1)),
      60n
    )
  const flat = (): Value => {
    const squares = secondDerivatives(planted, false)
    // Where the outputs do not move with all free parameters there is no inverse; then any matrix must do.
    return triangle(inverseOf(kept.map((a) => kept.map((b) => squares[a][b]))) ?? inverse)
  }
  const loss = plantedLoss(planted)
  const slack = over(1n, 1n << 24n)
  return certificate(
    problemDocument(planted),
    {
      kind: 'local-minimum-nearby',
      point: pointDocument(design),
      radius: tiny,
      lower: text(isLess(loss, slack) ? none : subtract(loss, slack)),
      loss: text(add(loss, slack)),
      ...change.claim
    },
    {
      rule: ruleOf(gauge),
      kinks: kinks.map((kink) => [...kink]),
      multipliers: vector(multipliers),
      frozen,
      ...(symmetries === 'span' ? { flatInverse: flat() } : { symmetries }),
      ...(valleys ? { valleys } : {}),
      radii: { denominator: `${1n << bits}`, numerators: kept.map(() => '1') },
      inverse: triangle(inverse),
      ...change.evidence
    }
  )
}

/** The numbers of positive, zero and negative eigenvalues without the frozen parameters. Where the second derivatives are rounded, those nearer than 2^-16 count as zero. */
export const frozenInertia = (planted: Planted, frozen: readonly number[]): readonly [number, number, number] => {
  const full = secondDerivatives(planted)
  const kept = full.map((_, k) => k).filter((k) => !frozen.includes(k))
  const shifted = (by: Fraction) =>
    inertiaOf(kept.map((a) => kept.map((b) => (a === b ? add(full[a][b], by) : full[a][b]))))
  if (!planted.scene.design.loss) return shifted(none)
  const near = over(1n, 1n << 16n)
  const [[positive], [, , negative]] = [shifted(subtract(none, near)), shifted(near)]
  return [positive, kept.length - positive - negative, negative]
}
