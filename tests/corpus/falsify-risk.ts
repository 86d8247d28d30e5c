import type { Value } from './digests.ts'
import { fraction, isEqual, isLess, text } from './fraction.ts'
import { randomIntegers } from './large-instance.ts'
import {
  bestFor,
  constantFor,
  floatProblem,
  floatRiskAt,
  kinksBySampling,
  type ParametersJson,
  type RiskProblemJson,
  riskAt
} from './risk-naive.ts'

/*
 * Looks for a reason why a claim about the risk on an interval is false, by sampling and in doubles: it may miss one, it
 * never invents one that is larger than rounding.
 */

type RangeJson = readonly [string, string]

type FunctionJson = {
  readonly form: string
  readonly type: string
  readonly global: boolean
  readonly kink?: RangeJson
  readonly kinks?: number
  readonly c: RangeJson
  readonly slope?: RangeJson
  readonly risk: RangeJson
}

type ClaimJson = {
  readonly kind: string
  readonly functions?: readonly FunctionJson[]
  readonly minima?: readonly ParametersJson[]
  readonly better?: ParametersJson
  readonly parameters?: ParametersJson
  readonly risk?: string
  readonly gap?: string
  readonly delta?: string
}

const number = (x: string): number => {
  const { n, d } = fraction(x)
  return Number((n << 80n) / d) / 2 ** 80
}

const slack = 1e-7

const holds = ([lower, upper]: RangeJson, value: number): boolean => {
  const room = slack * Math.max(1, Math.abs(value))
  return number(lower) - room <= value && value <= number(upper) + room
}

const refuteList = (problem: RiskProblemJson, functions: readonly FunctionJson[]): string | undefined => {
  const { a, b } = floatProblem(problem)
  const risks: number[] = []
  const right = bestFor(problem, 'right')
  const line = right(a + 1e-9 * (b - a))
  for (const [i, claimed] of functions.entries()) {
    const kinked = claimed.form === 'right-kink' || claimed.form === 'left-kink'
    if (!kinked) {
      const best = claimed.form === 'constant' ? constantFor(problem) : line
      risks.push(best.risk)
      if (!holds(claimed.c, best.c) || !holds(claimed.risk, best.risk)) return `function ${i} has other numbers`
      if (claimed.slope && !holds(claimed.slope, line.slope)) return `function ${i} has another slope`
      if (claimed.type !== 'local-minimum') return `function ${i} occurs at local minima`
      continue
    }
    const orientation = claimed.form === 'right-kink' ? 'right' : 'left'
    const at = bestFor(problem, orientation)
    const [lower, upper] = (claimed.kink as RangeJson).map(number)
    const found = kinksBySampling(problem, orientation).find((q) => lower - slack <= q && q <= upper + slack)
    const q = found ?? (lower + upper) / 2
    const best = at(q)
    risks.push(best.risk)
    if (
      !(holds(claimed.c, best.c) && holds(claimed.slope as RangeJson, best.slope) && holds(claimed.risk, best.risk))
    ) {
      return `function ${i} has other numbers`
    }
    if (Math.abs(best.kink) > 1e-3) return `function ${i} is not critical`
    const step = 1e-3 * (b - a)
    const [before, after] = [at(q - step).risk - best.risk, at(q + step).risk - best.risk]
    const type = before > 0 && after > 0 ? 'local-minimum' : before < 0 && after < 0 ? 'saddle' : 'degenerate'
    if (Math.min(Math.abs(before), Math.abs(after)) > 1e-9 && claimed.type !== type) return `function ${i} is a ${type}`
  }
  for (const orientation of ['right', 'left'] as const) {
    for (const q of kinksBySampling(problem, orientation)) {
      const listed = functions.some(
        ({ form, kink }) =>
          form === `${orientation}-kink` && kink && number(kink[0]) - slack <= q && q <= number(kink[1]) + slack
      )
      if (!listed) return `the ${orientation} kink ${q} is missing`
    }
  }
  const forms = functions.map(({ form, kink }) => `${form} ${kink ? Math.round(number(kink[0]) * 1e4) : ''}`)
  if (new Set(forms).size < forms.length) return 'a function is listed twice'
  if (Math.abs(line.slope) > 1e-6 !== functions.some(({ form }) => form === 'affine')) return 'the best line'
  const least = Math.min(...risks)
  const wrong = functions.findIndex(({ global }, i) => (global ? risks[i] > least + 1e-6 : risks[i] < least + 1e-12))
  return wrong < 0 ? undefined : `function ${wrong} is global or not`
}

