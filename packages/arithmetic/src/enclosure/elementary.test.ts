import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { addIntervals, type DoubleInterval, multiplyIntervals } from './double-interval.ts'
import {
  encloseArctangent,
  encloseExponential,
  encloseNormal,
  encloseSigmoid,
  encloseSineAndCosine,
  encloseSoftplus,
  encloseTanh
} from './elementary.ts'

const argument = (size: number) =>
  fc.oneof(fc.double({ min: -size, max: size, noNaN: true }), fc.double({ min: -1e-3, max: 1e-3, noNaN: true }))

/** At most a few units in the last place wide, and near what the library says, whose own error is a few units too. */
const encloses = ({ low, high }: DoubleInterval, approximately: number): void => {
  expect(low).toBeLessThanOrEqual(high)
  const size = Math.abs(approximately) + 1e-40
  expect(high - low).toBeLessThanOrEqual(1e-15 * size)
  expect(low).toBeLessThanOrEqual(approximately + 1e-14 * size)
  expect(high).toBeGreaterThanOrEqual(approximately - 1e-14 * size)
}
const holds = ({ low, high }: DoubleInterval, value: number): boolean => low <= value && value <= high

describe('elementary functions', () => {
  test('are near those of the library, and narrow', () => {
    fc.assert(
      fc.property(argument(40), (x) => {
        encloses(encloseExponential(-Math.abs(x)), Math.exp(-Math.abs(x)))
        encloses(encloseSigmoid(x), x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x)))
        encloses(encloseTanh(x), Math.tanh(x))
        encloses(encloseSoftplus(x), Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))))
        encloses(encloseArctangent(x), Math.atan(x))
        const { sine, cosine } = encloseSineAndCosine(x)
        encloses(sine, Math.sin(x))
        encloses(cosine, Math.cos(x))
        encloses(encloseNormal(x).density, Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI))
      }),
      { numRuns: 300 }
    )
  })

  test('at places with known values', () => {
    expect(holds(encloseExponential(0), 1)).toBe(true)
    expect(holds(encloseExponential(-1), 0.36787944117144233)).toBe(true)
    expect(holds(encloseSigmoid(0), 0.5)).toBe(true)
    expect(holds(encloseSoftplus(0), Math.LN2)).toBe(true)
    expect(holds(encloseArctangent(1), 0.7853981633974483)).toBe(true)
    expect(holds(encloseTanh(1), 0.7615941559557649)).toBe(true)
    expect(holds(encloseSineAndCosine(1).sine, 0.8414709848078965)).toBe(true)
    // Phi(1) and Phi(-2), NIST Handbook 26.2 with more digits.
    expect(holds(encloseNormal(1).distribution, 0.8413447460685429)).toBe(true)
    expect(holds(encloseNormal(-2).distribution, 0.02275013194817921)).toBe(true)
    encloses(encloseNormal(-8).distribution, 6.220960574271785e-16)
  })

  test('fulfil their equations', () => {
    fc.assert(
      fc.property(argument(12), (x) => {
        const { sine, cosine } = encloseSineAndCosine(x)
        expect(holds(addIntervals(multiplyIntervals(sine, sine), multiplyIntervals(cosine, cosine)), 1)).toBe(true)
        expect(holds(addIntervals(encloseSigmoid(x), encloseSigmoid(-x)), 1)).toBe(true)
        expect(holds(addIntervals(encloseNormal(x).distribution, encloseNormal(-x).distribution), 1)).toBe(true)
        expect(holds(addIntervals(encloseTanh(x), encloseTanh(-x)), 0)).toBe(true)
      })
    )
  })

  test('arguments beyond their reach are refused', () => {
    expect(() => encloseTanh(5000)).toThrow(RangeError)
    expect(() => encloseSigmoid(Number.NaN)).toThrow(RangeError)
  })
})
