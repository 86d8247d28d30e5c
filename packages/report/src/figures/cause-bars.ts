import { count, cut } from '../format.ts'
import { type Content, element } from '../markup.ts'
import { bottomAxis } from './axis.ts'
import { linearScale } from './scale.ts'
import { fullWidth, paint, svgDocument, text } from './svg.ts'

export interface CauseRow {
  readonly label: string
  /** Directions of the null space of the curvature, and of those that leave all outputs on the data as they are. */
  readonly curvature: number
  readonly outputs: number
  /** The units that it comes from, for a person. */
  readonly note: string
}

export interface CauseBarsParts {
  readonly of: string
  readonly parameters: number
  readonly proved: boolean
  readonly rows: readonly CauseRow[]
}

/** Why eigenvalues are zero: for each cause the number of null directions of the curvature (filled) and of the outputs (outlined). */
export function causeBars({ of, parameters, proved, rows }: CauseBarsParts): string {
  const [left, right, top, rowHeight] = [190, fullWidth - 230, 40, 38]
  const bottom = top + Math.max(1, rows.length) * rowHeight
  const total = rows.reduce((sum, r) => sum + r.curvature, 0)
  const most = rows.reduce((a, r) => Math.max(a, r.curvature, r.outputs), 1)
  const whole = linearScale([0, most], [left, right], Math.min(most, 8))
  // Counts are whole numbers.
  const x = { ...whole, ticks: whole.ticks.filter(({ value }) => Math.abs(value - Math.round(value)) < 1e-9) }
  const bar = (y: number, height: number, value: number, filled: boolean): Content =>
    element('rect', {
      x: left,
      y,
      width: Math.max(x.at(value) - left, value > 0 ? 1.5 : 0),
      height,
      ...paint(filled ? { fill: 'settled' } : { fill: 'surface', stroke: 'better' })
    })
  const heading = `${total} of ${parameters} directions ${total === 1 ? 'is' : 'are'} null${proved ? ', proved' : ''}`
  return svgDocument(
    `Why the ${of} is singular: ${rows.map((r) => `${r.label} ${r.curvature}`).join(', ') || 'it is not'}`,
    fullWidth,
    bottom + 44,
    bottomAxis(x, bottom, top, 'null directions'),
    text(left, 22, heading, 'text', { 'font-weight': 600 }),
    text(right + 110, 22, `of the ${of}`, 'settled', { 'text-anchor': 'end' }),
    text(right + 212, 22, 'of the outputs', 'better', { 'text-anchor': 'end' }),
    rows.length === 0 ? text(left, top + 24, 'none', 'muted') : undefined,
    rows.map(({ label, curvature, outputs, note }, r) => {
      const y = top + r * rowHeight
      const end = Math.max(x.at(curvature), x.at(outputs)) + 10
      return [
        text(left - 12, y + 20, cut(label, 26), 'text', { 'text-anchor': 'end' }),
        bar(y + 5, 15, curvature, true),
        bar(y + 22, 9, outputs, false),
        text(end, y + 20, curvature === outputs ? count(curvature, 'direction') : `${curvature} / ${outputs}`, 'text', {
          'font-weight': 600
        }),
        note === ''
          ? undefined
          : text(end + 88, y + 20, cut(note, Math.max(6, Math.floor((fullWidth - end - 100) / 8))), 'muted')
      ]
    })
  )
}
