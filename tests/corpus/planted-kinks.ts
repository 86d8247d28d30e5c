import type { Value } from './digests.ts'
import {
  add,
  divide,
  type Fraction,
  fraction,
  inner,
  multiply,
  none,
  nullspace,
  one,
  over,
  sign,
  subtract,
  sum,
  text,
  unitVector
} from './fraction.ts'
import { inverseOf } from './fraction-matrices.ts'
import { curvatureOf, type SmoothLoss, sharesOf, targetsWith } from './smooth-losses.ts'

/*
 * Points on kinks by construction. For chosen weights and inputs the derivatives of the frozen function are linear in the
 * residuals and the multipliers: take a solution whose multipliers lie inside their bounds, and put the targets at
 * N(x_i) - r_i. The point is then exactly stationary; what kind it is, exact elimination of the second derivatives says. With the
 * logistic loss and cross-entropy the residuals are slopes of the loss: the targets that have them are rounded, to about 2^-64.
 */

export type KinkDesign = {
  readonly sizes: readonly number[]
  readonly slopes: readonly [number | string, number | string]
  /** Hidden layers without an activation. */
  readonly linear?: readonly number[]
  readonly xs: readonly (readonly (number | string)[])[]
  /** Layer by layer, weights row by row, then biases where there are some. */
  readonly tensors: readonly (readonly (number | string)[])[]
  readonly bias: boolean
  readonly decay?: { readonly factor: string; readonly biases: boolean }
  readonly reduction: 'sum' | 'mean'
  /** Set where the tensors are those of another network, written out as dense layers. */
  readonly sharing?: Sharing
  /** Kinks whose arguments are the same number near the point are one. */
  readonly merged?: boolean
  /** Squared where it is missing. */
  readonly loss?: SmoothLoss
}

/** A network whose parameters stand in several places of dense layers, with factors. */
export type Sharing = {
  readonly own: readonly (readonly (number | string)[])[]
  /** For every parameter of the dense layers what it is made of. */
  readonly forms: readonly (readonly { readonly parameter: number; readonly factor: Fraction }[])[]
  readonly isBias: readonly boolean[]
  readonly network: Value
}

export type Kink = readonly [layer: number, unit: number, sample: number]
export type Row = readonly Fraction[]

/** Everything that is fixed by the weights and inputs alone. */
export type Scene = {
  readonly design: KinkDesign
  /** The parameters of the dense layers, and those of the network. */
  readonly theta: Row
  readonly own: Row
  readonly count: number
  /** Where weights and biases of each dense layer begin; -1 without bias. */
  readonly places: readonly { readonly weight: number; readonly bias: number }[]
  readonly kinks: readonly Kink[]
  /** For every kink the units and samples that are on it. */
  readonly members: readonly (readonly Kink[])[]
  /** values[i][l], arguments[i][l], slopes[i][l]; kinks have the negative slope. */
  readonly values: readonly (readonly Row[])[]
  readonly slopes: readonly (readonly Row[])[]
  /** Of every sample, for the losses that have some. */
  readonly shares: readonly Row[]
  readonly decays: Row
  readonly factor: Fraction
}

const zeros = (count: number): Fraction[] => new Array<Fraction>(count).fill(none)

/** Arguments and values of dense layers at these parameters. */
const forwardOf = ({ sizes, xs, slopes: both, linear }: KinkDesign, places: Scene['places'], theta: Row) => {
  const [positive, negative] = both.map(fraction)
  const zeroes: Kink[] = []
  const values: Row[][] = []
  const slopes: Row[][] = []
  const args: Row[][] = []
  for (const [i, x] of xs.entries()) {
    const h: Row[] = [x.map(fraction)]
    const s: Row[] = []
    args.push([])
    for (const [l, place] of places.entries()) {
      const t = Array.from({ length: sizes[l + 1] }, (_, u) => {
        const at = place.weight + u * sizes[l]
        const linear = inner(theta.slice(at, at + sizes[l]), h[l])
        return place.bias < 0 ? linear : add(linear, theta[place.bias + u])
      })
      args[i].push(t)
      if (l === places.length - 1) h.push(t)
      else {
        const isLinear = linear?.includes(l)
        for (const [u, entry] of t.entries()) if (!isLinear && sign(entry) === 0) zeroes.push([l, u, i])
        s.push(t.map((entry) => (isLinear ? one : sign(entry) > 0 ? positive : negative)))
        h.push(t.map((entry, u) => multiply(s[l][u], entry)))
      }
    }
    values.push(h)
    slopes.push(s)
  }
  zeroes.sort((a, b) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2])
  return { values, slopes, args, zeroes }
}

