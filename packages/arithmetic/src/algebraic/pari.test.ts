import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Coefficients, trim } from '../polynomial/coefficients.ts'
import { polynomialGcd, squarefreeFactors } from '../polynomial/division.ts'
import { integers } from '../polynomial/ordered-domain.ts'
import { resultant } from '../polynomial/resultant.ts'
import { rational } from '../rational.ts'
import { realRoots } from './algebraic-number.ts'
import { decimalDigits } from './decimal-digits.ts'
import { compareWithRational, encloseRoot, type RealAlgebraic } from './root.ts'

/** One run of PARI/GP for all questions; undefined where it is not installed. */
function ask(questions: readonly string[]): readonly string[] | undefined {
  const input = `default(realprecision, 60);\n${questions.map((q) => `print(${q})`).join('\n')}\nquit\n`
  const { status, stdout } = spawnSync('gp', ['-q', '-f'], { input, encoding: 'utf8', maxBuffer: 1 << 26 })
  return status === 0 ? stdout.trim().split('\n') : undefined
}

const installed = ask(['1'])?.[0] === '1'

const polynomials = fc
  .array(fc.bigInt({ min: -200n, max: 200n }), { minLength: 2, maxLength: 11 })
  .map((f): Coefficients => trim(integers, f))
  .filter((f) => f.length > 1)
const text = (f: Coefficients) => `Polrev([${f.join(',')}])`

describe.runIf(installed)('PARI/GP agrees', () => {
  const pairs = fc.sample(fc.tuple(polynomials, polynomials), { numRuns: 60, seed: 4 })

  it('on resultants and degrees of common factors', () => {
    const answers = ask(
      pairs.flatMap(([f, g]) => [`polresultant(${text(f)},${text(g)})`, `poldegree(gcd(${text(f)},${text(g)}))`])
    )!
    for (const [i, [f, g]] of pairs.entries()) {
      expect(resultant(f, g)).toBe(BigInt(answers[2 * i]!))
      expect(polynomialGcd(integers, f, g).length - 1).toBe(Number(answers[2 * i + 1]))
    }
  })

  it('on the number of real roots and their digits', () => {
    const free = pairs.map(([f]) => f).filter((f) => squarefreeFactors(integers, f).every((s) => s.multiplicity === 1))
    const answers = ask(free.flatMap((f) => [`polsturm(${text(f)})`, `polrootsreal(${text(f)})~`]))!
    for (const [i, f] of free.entries()) {
      const roots = realRoots(f)
      expect(roots.length).toBe(Number(answers[2 * i]))
      const theirs = answers[2 * i + 1]!.replace(/[[\]~\s]/g, '')
        .split(/[,;]/)
        .filter((t) => t !== '')
      for (const [k, root] of roots.entries()) {
        const ours = decimalOrZero(root)
        expect(Math.abs(Number(ours) - Number(theirs[k]))).toBeLessThan(1e-12 * (1 + Math.abs(Number(ours))))
        // The first 30 digits, one by one, where both are written alike.
        const digits = (t: string) =>
          t
            .replace(/^-?0*\.?0*/, '')
            .replace('.', '')
            .slice(0, 30)
        if (!/[eE]/.test(theirs[k]! + ours) && digits(ours).length >= 30) expect(digits(ours)).toBe(digits(theirs[k]!))
      }
    }
  })
})

const decimalOrZero = (root: RealAlgebraic): string =>
  compareWithRational(integers, root, rational(0n)) === 0
    ? '0'
    : decimalDigits((bits) => encloseRoot(integers, root, bits), 40)
