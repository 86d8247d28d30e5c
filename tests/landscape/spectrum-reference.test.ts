import { readFileSync } from 'node:fs'
import { fromNumber, parseExact, type Rational, toNumber } from '@nadir/arithmetic'
import {
  type Activation,
  type Cause,
  criticalSubspaces,
  dataset,
  empiricalRisk,
  evaluate,
  type Network,
  type Problem,
  type Spectrum,
  spectrum,
  splitUnit,
  zeroLossSubspaces
} from '@nadir/landscape'
import { describe, expect, test } from 'vitest'

const read = (name: string) => JSON.parse(readFileSync(new URL(`../reference/${name}`, import.meta.url), 'utf8')).kinds
const { zero_misfit_rank, splitting, counts, deep_last_activation } = read('curvature.json')
const { constant_output_points } = read('smooth-networks.json')

const exactly = (text: string): Rational => parseExact(text) ?? expect.fail(`not a number: ${text}`)
const number = (text: string) => toNumber(exactly(text))
const data = (x: readonly string[], y: readonly string[]) =>
  dataset(
    x.map((t) => [exactly(t)]),
    y.map((t) => [exactly(t)])
  )

function network(activations: readonly string[], inputs: number, widths: readonly number[]): Network {
  const hidden = widths.flatMap((outputs, l) => [
    { kind: 'dense' as const, outputs, bias: true },
    { kind: 'activation' as const, activation: { kind: 'smooth', name: activations[l] } as Activation }
  ])
  return { inputs: [inputs], layers: [...hidden, { kind: 'dense', outputs: 1, bias: true }] }
}

function report(problem: Problem, theta: readonly number[]): Spectrum {
  const found = spectrum(problem, { kind: 'float', values: Float64Array.from(theta) })
  return found.kind === 'spectrum' ? found : expect.fail(found.reason)
}

const words: Readonly<Record<string, Cause>> = {
  'constant unit (w_j=0)': 'constant-units',
  'zero outgoing weight': 'zero-outgoing',
  'duplicated units': 'duplicates',
  'mirrored/reflected units': 'mirrored',
  'too few data (J has full row rank N)': 'too-few-data'
}

function requireAttribution(found: Spectrum, attribution: Readonly<Record<string, number>>): void {
  const expected = Object.fromEntries(
    Object.entries(attribution).flatMap(([text, count]) => (count === 0 ? [] : [[words[text] ?? text, count]]))
  )
  expect(Object.fromEntries(Object.entries(found.causes).filter(([, count]) => count !== 0))).toEqual(expected)
}

/** All eigenvalues; those below 1e-30 in the reference are zeros. */
function requireEigenvalues(found: Spectrum, known: readonly string[]): void {
  const values = known.map(Number).toSorted((a, b) => a - b)
  const size = Math.max(...values.map(Math.abs))
  expect(found.eigenvalues).toHaveLength(values.length)
  for (const [k, value] of values.entries()) expect(Math.abs(found.eigenvalues![k]! - value)).toBeLessThan(1e-13 * size)
}

const signs = ({ inertia }: Spectrum) => [inertia!.positive, inertia!.negative, inertia!.zero]

interface Instance {
  readonly id: string
}
const each = (kind: { readonly instances: readonly Instance[] }) => kind.instances.map((i) => [i.id, i] as const)