const writtenOut = (forms: Sharing['forms'], own: Row): Row =>
  forms.map((form) => sum(form.map(({ parameter, factor }) => multiply(factor, own[parameter]))))

/** Zeros that are the same number at some points nearby, together; those that are 0 there are none. */
const together = (design: KinkDesign, places: Scene['places'], own: Row, zeroes: readonly Kink[]): Kink[][] => {
  const forms = design.sharing?.forms
  const nearby = [1009n, 2003n, 5021n].map((base) => {
    const moved = own.map((entry, k) => add(entry, over(base ** BigInt(k + 2) % 1_000_003n, 10n ** 15n)))
    return forwardOf(design, places, forms ? writtenOut(forms, moved) : moved).args
  })
  const groups = new Map<string, Kink[]>()
  for (const [l, u, i] of zeroes) {
    const there = nearby.map((args) => args[i][l][u])
    if (there.every((entry) => sign(entry) === 0)) continue
    const key = `${l} ${there.map(text).join()}`
    groups.set(key, [...(groups.get(key) ?? []), [l, u, i]])
  }
  return [...groups.values()]
}

export const sceneOf = (design: KinkDesign): Scene => {
  const { sizes, xs, tensors, bias, decay, reduction, loss, sharing, merged } = design
  const theta = tensors.flat().map(fraction)
  const places: { weight: number; bias: number }[] = []
  let count = 0
  const isBias: boolean[] = []
  for (let l = 1; l < sizes.length; l += 1) {
    const weights = sizes[l] * sizes[l - 1]
    places.push({ weight: count, bias: bias ? count + weights : -1 })
    count += weights + (bias ? sizes[l] : 0)
    isBias.push(...new Array<boolean>(weights).fill(false))
    if (bias) isBias.push(...new Array<boolean>(sizes[l]).fill(true))
  }
  if (theta.length !== count) throw new Error(`${theta.length} parameters where ${count} are asked for`)
  const own = sharing ? sharing.own.flat().map(fraction) : theta
  const factor = decay ? fraction(decay.factor) : none
  const decays = (sharing?.isBias ?? isBias).map((is) => (is && !decay?.biases ? none : factor))
  const { values, slopes, zeroes } = forwardOf(design, places, theta)
  const members = merged ? together(design, places, own, zeroes) : zeroes.map((kink) => [kink])
  return {
    design,
    theta,
    own,
    count: own.length,
    places,
    kinks: members.map(([first]) => first),
    members,
    values,
    slopes,
    shares: loss ? values.map((h) => sharesOf(loss, h.at(-1) ?? [])) : [],
    decays,
    factor: reduction === 'mean' ? over(1n, BigInt(xs.length)) : one
  }
}

/** Derivatives by the parameters of dense layers as derivatives by those of the network. */
const ownGradient = ({ design: { sharing }, count }: Scene, gradient: Row): Row => {
  if (!sharing) return gradient
  const own = zeros(count)
  for (const [k, form] of sharing.forms.entries()) {
    for (const { parameter, factor } of form) own[parameter] = add(own[parameter], multiply(factor, gradient[k]))
  }
  return own
}

/** Back-propagation of a seed at what dense layer `top` gives, on one sample: adjoints of all arguments and hidden values below. */
const backward = (scene: Scene, sample: number, top: number, seed: Row) => {
  const { design, theta, places, slopes } = scene
  const args: Row[] = []
  const hidden: Row[] = []
  args[top] = seed
  for (let l = top; l > 0; l -= 1) {
    const width = design.sizes[l]
    hidden[l - 1] = Array.from({ length: width }, (_, k) =>
      sum(args[l].map((d, u) => multiply(d, theta[places[l].weight + u * width + k])))
    )
    args[l - 1] = hidden[l - 1].map((d, k) => multiply(d, slopes[sample][l - 1][k]))
  }
  return { args, hidden }
}

/** The derivatives of a seed's result by all parameters. */
const parameterGradient = (scene: Scene, sample: number, top: number, seed: Row): Row => {
  const { design, places, values, theta } = scene
  const gradient = zeros(theta.length)
  const { args } = backward(scene, sample, top, seed)
  for (let l = 0; l <= top; l += 1) {
    const width = design.sizes[l]
    for (const [u, d] of args[l].entries()) {
      for (let k = 0; k < width; k += 1) gradient[places[l].weight + u * width + k] = multiply(d, values[sample][l][k])
      if (places[l].bias >= 0) gradient[places[l].bias + u] = d
    }
  }
  return ownGradient(scene, gradient)
}

