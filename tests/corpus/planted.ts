import { certificate, type Value } from './digests.ts'
import {
  add,
  commonDenominator,
  divide,
  type Fraction,
  fraction,
  inner,
  integral,
  isEqual,
  isLess,
  multiply,
  none,
  nullspace,
  one,
  sign,
  subtract,
  sum,
  text
} from './fraction.ts'
import { randomIntegers } from './large-instance.ts'

/*
 * Certificates by construction: choose a network with one hidden layer, a point, the inputs, and where in its interval
 * every slope of the table shall lie. Then all conditions are linear in the residuals r_i. Take a solution and put the
 * targets at N(x_i) - r_i.
 */

type Number = number | string

export type Design = {
  readonly xs: readonly (readonly Number[])[]
  /** One row for each unit. */
  readonly weights: readonly (readonly Number[])[]
  readonly biases?: readonly Number[]
  /** One row for each output. */
  readonly outer: readonly (readonly Number[])[]
  readonly constants?: readonly Number[]
  readonly slopes?: readonly [Number, Number]
  readonly reduction?: 'sum' | 'mean'
  /** Representatives of concave classes, unit by unit. */
  readonly concave?: readonly (readonly number[])[]
  /** Where in [L, R] the slope of this unit, row, representative and output lies, from 0 to 1; else 1/2. */
  readonly place?: (unit: number, row: number, representative: number, output: number) => Number
  /** Units with v = 0 for which condition (d) is not asked. */
  readonly free?: readonly number[]
  /** Ask for (c) only where there are several outputs. */
  readonly plainRows?: boolean
  /** All residuals times this number. */
  readonly scale?: number
  /** How many residuals are tried, 50,000 by default. */
  readonly attempts?: number
  /** Only residuals for which this holds (sample by sample, output by output); by default none of them is zero. */
  readonly wanted?: (residuals: readonly Fraction[]) => boolean
}

const half = fraction('1/2')

type Kink = { readonly samples: readonly { sample: number; t: Fraction }[]; readonly vector: readonly Fraction[] }
type Ends = { readonly right: Fraction; readonly left: Fraction }

const parallelBy = (x: readonly Fraction[], base: readonly Fraction[]): Fraction | undefined => {
  const lead = base.findIndex((entry) => sign(entry) !== 0)
  const t = divide(x[lead], base[lead])
  return sign(t) !== 0 && x.every((entry, k) => isEqual(entry, multiply(t, base[k]))) ? t : undefined
}

/** All that the conditions speak of, for a design; residuals are given as r[sample][output]. */
export const anatomy = (design: Design) => {
  const xs = design.xs.map((row) => [...row.map(fraction), ...(design.biases ? [one] : [])])
  const weights = design.weights.map((row, unit) => [
    ...row.map(fraction),
    ...(design.biases ? [fraction(design.biases[unit])] : [])
  ])
  const outer = design.outer.map((row) => row.map(fraction))
  const [p, q] = (design.slopes ?? [1, 0]).map(fraction)
  const units = weights.length
  const outputs = outer.length
  const z = weights.map((weight) => xs.map((x) => inner(weight, x)))
  const slopeAt = (value: Fraction): Fraction => (sign(value) > 0 ? p : q)
  const values = xs.map((_, i) =>
    outer.map((row, o) =>
      add(
        design.constants ? fraction(design.constants[o]) : none,
        sum(row.map((v, j) => multiply(v, multiply(slopeAt(z[j][i]), z[j][i]))))
      )
    )
  )
  const kinks = z.map((line) => {
    const found: { samples: { sample: number; t: Fraction }[]; vector: readonly Fraction[] }[] = []
    for (const [sample, value] of line.entries()) {
      if (sign(value) !== 0 || xs[sample].every((entry) => sign(entry) === 0)) continue
      const home = found.find((kink) => parallelBy(xs[sample], kink.vector) !== undefined)
      if (home) home.samples.push({ sample, t: parallelBy(xs[sample], home.vector)! })
      else found.push({ samples: [{ sample, t: one }], vector: xs[sample] })
    }
    return found
  })
  const linear = (r: readonly (readonly Fraction[])[], unit: number, o: number): readonly Fraction[] =>
    xs[0].map((_, k) =>
      sum(xs.map((x, i) => (sign(z[unit][i]) === 0 ? none : multiply(r[i][o], multiply(slopeAt(z[unit][i]), x[k])))))
    )
  const ends = (r: readonly (readonly Fraction[])[], kink: Kink, o: number): Ends => {
    const total = (ahead: Fraction, behind: Fraction): Fraction =>
      sum(kink.samples.map(({ sample, t }) => multiply(r[sample][o], multiply(t, sign(t) > 0 ? ahead : behind))))
    return { right: total(p, q), left: total(q, p) }
  }
  const isSilent = (unit: number): boolean => outer.every((row) => sign(row[unit]) === 0)
  const weightOf = (unit: number): readonly Fraction[] =>
    outputs === 1 ? [fraction(sign(outer[0][unit]))] : outer.map((row) => row[unit])
  const weightedEnds = (r: readonly (readonly Fraction[])[], unit: number, kink: Kink): Ends => {
    const all = outer.map((_, o) => ends(r, kink, o))
    return {
      right: inner(
        weightOf(unit),
        all.map(({ right }) => right)
      ),
      left: inner(
        weightOf(unit),
        all.map(({ left }) => left)
      )
    }
  }
  return { xs, outer, units, outputs, z, slopeAt, values, kinks, linear, ends, isSilent, weightOf, weightedEnds }
}

