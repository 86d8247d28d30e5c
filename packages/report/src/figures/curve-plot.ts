import { cut, powerOfTen } from '../format.ts'
import type { Content } from '../markup.ts'
import { bottomAxis, leftAxis } from './axis.ts'
import { drawable, extent, linearScale, padded, type Scale } from './scale.ts'
import {
  diamond,
  dot,
  fullWidth,
  type Ink,
  line,
  marks,
  type Place,
  paint,
  polyline,
  svgDocument,
  text
} from './svg.ts'

/** How a curve or a mark looks; every look can be told from the others without colour. */
export interface Look {
  readonly ink: Ink
  readonly width?: number
  readonly dash?: string
  readonly mark?: 'dot' | 'diamond'
  readonly opacity?: number
}

/** A line through places with ascending x. Its label stands in the legend, once for all curves that have it. */
export interface PlottedCurve {
  readonly label: string
  readonly look: Look
  readonly places: readonly Place[]
}

/** Single places, drawn over the curves. */
export interface PlottedMarks {
  readonly label: string
  readonly look: Look
  readonly places: readonly Place[]
}

/** A height that the curves are compared with. */
export interface PlottedLevel {
  readonly value: number
  readonly label: string
  readonly ink: Ink
}

export interface CurvePlotParts {
  /** Read to those who cannot see the figure. */
  readonly title: string
  readonly x: { readonly label: string; readonly logarithmic?: boolean; readonly domain?: readonly [number, number] }
  readonly y: { readonly label: string; readonly logarithmic?: boolean }
  readonly curves: readonly PlottedCurve[]
  readonly marks?: readonly PlottedMarks[]
  readonly levels?: readonly PlottedLevel[]
}

const entryWidth = 204
const rowHeight = 20

/** Curves, marks and levels over one axis, with a legend above. */
export function curvePlot({ title, x, y, curves, marks: marked = [], levels = [] }: CurvePlotParts): string {
  const legend = legendOf(curves, marked)
  const [left, right] = [84, fullWidth - (levels.length > 0 ? 150 : 18)]
  const columns = Math.floor((fullWidth - left) / entryWidth)
  const top = 18 + rowHeight * Math.ceil(legend.length / columns)
  const bottom = top + 340
  const shown = (places: readonly Place[]) =>
    places.filter(([a, b]) => drawable(a) && drawable(b) && (!x.logarithmic || a > 0) && (!y.logarithmic || b > 0))
  const all = [...curves, ...marked].flatMap(({ places }) => shown(places))
  const domain = x.domain ?? extent(all.map(([a]) => a))
  const across = x.logarithmic ? powerScale(domain, [left, right]) : linearScale(padded(domain, 0.02), [left, right], 8)
  const heights = extent([...all.map(([, b]) => b), ...levels.map(({ value }) => value)])
  const up = y.logarithmic
    ? powerScale(heights, [bottom, top - 4])
    : linearScale(padded(heights, 0.06), [bottom, top], 6)
  const at = ([a, b]: Place): Place => [across.at(a), up.at(b)]
  return svgDocument(
    title,
    fullWidth,
    bottom + 46,
    legend.map((entry, i) =>
      legendEntry(entry, left + (i % columns) * entryWidth, 16 + rowHeight * Math.floor(i / columns))
    ),
    bottomAxis(across, bottom, top, cut(x.label, 60)),
    leftAxis(up, left, right, cut(y.label, 40)),
    levels.map(({ value, ink }) => line(left, up.at(value), right, up.at(value), ink, { 'stroke-dasharray': '2 4' })),
    spread(levels, up, top, bottom).map(({ label, ink, height }) =>
      text(right + 8, height + 4, cut(label, 22), ink, { 'font-size': 11 })
    ),
    curves.map(({ look, places }) => polyline(shown(places).map(at), look.ink, strokeOf(look))),
    marked.map(({ look, places }) =>
      marks(shown(places).map(at), look.mark === 'diamond' ? diamond : dot, markAttributes(look))
    )
  )
}

const strokeOf = ({ width = 2, dash, opacity }: Look) => ({
  'stroke-width': width,
  opacity,
  'stroke-linejoin': 'round',
  ...(dash === undefined ? {} : { 'stroke-dasharray': dash })
})

const markAttributes = ({ ink, mark, width = 9 }: Look) =>
  mark === 'diamond'
    ? paint({ fill: ink, stroke: 'surface' })
    : { ...paint({ stroke: ink }), 'stroke-width': width, 'stroke-linecap': 'round' }

interface LegendEntry {
  readonly label: string
  readonly look: Look
  readonly isMark: boolean
}

function legendOf(curves: readonly PlottedCurve[], marked: readonly PlottedMarks[]): readonly LegendEntry[] {
  const entries = [
    ...curves.map(({ label, look }) => ({ label, look, isMark: false })),
    ...marked.filter(({ places }) => places.length > 0).map(({ label, look }) => ({ label, look, isMark: true }))
  ]
  return entries.filter(({ label }, i) => label !== '' && entries.findIndex((e) => e.label === label) === i)
}

const legendEntry = ({ label, look, isMark }: LegendEntry, x: number, y: number): Content => [
  isMark
    ? marks([[x + 15, y]], look.mark === 'diamond' ? diamond : dot, markAttributes(look))
    : line(x, y, x + 30, y, look.ink, strokeOf(look)),
  text(x + 38, y + 4, cut(label, 28))
]

/** Labels beside their levels, moved apart where they would overlap. */
function spread(levels: readonly PlottedLevel[], up: Scale, top: number, bottom: number) {
  const gap = 13
  const sorted = [...levels]
    .sort((p, q) => q.value - p.value)
    .map((level) => ({ ...level, height: up.at(level.value) }))
  for (let i = 1; i < sorted.length; i++) {
    const [above, here] = [sorted[i - 1]!, sorted[i]!]
    if (here.height < above.height + gap) sorted[i] = { ...here, height: above.height + gap }
  }
  const over = (sorted.at(-1)?.height ?? 0) - (bottom + 4)
  const lifted = over > 0 ? sorted.map((level) => ({ ...level, height: Math.max(top, level.height - over) })) : sorted
  return lifted
}

/** Powers of ten, evenly spaced. */
function powerScale(domain: readonly [number, number], range: readonly [number, number]): Scale {
  const [low, high] = padded([Math.log10(Math.max(domain[0], 1e-300)), Math.log10(Math.max(domain[1], 1e-300))])
  const wide = high - low > 1e-6 ? ([low, high] as const) : ([low - 1, high + 1] as const)
  const plain = linearScale(wide, range, 8)
  const every = Math.max(1, Math.ceil((wide[1] - wide[0]) / 8))
  const ticks: { value: number; label: string }[] = []
  for (let k = Math.ceil(wide[0]); k <= wide[1]; k += every) ticks.push({ value: 10 ** k, label: powerOfTen(k) })
  return { ...plain, at: (v) => plain.at(Math.log10(Math.max(v, 1e-300))), ticks }
}
