import { overCommonDenominator, type Rational, rational, toText } from '@nadir/arithmetic'
import { type Dataset, dataset } from '../data/dataset.ts'
import { activationName } from '../network/activation.ts'
import { type Network, outputCount } from '../network/network.ts'
import type { ExactPoint } from '../point.ts'
import { empiricalRisk } from '../problem.ts'
import { maxMinForm } from './lattice/max-min-form.ts'
import { maxMinNetwork } from './lattice/max-min-network.ts'
import type { HomogeneousPoint } from './lattice/open-cell.ts'
import {
  coefficients,
  joinedSamples,
  networkFunction,
  type PiecewiseLinear,
  piecewiseOf
} from './lattice/piecewise-linear.ts'
import { provePoint } from './prove-point.ts'
import { type Refusal, refuse, type Theorem } from './theorem.ts'

const piecewiseLinear =
  'a network of dense layers with piecewise linear activations and one output, a list of affine pieces with the sets of a max-min form, or a table of one input and one target: the corners of a function'
const enumerable = 'the cells in which the order of the affine pieces does not change can be enumerated'

const mostCells = 5000

/** Any piecewise linear function as the greatest of least affine pieces, and as a deep network of rectifiers. */
export const lattice: Theorem = {
  id: 'lattice',
  title: 'Max-min form: a piecewise linear function as the greatest of least affine pieces, and back to a deep network',
  source:
    'Tarela, Martinez, Region configurations for realizability of lattice piecewise-linear models, Mathematical and Computer Modelling 30 (1999); Ovchinnikov, Max-min representation of piecewise linear functions, Beiträge zur Algebra und Geometrie 43 (2002)',
  hypotheses: [piecewiseLinear, enumerable],
  conclusion:
    'the max-min form of the function, equal to it in every cell, and a deep network of rectifiers that computes it; both networks have loss 0 on a point of every cell',
  example: 'nadir construct lattice xor-2-4-1-relu.onnx --out out',
  data: 'model',
  numbers: { cells: `lattice: the greatest number of cells (default ${mostCells})` },
  build: ({ data, model, pieces, numbers }) => {
    const limit = numbers['cells'] ? Number(numbers['cells'].numerator / numbers['cells'].denominator) : mostCells
    const source = model
      ? functionOf(model, limit)
      : pieces
        ? piecewiseOf(pieces.maps.map(overCommonDenominator), pieces.sets)
        : data
          ? functionOfTable(data)
          : refuse(piecewiseLinear, 'no file')
    if ('kind' in source) return source
    const form = maxMinForm(source, limit)
    if (form.kind === 'too-many') return refuse(enumerable, form.what)
    const { network, point } = maxMinNetwork(form)
    const cells = cellData(form.points, source)
    const compiled = provePoint('the deep network of the max-min form', empiricalRisk({ network, data: cells }), point)
    const original = model
      ? [provePoint('the given network', empiricalRisk({ network: model.network, data: cells }), model.point)]
      : []
    const widths = network.layers.flatMap((layer) => (layer.kind === 'dense' ? [layer.outputs] : []))
    return {
      kind: 'built',
      better: undefined,
      points: [compiled, ...original],
      documents: [
        {
          name: 'max-min',
          value: {
            pieces: form.pieces.map((piece) => coefficients(piece).map(toText)),
            sets: form.sets,
            points: form.points.map((x) => x.slice(0, -1).map((a) => toText(rational(a, x.at(-1)!))))
          }
        }
      ],
      notes: [
        `${source.regions === undefined ? '' : `${source.regions} cells of activation patterns, `}${form.pieces.length} affine pieces, ${form.points.length} cells of their order, ${form.sets.length} sets of sizes ${form.sets.map((set) => set.length).join(', ')}`,
        `the deep network has layers of ${widths.join(', ')} units`,
        'in every cell the function and the form are one piece each, and they agree at a point where all pieces differ: they are equal everywhere'
      ]
    }
  }
}

function functionOf(
  { network, point }: { readonly network: Network; readonly point: ExactPoint },
  limit: number
): PiecewiseLinear | Refusal {
  for (const layer of network.layers) {
    if (layer.kind === 'activation' && layer.activation.kind === 'smooth')
      return refuse(piecewiseLinear, `the activation ${activationName(layer.activation)}`)
    if (layer.kind !== 'dense' && layer.kind !== 'activation') return refuse(piecewiseLinear, `a ${layer.kind} layer`)
  }
  if (network.inputs.length !== 1 || outputCount(network) !== 1)
    return refuse(piecewiseLinear, `${outputCount(network)} outputs`)
  const found = networkFunction(network, point, limit)
  return 'kind' in found ? refuse(enumerable, found.what) : found
}

function functionOfTable(data: Dataset): PiecewiseLinear | Refusal {
  const { inputCount, targetCount, samples } = data
  return (
    joinedSamples(data) ??
    refuse(
      piecewiseLinear,
      inputCount === 1 && targetCount === 1
        ? `${samples} rows, two of them with equal inputs, or fewer than two`
        : `${inputCount} inputs and ${targetCount} targets`
    )
  )
}

/** The points as samples, the values of the function as targets. */
const cellData = (points: readonly HomogeneousPoint[], { at }: PiecewiseLinear): Dataset =>
  dataset(
    points.map((x) => x.slice(0, -1).map((a): Rational => rational(a, x.at(-1)!))),
    points.map((x) => [at(x)])
  )
