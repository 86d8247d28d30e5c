import { element } from '../markup.ts'
import { bottomAxis, leftAxis } from './axis.ts'
import { drawable, extent, linearScale, logScale, padded, symmetricLogScale } from './scale.ts'
import { fullWidth, marks, type Place, paint, polyline, svgDocument, text, tick } from './svg.ts'

export interface DensityPlotParts {
  /** What the eigenvalues are of, such as `Hessian`. */
  readonly of: string
  /** How many eigenvalues there are in all. */
  readonly count: number
  /** The smoothed density (integral 1), its error, and the standard deviation of the Gaussian it was smoothed with. */
  readonly points: ArrayLike<number>
  readonly density: ArrayLike<number>
  readonly error: ArrayLike<number>
  readonly width: number
  /** Eigenvalues that are known one by one; those of magnitude up to `zero` count as 0. */
  readonly known: readonly number[]
  readonly zero: number
}

/**
 * How many eigenvalues lie near each value, on a logarithmic axis: a lone eigenvalue is a bump of height 1. The band is the error of the
 * estimate; the strips below mark the eigenvalues that are known one by one, on the same axis and in powers of ten on both sides of 0.
 */
export function densityPlot({ of, count, points, density, error, width, known, zero }: DensityPlotParts): string {
  const [left, right, top, bottom] = [72, fullWidth - 18, 34, 330]
  const near = count * width * Math.sqrt(2 * Math.PI)
  const rows = Array.from({ length: points.length }, (_, k) => ({
    t: points[k]!,
    n: near * density[k]!,
    e: near * error[k]!
  })).filter(({ t, n, e }) => drawable(t) && drawable(n) && drawable(e))
  const shown = known.filter(drawable)
  const x = linearScale(padded(extent([...rows.map((r) => r.t), ...shown]), 0.01), [left, right], 8)
  const floor = 0.1
  const highest = rows.reduce((a, { n, e }) => Math.max(a, n + e), 10)
  const y = logScale([floor, highest], [bottom, top])
  const height = (n: number) => y.at(Math.max(floor, n))
  const band: Place[] = [
    ...rows.map(({ t, n, e }): Place => [x.at(t), height(n + e)]),
    ...rows.toReversed().map(({ t, n, e }): Place => [x.at(t), height(n - e)])
  ]
  const sizes = shown.map(Math.abs)
  const limit = 1.1 * sizes.reduce((a, v) => Math.max(a, v), 1e-140)
  const least = sizes.reduce((a, v) => (v > Math.max(zero, 1e-12 * limit) ? Math.min(a, v) : a), limit / 10)
  const powers = symmetricLogScale(10 ** Math.floor(Math.log10(least)), limit, [left, right])
  const [strip, second] = [bottom + 14, bottom + 90]
  const mark = (values: readonly number[], ink: 'trained' | 'settled' | 'muted') =>
    [
      { scale: x, y: strip },
      { scale: powers, y: second }
    ].map(({ scale, y }) =>
      marks(
        values.map((v): Place => [scale.at(v), y]),
        tick(14),
        { ...paint({ stroke: ink }), 'stroke-width': 1.5, opacity: '0.8' }
      )
    )
  return svgDocument(
    `Eigenvalues of the ${of}: how many of the ${count} lie near each value`,
    fullWidth,
    second + 54,
    bottomAxis(x, strip + 10, top, `eigenvalue of the ${of}`),
    bottomAxis(powers, second + 10, second - 10, 'the same, in powers of ten on both sides of 0'),
    leftAxis(y, left, right, 'eigenvalues nearby'),
    text(left, 20, `${count} eigenvalues; a lone one is a bump of height 1`, 'muted'),
    text(right, 20, 'negative', 'trained', { 'text-anchor': 'end' }),
    text(right - 64, 20, 'zero', 'muted', { 'text-anchor': 'end' }),
    text(right - 102, 20, 'positive', 'settled', { 'text-anchor': 'end' }),
    rows.some((r) => r.e > 0)
      ? polyline(band, 'surface', { ...paint({ fill: 'settled' }), opacity: '0.2' })
      : undefined,
    polyline(
      rows.map(({ t, n }): Place => [x.at(t), height(n)]),
      'settled',
      { 'stroke-width': 2, 'stroke-linejoin': 'round' }
    ),
    element('g', {}, [
      mark(
        shown.filter((v) => Math.abs(v) <= zero),
        'muted'
      ),
      mark(
        shown.filter((v) => v > zero),
        'settled'
      ),
      mark(
        shown.filter((v) => v < -zero),
        'trained'
      )
    ])
  )
}
