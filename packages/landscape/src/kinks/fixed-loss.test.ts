import fc from 'fast-check'
import { expect, test } from 'vitest'
import { outputCurvature } from '../curvature/output-curvature.ts'
import type { AnalyticLoss } from '../loss/loss.ts'
import { fixedExponential, fixedLogarithm, fixedLosses } from './fixed-loss.ts'
import { bits, toDouble, toFixed } from './fixed-number.ts'

const sizeOf = (x: bigint): bigint => (x < 0n ? -x : x)
/** What is left of the precision after some operations. */
const near = 1n << 16n
const negative = fc.double({ min: -60, max: 0, noNaN: true }).map(toFixed)

test('the exponential of a sum is the product, the logarithm undoes it', () => {
  fc.assert(
    fc.property(negative, negative, (x, y) => {
      const product = (fixedExponential(x) * fixedExponential(y)) >> bits
      expect(sizeOf(fixedExponential(x + y) - product)).toBeLessThan(near)
      // log(1 + e^x) = log e^x + log(1 + e^-x), with e^-x = 1 / e^x where that has digits enough.
      if (x < toFixed(-20)) return
      const power = fixedExponential(x)
      const one = 1n << bits
      const inverse = (one << bits) / power
      expect(sizeOf(fixedLogarithm(one + power) - x - fixedLogarithm(one + inverse))).toBeLessThan(near << 32n)
    })
  )
})

const outputs = fc.array(fc.double({ min: -40, max: 40, noNaN: true }), { minLength: 1, maxLength: 4 })

test('losses and slopes are those of doubles, and the slopes are derivatives to more digits than doubles have', () => {
  fc.assert(
    fc.property(
      fc.constantFrom<AnalyticLoss>('squared', 'logistic', 'cross-entropy'),
      outputs,
      fc.nat(3),
      (loss, f, at) => {
        const label = at % f.length
        const y = f.map((_, o) => (o === label ? 1 : 0))
        const fixed = f.map(toFixed)
        const targets = y.map(toFixed)
        const { value, slopes } = fixedLosses[loss](fixed, targets)
        const double = outputCurvature(loss, Float64Array.from(f), Float64Array.from(y), f.length, 1)
        expect(Math.abs(toDouble(value) - double.loss)).toBeLessThan(1e-12 * (1 + double.loss))
        for (const [o, slope] of slopes.entries()) {
          expect(Math.abs(toDouble(slope) - double.slopes[o]!)).toBeLessThan(1e-12 * (1 + Math.abs(double.slopes[o]!)))
          const step = 1n << (bits - 32n)
          const [above, below] = [step, -step].map(
            (by) => fixedLosses[loss](fixed.with(o, fixed[o]! + by), targets).value
          )
          const quotient = ((above! - below!) << 32n) / 2n
          expect(sizeOf(quotient - slope)).toBeLessThan(1n << (bits - 60n))
        }
      }
    )
  )
})
