import { cut } from '../format.ts'
import { bottomAxis, leftAxis } from './axis.ts'
import type { StageKind } from './function-plot.ts'
import { drawable, extent, linearScale, padded } from './scale.ts'
import { dot, line, markSize, marks, type Place, paint, svgDocument, text } from './svg.ts'

export interface PredictionPanel {
  readonly stage: StageKind
  readonly label: string
  /** (target, prediction) of every sample. */
  readonly places: readonly Place[]
}

/**
 * Outputs against targets, one panel for each point on common scales. With `alike` outputs are predictions of the target, right on the
 * diagonal; without, they are scores, and there is no diagonal.
 */
export function predictionPlot(panels: readonly PredictionPanel[], target: string, alike = true): string {
  const [size, gap, left, top] = [220, 24, 66, 34]
  const shown = panels.map((p) => p.places.filter(([a, b]) => drawable(a) && drawable(b)))
  const targets = padded(extent(shown.flatMap((places) => places.map(([a]) => a))))
  const predictions = padded(
    extent([...(alike ? targets : []), ...shown.flatMap((places) => places.map(([, b]) => b))]),
    0.02
  )
  const y = linearScale(predictions, [top + size, top], 5)
  // The diagonal where both axes reach.
  const [from, to] = [Math.max(targets[0], predictions[0]), Math.min(targets[1], predictions[1])]
  return svgDocument(
    `Output of the network against ${target}, at ${panels.map((p) => p.label).join('; ')}`,
    Math.max(left + panels.length * (size + gap), 310),
    top + size + 44,
    panels.map(({ stage, label }, p) => {
      const start = left + p * (size + gap)
      const x = linearScale(targets, [start, start + size], 4)
      return [
        bottomAxis(x, top + size, top, cut(target, 28)),
        leftAxis(
          p === 0 ? y : { ...y, ticks: y.ticks.map((t) => ({ ...t, label: '' })) },
          start,
          start + size,
          p === 0 ? (alike ? 'predicted' : 'output') : ''
        ),
        alike ? line(x.at(from), y.at(from), x.at(to), y.at(to), 'muted', { 'stroke-dasharray': '4 3' }) : undefined,
        marks(
          shown[p]!.map(([a, b]): Place => [x.at(a), y.at(b)]),
          dot,
          {
            ...paint({ stroke: stage }),
            'stroke-width': markSize(shown[p]!.length, 4.5),
            'stroke-linecap': 'round',
            opacity: '0.6'
          }
        ),
        text(start, 18, cut(label, 30), stage, { 'font-weight': 600 })
      ]
    })
  )
}