const between = ({ right, left }: Ends, place: Fraction): Fraction => add(left, multiply(place, subtract(right, left)))

/** The table of slopes that the design asks for, as fractions, and all linear conditions on the residuals. */
const plan = (design: Design) => {
  const parts = anatomy(design)
  const { xs, units, outputs, z, slopeAt, kinks, linear, ends, isSilent, weightOf, weightedEnds } = parts
  const place = (unit: number, row: number, representative: number, output: number): Fraction =>
    design.place ? fraction(design.place(unit, row, representative, output)) : half
  const lifted = outputs > 1 && !design.plainRows
  const concaveOf = (unit: number): readonly number[] => design.concave?.[unit] ?? []
  const rowCount = (unit: number): number => (isSilent(unit) ? 0 : 1 << concaveOf(unit).length)
  const first = (kink: Kink): number => kink.samples[0].sample
  const slope = (r: readonly (readonly Fraction[])[], unit: number, row: number, kink: Kink): Fraction => {
    const bit = concaveOf(unit).indexOf(first(kink))
    const both = weightedEnds(r, unit, kink)
    if (bit >= 0) return (row >> bit) & 1 ? both.right : both.left
    return between(both, place(unit, row, first(kink), 0))
  }
  const balance = (constant: readonly Fraction[], slopes: readonly Fraction[], unit: number): readonly Fraction[] =>
    constant.map((entry, k) => add(entry, sum(kinks[unit].map(({ vector }, c) => multiply(slopes[c], vector[k])))))
  const conditions = (r: readonly (readonly Fraction[])[]): readonly Fraction[] => {
    const all: Fraction[] = []
    for (let o = 0; o < outputs; o += 1) {
      if (design.constants) all.push(sum(r.map((row) => row[o])))
      for (let j = 0; j < units; j += 1) {
        all.push(sum(r.map((row, i) => multiply(row[o], multiply(slopeAt(z[j][i]), z[j][i])))))
        if (isSilent(j) && !design.free?.includes(j)) {
          for (const kink of kinks[j]) all.push(subtract(ends(r, kink, o).right, ends(r, kink, o).left))
          all.push(
            ...balance(
              linear(r, j, o),
              kinks[j].map((kink) => ends(r, kink, o).right),
              j
            )
          )
        }
        if (!isSilent(j) && lifted) {
          const slopes = kinks[j].map((kink) => between(ends(r, kink, o), place(j, 0, first(kink), o)))
          all.push(...balance(linear(r, j, o), slopes, j))
        }
      }
    }
    if (!lifted) {
      for (let j = 0; j < units; j += 1) {
        const constant = xs[0].map((_, k) =>
          inner(
            weightOf(j),
            Array.from({ length: outputs }, (_, o) => linear(r, j, o)[k])
          )
        )
        for (let row = 0; row < rowCount(j); row += 1) {
          all.push(
            ...balance(
              constant,
              kinks[j].map((kink) => slope(r, j, row, kink)),
              j
            )
          )
        }
      }
    }
    return all
  }
  const table = (r: readonly (readonly Fraction[])[]) =>
    kinks.map((classes, j) =>
      Array.from({ length: rowCount(j) }, (_, row) =>
        classes
          .filter((kink) => !concaveOf(j).includes(first(kink)))
          .map((kink) => ({
            sample: first(kink),
            slopes: lifted
              ? Array.from({ length: outputs }, (_, o) => between(ends(r, kink, o), place(j, row, first(kink), o)))
              : [slope(r, j, row, kink)]
          }))
      )
    )
  /** Whether exactly the classes that shall be concave are so. */
  const fits = (r: readonly (readonly Fraction[])[]): boolean =>
    kinks.every(
      (classes, j) =>
        isSilent(j) ||
        classes.every((kink) => {
          const { right, left } = weightedEnds(r, j, kink)
          return isLess(right, left) === concaveOf(j).includes(first(kink))
        })
    )
  return { parts, conditions, table, fits, lifted }
}

