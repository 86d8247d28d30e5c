import { certificate, type Value } from './digests.ts'
import { text } from './fraction.ts'
import { inputCount, lossAt, type ProblemJson, parametersOf } from './naive.ts'
import { isRisk, type ParametersJson, type RiskProblemJson, riskAt } from './risk-naive.ts'

type Path = readonly (string | number)[]

type Site = { readonly path: Path; readonly value: string | number }

const numeral = /^-?[0-9]+(?:\/[0-9]+)?$/
const digestText = /^sha256:/

/** Every count, integer, rational and digest of a JSON value, with the way to it. */
export const sites = (value: Value, path: Path = []): readonly Site[] => {
  if (typeof value === 'number') return [{ path, value }]
  if (typeof value === 'string') return numeral.test(value) || digestText.test(value) ? [{ path, value }] : []
  if (value === null || typeof value === 'boolean') return []
  if (Array.isArray(value)) return value.flatMap((item: Value, index) => sites(item, [...path, index]))
  return Object.entries(value as Record<string, Value>).flatMap(([key, item]) => sites(item, [...path, key]))
}

/** Other numbers in the place of one: near ones, the opposite, zero, and a far one. */
export const variants = (value: string | number): readonly (string | number)[] => {
  if (typeof value === 'number') return [value + 1, ...(value > 0 ? [value - 1] : []), 2 * value + 7]
  if (digestText.test(value)) {
    return [7, 38, 70].map((at) => value.slice(0, at) + (value.charAt(at) === '0' ? '1' : '0') + value.slice(at + 1))
  }
  const [above, below] = value.split('/')
  const n = BigInt(above)
  const numerators = [...new Set([n + 1n, n - 1n, -n, 0n, 10n * n + 1n])].filter((other) => other !== n)
  if (below === undefined) return [...numerators.map(String), `${3n * n + 1n}/3`]
  const d = BigInt(below)
  return [...numerators.filter((other) => other !== 0n).map((other) => `${other}/${d}`), `${n}/${d + 1n}`, `${n}`]
}

/** The value with another one at the path. */
export const replaced = (value: Value, path: Path, by: Value): Value => {
  if (path.length === 0) return by
  const [head, ...rest] = path
  if (Array.isArray(value)) return value.map((item: Value, index) => (index === head ? replaced(item, rest, by) : item))
  const fields = value as Record<string, Value>
  return { ...fields, [head]: replaced(fields[head], rest, by) }
}

export type Mutant = { readonly part: string; readonly document: Value }

/** The certificate with one number changed, for about this many of its numbers, evenly spread. */
export const mutants = (text: string, count: number): readonly Mutant[] => {
  const document: Value = JSON.parse(text)
  const all = sites(document)
  const step = Math.ceil(all.length / count)
  return all
    .filter((_, index) => index % step === 0)
    .flatMap(({ path, value }) =>
      variants(value).map((by) => ({ part: String(path[0]), document: replaced(document, path, by) }))
    )
}

type Parts = {
  readonly problem: Value
  readonly claim: Record<string, Value>
  readonly proof: { readonly evidence: Value }
}

/** The certificate with digests of its own problem and claim. */
export const withDigests = (document: Value): Value => {
  const { problem, claim, proof } = document as unknown as Parts
  return certificate(problem, claim, proof.evidence)
}

/** The certificate with the losses that its points have, and with its digests; undefined where they have none. */
export const withLosses = (document: Value): Value | undefined => {
  const { problem, claim, proof } = document as unknown as Parts
  if (isRisk(problem)) {
    if (claim['parameters'] === undefined) return undefined
    const risk = riskAt(problem as unknown as RiskProblemJson, claim['parameters'] as unknown as ParametersJson)
    return certificate(problem, { ...claim, risk: text(risk) }, proof.evidence)
  }
  const { data } = problem as unknown as ProblemJson
  if (data.inputs.some((row) => row.length !== inputCount(problem as unknown as ProblemJson))) return undefined
  try {
    const lossOf = (at: Value): string => text(lossAt(problem, parametersOf(at)))
    const loss = lossOf(claim['point'])
    const losses = claim['better'] ? { loss, betterLoss: lossOf(claim['better']) } : { loss }
    return certificate(problem, { ...claim, ...losses }, proof.evidence)
  } catch {
    return undefined
  }
}
