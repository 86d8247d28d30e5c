import type { Fields } from './cases/case.ts'
import { certificate, type Value } from './digests.ts'
import {
  divide,
  type Fraction,
  fraction,
  inner,
  isEqual,
  multiply,
  none,
  one,
  over,
  sign,
  subtract,
  text
} from './fraction.ts'
import { anatomy, type Design, type Planted, plant, vectorOf } from './planted.ts'

/*
 * Minima with kinks in the last hidden layer, by construction: all functions that the layers below can give near a point are the
 * inputs of a network with one hidden layer, for which residuals are planted; the targets are the same for both networks.
 */

type Number = number | string
type Row = readonly Fraction[]

type LayerDesign = {
  readonly weights: readonly (readonly Number[])[]
  readonly biases?: readonly Number[]
  readonly slopes?: readonly [Number, Number]
}

export type DeepDesign = Omit<Design, 'weights' | 'biases' | 'slopes'> & {
  /** Hidden layers from the first to the last; kinks in the last one only. */
  readonly hidden: readonly LayerDesign[]
}

type SpanJson = { readonly pivots: readonly number[]; readonly functions: readonly Row[] }

/** The space of some functions: each is 1 at its own pivot and 0 at all others. */
const echelon = (functions: readonly Row[]): SpanJson => {
  const pivots: number[] = []
  let basis: Row[] = []
  const without = (f: Row, by: Row, pivot: number): Row =>
    f.map((entry, i) => subtract(entry, multiply(f[pivot], by[i])))
  for (const f of functions) {
    const rest = basis.reduce((left, by, a) => without(left, by, pivots[a]), f)
    const pivot = rest.findIndex((entry) => sign(entry) !== 0)
    if (pivot < 0) continue
    const added = rest.map((entry) => divide(entry, rest[pivot]))
    basis = [...basis.map((by) => without(by, added, pivot)), added]
    pivots.push(pivot)
  }
  return { pivots, functions: basis }
}

const slopesOf = ({ slopes }: LayerDesign): readonly [Fraction, Fraction] => {
  const [p, q] = slopes ?? [1, 0]
  return [fraction(p), fraction(q)]
}

/** What every hidden layer is applied to and the slopes of its units; then what the last one can be near the point. */
const walk = ({ xs, hidden }: DeepDesign) => {
  let values: readonly Row[] = xs.map((row) => row.map(fraction))
  let functions: readonly Row[] = xs[0].map((_, k) => values.map((row) => row[k]))
  const constant = xs.map(() => one)
  const gates = hidden.map((layer) => {
    const args = values.map((row) =>
      layer.weights.map((weight, j) =>
        subtract(
          inner(weight.map(fraction), row),
          layer.biases ? fraction(`${-fraction(layer.biases[j]).n}/${fraction(layer.biases[j]).d}`) : none
        )
      )
    )
    const [p, q] = slopesOf(layer)
    const slopes = args.map((row) => row.map((z) => (sign(z) > 0 ? p : sign(z) < 0 ? q : none)))
    values = args.map((row, i) => row.map((z, j) => multiply(z, slopes[i][j])))
    const read = layer.biases ? [...functions, constant] : functions
    functions = layer.weights.flatMap((_, j) => read.map((f) => f.map((entry, i) => multiply(entry, slopes[i][j]))))
    return { args, slopes, read }
  })
  const last = gates[gates.length - 1]
  return { gates, near: echelon(last.read), args: last.args }
}

/** The functions that have to be silent, from the evidence as the format has it. */
const silentFunctions = (shallow: Design, { slopes, residuals }: Planted): readonly Row[] => {
  const { units, outputs, z, kinks, slopeAt, isSilent, weightOf, ends, weightedEnds } = anatomy(shallow)
  const table = slopes.slopes as unknown as readonly (readonly (readonly [number, string | readonly string[]])[][])[]
  const number = (numerator: string): Fraction => over(BigInt(numerator), BigInt(slopes.denominator))
  return Array.from({ length: units }, (_, j) => {
    const away = (of: (r: Row) => Fraction): Fraction[] =>
      residuals.map((r, i) => (sign(z[j][i]) === 0 ? none : multiply(of(r), slopeAt(z[j][i]))))
    const outs = Array.from({ length: outputs }, (_, o) => o)
    const rows = table[j] as unknown as readonly (readonly (readonly [number, string | readonly string[]])[])[]
    if (isSilent(j))
      return outs.map((o) => {
        const f = away((r) => r[o])
        for (const kink of kinks[j]) f[kink.samples[0].sample] = ends(residuals, kink, o).right
        return f
      })
    if (outputs > 1)
      return outs.map((o) => {
        const f = away((r) => r[o])
        for (const [sample, lifted] of rows[0]) f[sample] = number(lifted[o])
        return f
      })
    const concave = kinks[j].filter((kink) => !rows[0].some(([sample]) => sample === kink.samples[0].sample))
    return rows.map((row, s) => {
      const f = away((r) => inner(weightOf(j), r))
      for (const [sample, slope] of row) f[sample] = number(slope as string)
      for (const [e, kink] of concave.entries()) {
        const { right, left } = weightedEnds(residuals, j, kink)
        f[kink.samples[0].sample] = (s >> e) & 1 ? right : left
      }
      return f
    })
  }).flat()
}

