import { rational, sign } from '@nadir/arithmetic'
import { affinePoint, affineStart, hingedPoint, notAffine, notBestFunction } from './affine-minimum.ts'
import { provePoint } from './prove-point.ts'
import { refuse, type Theorem } from './theorem.ts'

const oneOutput = 'the output is one-dimensional'
const widths = 'every hidden layer has at least two units'
const segment = 'the activation has an affine segment that is not constant'

/** Best affine fits as spurious minima for every target that is not affine, from any affine segment of the activation. */
export const christof2023AffineSegment: Theorem = {
  id: 'christof2023-affine-segment',
  title: 'Spurious minima from an affine segment of the activation',
  source:
    'Christof, Kowalczyk, On the omnipresence of spurious local minima in certain neural network training problems, Constructive Approximation 2023 (arXiv 2202.12262)',
  hypotheses: [notAffine, notBestFunction, oneOutput, widths, segment],
  conclusion: 'a continuum of spurious local minima for every non-affine target, the net being affine near the data',
  example: 'nadir construct christof2023-affine-segment iris.csv --hidden 6,6 --count 4 --out out',
  data: 'yours',
  numbers: {},
  build: (request) => {
    const { hidden } = request
    const start = affineStart(request)
    if (start.kind === 'refused') return start
    if (start.data.targetCount > 1) return refuse(oneOutput, `${start.data.targetCount} target columns`)
    const narrow = hidden.findIndex((width) => width < 2)
    if (hidden.length === 0 || narrow >= 0)
      return refuse(
        widths,
        hidden.length === 0 ? 'no hidden layer' : `hidden layer ${narrow + 1} has ${hidden[narrow]} unit`
      )
    const { positive, negative } = start.carrier
    const segments = [
      { carrier: { positive, negative, slope: positive, side: 1 as const }, name: 'positive' },
      { carrier: { positive, negative, slope: negative, side: -1 as const }, name: 'negative' }
    ].filter(({ carrier }) => sign(carrier.slope) !== 0)
    const better = hingedPoint(start, request)
    return {
      kind: 'built',
      better,
      notes: better
        ? []
        : ['no single hinge lowers this loss: the points are local minima, whether they are spurious is open'],
      points: Array.from({ length: request.count }, (_, k) => {
        const { carrier, name } = segments[k % segments.length]!
        const shift = rational(BigInt(Math.floor(k / segments.length)))
        const point = affinePoint({ ...start, carrier }, request, shift)
        return provePoint(`${name} segment, shift ${shift.numerator}`, start.problem, point, better)
      })
    }
  }
}
