import { cut } from '../format.ts'
import { type Content, element } from '../markup.ts'
import { bottomAxis } from './axis.ts'
import type { StageKind } from './function-plot.ts'
import { drawable, linearScale } from './scale.ts'
import { fullWidth, line, paint, svgDocument, text } from './svg.ts'

export interface Rung {
  readonly kind: StageKind | 'bound'
  readonly label: string
  readonly loss: number
  /** The loss as it is written beside the bar. */
  readonly written: string
}

/** The losses of the points of a verdict as bars from 0, and what no point can go below. */
export function lossLadder(rungs: readonly Rung[]): string {
  const [left, right, top, rowHeight] = [128, fullWidth - 190, 8, 30]
  const bottom = top + rungs.length * rowHeight
  const shown = rungs.map((r) => (drawable(r.loss) ? Math.max(0, r.loss) : 0))
  const largest = Math.max(...shown)
  const x = linearScale([0, largest > 1e-150 ? largest : 1], [left, right], 6)
  const bar = ({ kind, label, loss, written }: Rung, r: number): Content => {
    const end = x.at(shown[r]!)
    const middle = top + (r + 0.5) * rowHeight
    return [
      text(left - 12, middle + 4, cut(label, 20), 'text', { 'text-anchor': 'end' }),
      kind === 'bound'
        ? line(end, top, end, bottom, 'bound', { 'stroke-width': 2, 'stroke-dasharray': '5 3' })
        : element('rect', {
            x: left,
            y: middle - 9,
            width: Math.max(end - left, 1.5),
            height: 18,
            rx: 2,
            ...paint({ fill: kind })
          }),
      text(end + 9, middle + 4, drawable(loss) ? written : `${written} (not drawn)`, 'text', { 'font-weight': 600 })
    ]
  }
  return svgDocument(
    `Loss: ${rungs.map((r) => `${r.label} ${r.written}`).join(', ')}`,
    fullWidth,
    bottom + 44,
    bottomAxis(x, bottom, top, 'loss'),
    rungs.map(bar)
  )
}