export type PlantedDeep = {
  readonly problem: Fields
  readonly point: Value
  readonly loss: string
  readonly evidence: Fields
  /** The kinks of units with v != 0; tied where both ends of its interval are the same number. */
  readonly kinks: readonly {
    readonly sample: number
    readonly residual: Row
    readonly isAlone: boolean
    readonly isTied: boolean
  }[]
  readonly isStrictBelow: boolean
}

const spanValue = ({ pivots, functions }: SpanJson): Value => ({
  pivots,
  functions: functions.map((f) => vectorOf(f.map(text)))
})

/** The problem, the point and the evidence of the rule last-layer. */
export const plantDeep = (design: DeepDesign): PlantedDeep => {
  const { hidden, ...others } = design
  const { gates, near, args } = walk(design)
  const last = hidden[hidden.length - 1]
  const shallow: Design = {
    ...others,
    ...(last.slopes ? { slopes: last.slopes } : {}),
    xs: design.xs.map((_, i) => near.functions.map((f) => text(f[i]))),
    weights: last.weights.map((_, j) => near.pivots.map((pivot) => text(args[pivot][j])))
  }
  const { kinks, outputs, isSilent, weightedEnds } = anatomy(shallow)
  // Samples that nothing but their own residual could balance have none; kinks shall have some.
  const onKinks = kinks.flatMap((classes, j) => (isSilent(j) ? [] : classes.flatMap(({ samples }) => samples)))
  const planted = plant({
    wanted: (flat) =>
      onKinks.every(({ sample }) => flat.slice(sample * outputs, (sample + 1) * outputs).some((r) => sign(r) !== 0)) &&
      flat.some((r) => sign(r) !== 0),
    ...shallow
  })
  const layers = hidden.flatMap((layer): Value[] => {
    const [positive, negative] = slopesOf(layer).map(text)
    return [
      { kind: 'dense', outputs: layer.weights.length, bias: layer.biases !== undefined },
      { kind: 'two-slope', positive, negative }
    ]
  })
  const { problem } = planted as unknown as { problem: Fields & { data: Fields } }
  const pairs = new Map<number, readonly [number, Fraction]>()
  for (const kink of kinks.flat())
    for (const { sample, t } of kink.samples.slice(1)) pairs.set(sample, [kink.samples[0].sample, t])
  const parallel = [...pairs].sort(([a], [b]) => a - b)
  let functions: readonly Row[] = [
    ...silentFunctions(shallow, planted),
    ...parallel.map(([i, [k, t]]) => design.xs.map((_, at) => (at === i ? one : at === k ? subtract(none, t) : none)))
  ]
  const spans: Value[] = []
  for (const { slopes } of gates.slice(0, -1).reverse()) {
    const through = slopes[0].flatMap((_, u) =>
      functions.map((f) => f.map((entry, i) => multiply(entry, slopes[i][u])))
    )
    const span = echelon(through)
    spans.push(spanValue(span))
    functions = span.functions
  }
  return {
    problem: {
      ...problem,
      network: {
        inputs: design.xs[0].length,
        layers: [...layers, { kind: 'dense', outputs: design.outer.length, bias: design.constants !== undefined }]
      },
      data: { ...problem.data, inputs: design.xs.map((row) => row.map((entry) => text(fraction(entry)))) }
    },
    point: [
      ...hidden.flatMap(({ weights, biases }) => [vectorOf(weights.flat()), ...(biases ? [vectorOf(biases)] : [])]),
      vectorOf(design.outer.flat()),
      ...(design.constants ? [vectorOf(design.constants)] : [])
    ],
    loss: planted.loss,
    evidence: {
      rule: 'last-layer',
      ...planted.slopes,
      parallel: parallel.map(([i, [k]]) => [i, k]),
      multiples: vectorOf(parallel.map(([, [, t]]) => text(t))),
      spans
    },
    kinks: kinks.flatMap((classes, j) =>
      isSilent(j)
        ? []
        : classes.map((kink) => {
            const { sample } = kink.samples[0]
            const { right, left } = weightedEnds(planted.residuals, j, kink)
            return {
              sample,
              residual: planted.residuals[sample],
              isAlone: classes.length === 1 && kink.samples.length === 1,
              isTied: isEqual(right, left)
            }
          })
    ),
    isStrictBelow: gates.slice(0, -1).every(({ args: z }) => z.every((row) => row.every((entry) => sign(entry) !== 0)))
  }
}

export const lastLayerMinimum = ({ problem, point, loss, evidence }: PlantedDeep): Value =>
  certificate(problem, { kind: 'local-minimum', point, loss }, evidence)
