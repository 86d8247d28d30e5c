import { bottomAxis } from './axis.ts'
import { drawable, symmetricLogScale } from './scale.ts'
import { diamond, fullWidth, line, markSize, marks, type Place, paint, svgDocument, text, tick } from './svg.ts'

export interface KinkRow {
  readonly label: string
  /** Signed distances of the samples to the kink of the unit, positive where it is active. */
  readonly distances: readonly number[]
  /** Number of samples exactly on the kink; they are not among the distances. */
  readonly zeros: number
}

/** The distances in powers of ten on both sides of 0, for every unit; a diamond on the middle line is a sample exactly on the kink. */
export function kinkDiagram(rows: readonly KinkRow[]): string {
  const [left, right, top, rowHeight] = [72, fullWidth - 110, 30, 19]
  const bottom = top + rows.length * rowHeight + 6
  let [least, most] = [Number.POSITIVE_INFINITY, 0]
  for (const { distances } of rows)
    for (const d of distances)
      if (drawable(d) && d !== 0) {
        least = Math.min(least, Math.abs(d))
        most = Math.max(most, Math.abs(d))
      }
  const limit = most > 1e-140 ? most * 1.15 : 1
  // At most nine powers of ten: what is nearer than that is drawn in the linear part, still on its own side of 0.
  const threshold =
    10 ** Math.max(Math.floor(Math.log10(Math.min(least, limit / 10))), Math.ceil(Math.log10(limit)) - 9)
  const x = symmetricLogScale(threshold, limit, [left, right])
  return svgDocument(
    `Distances of the samples to the kinks of ${rows.length} units`,
    fullWidth,
    bottom + 44,
    bottomAxis(x, bottom, top, 'signed distance to the kink (powers of ten on both sides of 0)'),
    text(left, 18, 'inactive side', 'muted'),
    text((left + right) / 2, 18, 'kink', 'muted', { 'text-anchor': 'middle' }),
    text(right, 18, 'active side', 'settled', { 'text-anchor': 'end' }),
    rows.map(({ label, distances, zeros }, r) => {
      const middle = top + 6 + (r + 0.5) * rowHeight
      const shown = distances.filter(drawable)
      const strip = (values: readonly number[]) => values.map((d): Place => [x.at(d), middle])
      const style = { 'stroke-width': markSize(distances.length, 1), opacity: '0.65' }
      return [
        text(left - 10, middle + 4, label, 'text', { 'text-anchor': 'end' }),
        line(left, middle, right, middle, 'line'),
        marks(strip(shown.filter((d) => d < 0)), tick(11), { ...paint({ stroke: 'muted' }), ...style }),
        marks(strip(shown.filter((d) => d > 0)), tick(11), { ...paint({ stroke: 'settled' }), ...style }),
        zeros === 0 ? undefined : marks([[x.at(0), middle]], diamond, paint({ fill: 'trained', stroke: 'surface' })),
        zeros === 0 ? undefined : text(right + 10, middle + 4, `${zeros} on the kink`, 'trained')
      ]
    }),
    line(x.at(0), top, x.at(0), bottom, 'muted', { 'stroke-dasharray': '2 3' })
  )
}