const refuteAffine = ({ hidden, target }: RiskProblemJson, functions: readonly FunctionJson[]): string | undefined => {
  const alpha = number(target.pieces[0][1])
  const length = number(target.breakpoints[1]) - number(target.breakpoints[0])
  const forms = functions.map(({ form, kinks }) => (form === 'zigzag' ? kinks : form))
  const expected = ['target', 'constant', ...Array.from({ length: Math.floor(hidden / 2) }, (_, i) => 2 * i + 2)]
  if (JSON.stringify(forms) !== JSON.stringify(expected)) return 'another list'
  const wrong = functions.findIndex(({ risk }, i) => {
    const value = i === 0 ? 0 : (alpha ** 2 * length ** 3) / 12 / (2 * i - 1) ** 4
    return Math.abs(number(risk as unknown as string) - value) > 1e-9 * Math.max(1, value)
  })
  return wrong < 0 ? undefined : `function ${wrong} has another risk`
}

const lower = (problem: RiskProblemJson, at: ParametersJson, count: number): string | undefined => {
  const random = randomIntegers(7n)
  const risk = floatRiskAt(problem, at)
  for (let turn = 0; turn < count; turn += 1) {
    for (const size of [1e-2, 1e-3]) {
      const moved = Array.from({ length: 3 * at.units.length + 1 }, () => (Number(random(16n)) / 32768 - 1) * size)
      if (floatRiskAt(problem, at, moved) < risk - 1e-10 * Math.max(1, risk)) return 'the risk is smaller nearby'
    }
  }
  return undefined
}

const refuteFamily = (problem: RiskProblemJson, claim: ClaimJson, count: number): string | undefined => {
  const { minima = [], better, gap = '0', delta = '0' } = claim
  if (!isLess(fraction(delta), fraction(gap))) return 'the gap is not above delta'
  const betterRisk = floatRiskAt(problem, better as ParametersJson)
  const functions = minima.map(({ c }) => text(fraction(c)))
  if (new Set(functions).size < functions.length) return 'a function is listed twice'
  for (const at of minima) {
    const difference = floatRiskAt(problem, at) - betterRisk
    if (Math.abs(difference - number(gap)) > 1e-6 * Math.max(1, number(gap))) return `the gap is ${difference}`
    const found = lower(problem, at, count)
    if (found !== undefined) return found
  }
  return undefined
}

/** Why the claim is false, or undefined when nothing was found. */
export const falsifyRisk = (problemJson: Value, claimJson: Value, count: number): string | undefined => {
  const problem = problemJson as unknown as RiskProblemJson
  const claim = claimJson as unknown as ClaimJson
  if (claim.kind === 'critical-functions') return refuteList(problem, claim.functions ?? [])
  if (claim.kind === 'affine-critical-functions') return refuteAffine(problem, claim.functions ?? [])
  if (claim.kind === 'equal-risk-minima') return refuteFamily(problem, claim, count)
  const at = claim.parameters as ParametersJson
  const risk = riskAt(problem, at)
  if (!isEqual(risk, fraction(claim.risk ?? '0'))) return `the risk is ${text(risk)}`
  if (claim.kind === 'local-minimum' || claim.kind === 'global-minimum') return lower(problem, at, count)
  return undefined
}
