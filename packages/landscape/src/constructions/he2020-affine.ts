import { rational } from '@nadir/arithmetic'
import { affinePoint, affineStart, hingedPoint, notAffine, notBestFunction } from './affine-minimum.ts'
import { provePoint } from './prove-point.ts'
import { needsTwoSlopes, refuse, type Theorem } from './theorem.ts'

const widths =
  'every hidden layer is wider than the output (for several outputs m: at least m units, m + 1 in the first layer)'

/** Best affine fits as spurious minima of deep networks with several outputs and convex losses. */
export const he2020Affine: Theorem = {
  id: 'he2020-affine',
  title: 'Piecewise linear activations substantially shape the loss surfaces of neural networks',
  source:
    'He, Wang, Tao, Piecewise linear activations substantially shape the loss surfaces of neural networks, ICLR 2020 (arXiv 2003.12236)',
  hypotheses: [notAffine, notBestFunction, needsTwoSlopes, widths],
  conclusion:
    'a valley of spurious local minima with the loss of the best affine fit, at any depth, for squared, absolute and hinge loss',
  example: 'nadir construct he2020-affine iris-onehot.csv --target setosa,versicolor,virginica --hidden 8,6 --out out',
  data: 'yours',
  numbers: {},
  build: (request) => {
    const { hidden } = request
    const start = affineStart(request)
    if (start.kind === 'refused') return start
    const m = start.data.targetCount
    const narrow = hidden.findIndex((width, l) => width < (l === 0 ? m + 1 : m))
    if (hidden.length === 0 || narrow >= 0)
      return refuse(
        widths,
        hidden.length === 0
          ? 'no hidden layer'
          : `hidden layer ${narrow + 1} has ${hidden[narrow]} units for ${m} outputs`
      )
    const better = hingedPoint(start, request)
    return {
      kind: 'built',
      better,
      notes: better
        ? []
        : ['no single hinge lowers this loss: the points are local minima, whether they are spurious is open'],
      points: Array.from({ length: request.count }, (_, k) =>
        provePoint(
          `best affine fit, shift ${k}`,
          start.problem,
          affinePoint(start, request, rational(BigInt(k))),
          better
        )
      )
    }
  }
}
