import { count, cut } from '../format.ts'
import { type Attributes, element } from '../markup.ts'
import { bottomAxis, leftAxis } from './axis.ts'
import { drawable, extent, linearScale, padded } from './scale.ts'
import { dot, fullWidth, line, marks, type Place, paint, polyline, svgDocument, text, tick } from './svg.ts'

/** The three points that a verdict speaks of. */
export type StageKind = 'trained' | 'settled' | 'better'

export interface FunctionCurve {
  readonly stage: StageKind
  readonly label: string
  /** (x, N(x)) with x ascending. */
  readonly places: readonly Place[]
  /** Inputs where a unit of the first layer changes sides. */
  readonly kinks: readonly number[]
}

export interface FunctionPlotParts {
  readonly data: readonly Place[]
  readonly curves: readonly FunctionCurve[]
  readonly input: string
  readonly target: string
}

/** Line styles and widths: the three points can be told apart without colour. */
const styles: Readonly<Record<StageKind, Attributes>> = {
  trained: { 'stroke-width': 2.2, 'stroke-dasharray': '7 4' },
  settled: { 'stroke-width': 2.2 },
  better: { 'stroke-width': 3.4, 'stroke-dasharray': '0.1 6.5', 'stroke-linecap': 'round' }
}

/** Data with one input and one target, and the functions that a network computes; under the plot the kinks of each. */
export function functionPlot({ data, curves, input, target }: FunctionPlotParts): string {
  const [left, right, top, bottom] = [72, fullWidth - 18, 38, 370]
  const shown = data.filter(([x, y]) => drawable(x) && drawable(y))
  const x = linearScale(padded(extent(shown.map(([x]) => x))), [left, right], 8)
  const targets = extent(shown.map(([, y]) => y))
  const [low, high] = padded(targets, 0.75)
  // A function that leaves the picture between two samples must not flatten the data.
  const values = curves.flatMap((c) => c.places.map(([, y]) => Math.max(low, Math.min(high, y))))
  const y = linearScale(padded(extent([...targets, ...values])), [bottom, top], 6)
  const inside = (k: number) => k >= x.domain[0] && k <= x.domain[1]
  const rows = curves.filter((c) => c.kinks.length > 0)
  const strip = (inputs: readonly number[], height: number) => inputs.map((k): Place => [x.at(k), height])
  const rowHeight = 15
  const axis = bottom + rows.length * rowHeight + (rows.length > 0 ? 8 : 0)
  return svgDocument(
    `${target} against ${input}: the data and the function of the network at ${count(curves.length, 'point')}`,
    fullWidth,
    axis + 44,
    bottomAxis(x, axis, top, cut(input, 60)),
    leftAxis(y, left, right, cut(target, 40)),
    curves.map(({ stage, label }, i) => [
      line(left + i * 276, 18, left + i * 276 + 30, 18, stage, styles[stage]),
      text(left + i * 276 + 37, 22, cut(label, 36))
    ]),
    element(
      'svg',
      {
        x: left,
        y: top,
        width: right - left,
        height: bottom - top,
        viewBox: `${left} ${top} ${right - left} ${bottom - top}`
      },
      marks(
        shown.map(([a, b]): Place => [x.at(a), y.at(b)]),
        dot,
        { ...paint({ stroke: 'text' }), 'stroke-width': 5.5, 'stroke-linecap': 'round', opacity: '0.55' }
      ),
      curves.map(({ stage, places }) =>
        polyline(
          places.filter(([a, b]) => drawable(a) && drawable(b)).map(([a, b]) => [x.at(a), y.at(b)]),
          stage,
          { ...styles[stage], 'stroke-linejoin': 'round' }
        )
      )
    ),
    rows.map(({ stage, kinks }, r) => {
      const middle = bottom + 8 + (r + 0.5) * rowHeight
      return [
        r === 0
          ? text(left - 8, bottom + 12 + (rows.length * rowHeight) / 2, 'kinks', 'muted', { 'text-anchor': 'end' })
          : undefined,
        marks(strip(kinks.filter(inside), middle), tick(11), { ...paint({ stroke: stage }), 'stroke-width': 2 })
      ]
    })
  )
}