/** Per unit of residual or multiplier: a sample, the layer where it enters, and its seed. */
const sourcesOf = ({ design, places, kinks }: Scene) => {
  const outputs = design.sizes.at(-1) ?? 1
  return [
    ...design.xs.flatMap((_, sample) =>
      Array.from({ length: outputs }, (_, o) => ({ sample, top: places.length - 1, seed: unitVector(outputs, o) }))
    ),
    ...kinks.map(([l, u, sample]) => ({ sample, top: l, seed: unitVector(design.sizes[l + 1], u) }))
  ]
}

/** A stationary point of a problem: its targets, multipliers and bounds. */
export type Planted = {
  readonly scene: Scene
  readonly residuals: Row
  readonly multipliers: Row
  readonly bounds: Row
}

/** Targets with these residuals (times F); undefined where the loss asks for probabilities and they are none. */
export const targetsAt = ({ design, values, shares, factor }: Scene, residuals: Row): readonly Row[] | undefined => {
  const outputs = design.sizes.at(-1) ?? 1
  const rows: Row[] = []
  for (const [i, h] of values.entries()) {
    const slopes = residuals.slice(i * outputs, (i + 1) * outputs).map((r) => divide(r, factor))
    const f = h.at(-1) ?? []
    const row = design.loss
      ? targetsWith(design.loss, shares[i], slopes)
      : f.map((entry, o) => subtract(entry, slopes[o]))
    if (row === undefined) return undefined
    rows.push(row)
  }
  return rows
}

/** Of all solutions with a last entry of 1 (or, with all of them 0, of 0) the shortest, and a basis of those with 0. */
const shortest = (basis: readonly Row[]): { readonly start: Row | undefined; readonly others: readonly Row[] } => {
  const from = basis.find((vector) => sign(vector.at(-1) ?? none) !== 0)
  if (from === undefined) return { start: undefined, others: basis }
  const whole = from.map((entry) => divide(entry, from.at(-1) ?? one))
  const others = basis
    .filter((vector) => vector !== from)
    .map((vector) => vector.map((entry, k) => subtract(entry, multiply(vector.at(-1) ?? none, whole[k]))))
  const gram = inverseOf(others.map((a) => others.map((b) => inner(a, b)))) ?? []
  const parts = gram.map((row) =>
    inner(
      row,
      others.map((vector) => inner(vector, whole))
    )
  )
  const start = whole.map((entry, k) => subtract(entry, sum(others.map((vector, a) => multiply(parts[a], vector[k])))))
  return { start, others }
}

/** Proposals for a loss with probabilities as targets: the shortest solution and shorter and shorter parts of another one. */
function* shorter(basis: readonly Row[], hasDecay: boolean, wish: () => number): Generator<Row> {
  const { start, others } = shortest(basis)
  const from = hasDecay ? start : zeros(basis[0]?.length ?? 0)
  if (from === undefined) return
  for (let attempt = 0; attempt < 24; attempt += 1) {
    const factors = others.map(() => fraction(wish()))
    for (let halvings = 0n; halvings < 12n; halvings += 1n) {
      const part = over(1n, 1n << halvings)
      yield from.map((entry, k) =>
        add(entry, multiply(part, sum(others.map((vector, a) => multiply(factors[a], vector[k])))))
      )
    }
  }
}

/** Proposals without bounds on the targets. */
function* combinations(basis: readonly Row[], hasDecay: boolean, wish: () => number): Generator<Row> {
  for (let attempt = 0; attempt < 60; attempt += 1) {
    const combination = basis
      .map((vector) => {
        const factor = fraction(wish())
        return vector.map((entry) => multiply(factor, entry))
      })
      .reduce((a, b) => a.map((entry, k) => add(entry, b[k])), zeros(basis[0]?.length ?? 0))
    const last = combination.at(-1) ?? none
    if (hasDecay && sign(last) === 0) continue
    yield hasDecay ? combination.map((entry) => divide(entry, last)) : combination
  }
}

/**
 * Residuals (times F) and multipliers for which the point is stationary with multipliers at this share of their bounds, or undefined.
 * `wish` proposes the free coordinates.
 */