describe('reference points of curvature', () => {
  test.each(each(zero_misfit_rank))('zero misfit, %s: rank, null space by causes, eigenvalues', (_, instance) => {
    // biome-ignore lint/suspicious/noExplicitAny: a row of a JSON file
    const p = instance as any
    const inputs = p.w[0].length
    const shape = network([p.activation], inputs, [p.w.length])
    const flat = [...p.w.flat(), ...p.b, ...p.v, p.c].map(number)
    const X = p.x.map((row: string[]) => row.map(exactly))
    // Targets are the outputs of the network.
    const Y = p.x.map((row: string[]) => [
      fromNumber(evaluate(shape, Float64Array.from(flat), Float64Array.from(row.map(number)))[0]!)
    ])
    const found = report(empiricalRisk({ network: shape, data: dataset(X, Y) }), flat)
    expect(found.parameters).toBe(p.params)
    expect(found.parameters - found.nullity.value).toBe(p.rank_predicted)
    expect(found.nullity.value).toBe(p.nullity)
    expect(found.illPosedness!.jacobianRank).toBe(p.rank_computed)
    expect(found.nullity.gap[1]).toBeGreaterThan(1e6 * found.nullity.gap[0])
    requireAttribution(found, p.attribution)
    requireEigenvalues(found, p.eigenvalues)
  })

  test.each(each(constant_output_points))(
    'constant output, %s: inertia, causes, eigenvalues, verdict',
    (_, instance) => {
      // biome-ignore lint/suspicious/noExplicitAny: a row of a JSON file
      const p = instance as any
      const problem = empiricalRisk({ network: network([p.activation], 1, [p.w.length]), data: data(p.x, p.y) })
      const found = report(problem, [...p.w, ...p.b, ...p.v, p.c].map(number))
      expect(signs(found)).toEqual(p.inertia_plus_minus_zero)
      expect(Math.abs(found.loss - number(p.loss))).toBeLessThan(1e-15 * 8)
      requireAttribution(found, p.attribution)
      requireEigenvalues(found, p.eigenvalues)
      const claims = found.statements.map((s) => s.conclusion)
      if (p.type === 'localmin') {
        expect(found.statements.find((s) => s.id === 'S4')).toMatchObject({ conclusion: 'local-minimum', proved: true })
        expect(claims).not.toContain('strict-saddle')
      } else expect(claims).toContain('strict-saddle')
    }
  )

  test.each(each(splitting))('splitting, %s: inertia of both parts and of the whole', (_, instance) => {
    // biome-ignore lint/suspicious/noExplicitAny: a row of a JSON file
    const p = instance as any
    const { w, b, v, c } = p.small_min
    const theta = [w, b, v, c].map(number)
    const problem = empiricalRisk({ network: network([p.activation], 1, [1]), data: data(p.x, p.y) })
    requireEigenvalues(report(problem, theta), p.eig_H_small)
    for (const { lam, inertia, predicted } of p.splits) {
      const split = splitUnit(problem, Float64Array.from(theta), 0, number(lam))
      for (const [k, value] of p.eig_B.map(Number).entries())
        expect(Math.abs(split.bend[k]! - value)).toBeLessThan(1e-12)
      const { positive, negative, zero } = split.predicted
      expect([positive, negative, zero]).toEqual(predicted)
      const found = report(split.problem, Array.from(split.theta))
      expect(signs(found)).toEqual(inertia)
      expect(found.causes.duplicates).toBe(1)
    }
  })

  test.each(each(deep_last_activation))('last activation at its extrema, %s', (_, instance) => {
    // biome-ignore lint/suspicious/noExplicitAny: a row of a JSON file
    const p = instance as any
    const [w1, b1, w2, b2, ...rest] = p.params.map(number)
    const problem = empiricalRisk({ network: network(['tanh', 'sine'], 1, [2, 1]), data: data(p.x, p.y) })
    const found = report(problem, [w1, w2, b1, b2, ...rest])
    expect(signs(found)).toEqual(p.inertia)
    expect(found.statements.map((s) => s.id)).toContain('last-activation')
  })

  test.each(each(counts))('numbers of critical subspaces, %s', (_, instance) => {
    // biome-ignore lint/suspicious/noExplicitAny: a row of a JSON file
    const p = instance as any
    expect(criticalSubspaces(p.r, p.m)).toBe(BigInt(p.G))
    expect(zeroLossSubspaces(p.r, p.m)).toBe(BigInt(p.T))
  })
})