const inRows = (flat: readonly Fraction[], width: number): readonly (readonly Fraction[])[] =>
  Array.from({ length: flat.length / width }, (_, i) => flat.slice(i * width, (i + 1) * width))

/** Small residuals that satisfy every condition of the design. */
const residualsFor = (design: Design): readonly (readonly Fraction[])[] => {
  const { parts, conditions, fits } = plan(design)
  const size = design.xs.length * parts.outputs
  const columns = Array.from({ length: size }, (_, k) =>
    conditions(
      inRows(
        Array.from({ length: size }, (_, index) => (index === k ? one : none)),
        parts.outputs
      )
    )
  )
  const rows = columns[0].map((_, condition) => columns.map((column) => column[condition]))
  const basis = nullspace(rows, size).map(integral)
  const wanted = design.wanted ?? ((r) => r.every((entry) => sign(entry) !== 0))
  const random = randomIntegers(7n)
  for (let attempt = 0; attempt < (design.attempts ?? 50000); attempt += 1) {
    const range = BigInt(3 + 2 * (attempt >> 12))
    const factors = basis.map(() => fraction((random(16n) % range) - range / 2n))
    const flat = Array.from({ length: size }, (_, k) =>
      inner(
        factors,
        basis.map((vector) => vector[k])
      )
    )
    const r = inRows(flat, parts.outputs)
    if (!wanted(flat) || !fits(r)) continue
    return r.map((row) => row.map((entry) => multiply(entry, fraction(design.scale ?? 1))))
  }
  throw new Error(`no residuals for ${JSON.stringify(design)}: ${basis.length} dimensions`)
}

export const vectorOf = (entries: readonly Number[]): Value => {
  const all = entries.map(fraction)
  const denominator = commonDenominator(all)
  return { denominator: `${denominator}`, numerators: all.map(({ n, d }) => `${n * (denominator / d)}`) }
}

export const networkOf = (design: Design): Value => {
  const [positive, negative] = (design.slopes ?? [1, 0]).map((slope) => text(fraction(slope)))
  return {
    inputs: design.xs[0].length,
    layers: [
      { kind: 'dense', outputs: design.weights.length, bias: design.biases !== undefined },
      { kind: 'two-slope', positive, negative },
      { kind: 'dense', outputs: design.outer.length, bias: design.constants !== undefined }
    ]
  }
}

export const pointOf = (design: Design): Value => [
  vectorOf(design.weights.flat()),
  ...(design.biases ? [vectorOf(design.biases)] : []),
  vectorOf(design.outer.flat()),
  ...(design.constants ? [vectorOf(design.constants)] : [])
]

export const rowsOf = (
  table: readonly (readonly (readonly { sample: number; slopes: readonly Fraction[] }[])[])[],
  lifted: boolean
): { denominator: string; slopes: Value } => {
  const denominator = commonDenominator(table.flat(2).flatMap(({ slopes }) => slopes))
  const integer = ({ n, d }: Fraction): string => `${n * (denominator / d)}`
  return {
    denominator: `${denominator}`,
    slopes: table.map((rows) =>
      rows.map((row) => row.map(({ sample, slopes }) => [sample, lifted ? slopes.map(integer) : integer(slopes[0])]))
    )
  }
}

export type Planted = {
  readonly problem: Value
  readonly point: Value
  readonly loss: string
  readonly slopes: { readonly denominator: string; readonly slopes: Value }
  readonly residuals: readonly (readonly Fraction[])[]
}

/** The problem, the point with its loss, and the table of slopes of a design, for the squared loss. */
export const plant = (design: Design): Planted => {
  const { parts, table, lifted } = plan(design)
  const residuals = residualsFor(design)
  const reduction = design.reduction ?? 'sum'
  const squares = sum(residuals.flat().map((r) => multiply(r, r)))
  const loss = divide(squares, fraction(reduction === 'mean' ? 2 * residuals.length : 2))
  const problem = {
    format: 'nadir-problem/1',
    network: networkOf(design),
    loss: { kind: 'squared', reduction },
    data: {
      inputs: design.xs.map((row) => row.map((entry) => text(fraction(entry)))),
      targets: residuals.map((row, i) => row.map((r, o) => text(subtract(parts.values[i][o], r))))
    }
  }
  return { problem, point: pointOf(design), loss: text(loss), slopes: rowsOf(table(residuals), lifted), residuals }
}

export const localMinimum = ({ problem, point, loss, slopes }: Planted): Value =>
  certificate(problem, { kind: 'local-minimum', point, loss }, { rule: 'first-order', ...slopes })