export const plant = (scene: Scene, share: Fraction, wish: () => number): Planted | undefined => {
  const { design, own, count, decays, kinks, members } = scene
  const sources = sourcesOf(scene)
  const gradients = sources.map(({ sample, top, seed }) => parameterGradient(scene, sample, top, seed))
  const [positive, negative] = design.slopes.map(fraction)
  const boundRow = (all: readonly Kink[]): Fraction[] =>
    sources.map(({ sample, top, seed }) =>
      sum(
        all.map(([l, u, i]) =>
          sample !== i || top <= l
            ? none
            : multiply(subtract(positive, negative), backward(scene, sample, top, seed).hidden[l][u])
        )
      )
    )
  const bounds = members.map(boundRow)
  const offset = sources.length - kinks.length
  const rows: Fraction[][] = Array.from({ length: count }, (_, k) => [
    ...gradients.map((gradient) => gradient[k]),
    multiply(decays[k], own[k])
  ])
  for (const [a, bound] of bounds.entries()) {
    const row = bound.map((entry) => multiply(share, entry))
    row[offset + a] = subtract(row[offset + a], one)
    rows.push([...row, none])
  }
  const outputs = design.sizes.at(-1) ?? 1
  if (design.loss === 'cross-entropy') {
    // Slopes add up to 0.
    for (const i of design.xs.keys())
      rows.push(
        Array.from({ length: sources.length + 1 }, (_, at) =>
          at < offset && Math.floor(at / outputs) === i ? one : none
        )
      )
  }
  const basis = nullspace(rows, sources.length + 1)
  const hasDecay = decays.some((decay) => sign(decay) !== 0)
  for (const solution of (design.loss ? shorter : combinations)(basis, hasDecay, wish)) {
    const found = bounds.map((bound) => inner(bound, solution.slice(0, sources.length)))
    if (found.some((bound) => sign(bound) <= 0)) continue
    if (targetsAt(scene, solution.slice(0, offset)) === undefined) continue
    return {
      scene,
      residuals: solution.slice(0, offset),
      multipliers: solution.slice(offset, sources.length),
      bounds: found
    }
  }
  return undefined
}

/** K at the point, exactly; without `crossing`, with F J^T J in place of the second derivatives. */
export const secondDerivatives = ({ scene, residuals, multipliers }: Planted, crossing = true): Fraction[][] => {
  const { design, count, kinks, places, decays, factor } = scene
  const outputs = design.sizes.at(-1) ?? 1
  const size = count + kinks.length
  const K = Array.from({ length: size }, () => zeros(size))
  const put = (a: number, b: number, entry: Fraction): void => {
    K[a][b] = add(K[a][b], entry)
  }
  for (const sample of design.xs.keys()) {
    const gradients = Array.from({ length: outputs }, (_, o) =>
      parameterGradient(scene, sample, places.length - 1, unitVector(outputs, o))
    )
    const curvatures = design.loss
      ? curvatureOf(design.loss, scene.shares[sample])
      : gradients.map((_, o) => unitVector(outputs, o))
    for (const [o, row] of curvatures.entries()) {
      for (const [q, curvature] of row.entries()) {
        if (sign(curvature) === 0) continue
        const weight = multiply(factor, curvature)
        for (const [a, x] of gradients[o].entries()) {
          if (sign(x) !== 0) for (const [b, y] of gradients[q].entries()) put(a, b, multiply(weight, multiply(x, y)))
        }
      }
    }
    if (!crossing) continue
    // Adjoints of all arguments with the multipliers in them.
    const seeds: Row[] = places.map((_, l) =>
      l === places.length - 1
        ? residuals.slice(sample * outputs, (sample + 1) * outputs)
        : Array.from({ length: design.sizes[l + 1] }, (_, u) =>
            sum(multipliers.filter((_, a) => kinks[a][0] === l && kinks[a][1] === u && kinks[a][2] === sample))
          )
    )
    const deltas = places.map((_, l) => zeros(design.sizes[l + 1]))
    for (const [top, seed] of seeds.entries()) {
      const { args } = backward(scene, sample, top, seed)
      for (let l = 0; l <= top; l += 1) for (const [u, d] of args[l].entries()) deltas[l][u] = add(deltas[l][u], d)
    }
    for (let l = 1; l < places.length; l += 1) {
      for (let k = 0; k < design.sizes[l]; k += 1) {
        const g = parameterGradient(scene, sample, l - 1, unitVector(design.sizes[l], k)).map((entry) =>
          multiply(entry, scene.slopes[sample][l - 1][k])
        )
        for (const [u, d] of deltas[l].entries()) {
          const weight = places[l].weight + u * design.sizes[l] + k
          const form = design.sharing?.forms[weight] ?? [{ parameter: weight, factor: one }]
          for (const { parameter, factor: times } of sign(d) === 0 ? [] : form) {
            for (const [b, y] of g.entries()) {
              if (sign(y) === 0) continue
              const entry = multiply(times, multiply(d, y))
              put(parameter, b, entry)
              put(b, parameter, entry)
            }
          }
        }
      }
    }
  }
  for (const [k, decay] of decays.entries()) put(k, k, decay)
  for (const [a, [l, u, sample]] of kinks.entries()) {
    const g = parameterGradient(scene, sample, l, unitVector(design.sizes[l + 1], u))
    for (const [k, entry] of g.entries()) {
      K[count + a][k] = entry
      K[k][count + a] = entry
    }
  }
  return K
}
