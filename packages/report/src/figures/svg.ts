import { type Attributes, type Content, coordinate, element, type Markup, trusted } from '../markup.ts'

/** What a mark stands for; figures never name a colour. The three points differ in lightness and hue for every kind of sight. */
export type Ink = 'text' | 'muted' | 'line' | 'surface' | 'trained' | 'settled' | 'better' | 'bound'

/** Light and dark. The hues are those of Okabe and Ito. */
export const palette: Readonly<Record<Ink, readonly [string, string]>> = {
  text: ['#1b1c1d', '#ececea'],
  muted: ['#666a6d', '#a2a6a8'],
  line: ['#dedfdc', '#383b3d'],
  surface: ['#ffffff', '#1c1e1f'],
  trained: ['#d55e00', '#f08a4b'],
  settled: ['#0072b2', '#56b4e9'],
  better: ['#00845f', '#37cfa2'],
  bound: ['#7a5195', '#c39bdd']
}

// The light colours are attributes, understood by every program that reads SVG; the style only turns them dark on a dark screen.
const darkStyle = trusted(
  `@media screen and (prefers-color-scheme:dark){${(Object.entries(palette) as [Ink, readonly [string, string]][])
    .map(([ink, [, dark]]) => `.f-${ink}{fill:${dark}}.s-${ink}{stroke:${dark}}`)
    .join('')}}`
)

/** Attributes that fill and stroke with an ink. */
export const paint = (inks: { readonly fill?: Ink; readonly stroke?: Ink }): Attributes => ({
  class: [inks.fill && `f-${inks.fill}`, inks.stroke && `s-${inks.stroke}`].filter(Boolean).join(' '),
  fill: inks.fill ? palette[inks.fill][0] : 'none',
  stroke: inks.stroke && palette[inks.stroke][0]
})

/** Width of figures that take the whole column. */
export const fullWidth = 900

/** A finished figure: a standalone SVG document that can as well stand in a page. `title` is read to those who cannot see it. */
export const svgDocument = (title: string, width: number, height: number, ...content: readonly Content[]): string =>
  element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      viewBox: `0 0 ${coordinate(width)} ${coordinate(height)}`,
      width,
      height,
      role: 'img',
      'font-family': 'system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif',
      'font-size': 12
    },
    element('title', {}, title),
    element('style', {}, darkStyle),
    element('rect', { width, height, ...paint({ fill: 'surface' }) }),
    content
  ).markup

export const line = (x1: number, y1: number, x2: number, y2: number, ink: Ink, more: Attributes = {}): Markup =>
  element('line', { x1, y1, x2, y2, ...paint({ stroke: ink }), ...more })

export const text = (x: number, y: number, content: string, ink: Ink = 'text', more: Attributes = {}): Markup =>
  element('text', { x, y, ...paint({ fill: ink }), ...more }, content)

export type Place = readonly [x: number, y: number]

export const polyline = (places: readonly Place[], ink: Ink, more: Attributes = {}): Markup =>
  element('path', {
    d: places.map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${coordinate(x)} ${coordinate(y)}`).join(''),
    ...paint({ stroke: ink }),
    ...more
  })

/** One path that draws a copy of `shape` (relative path commands) at every place; places that would print alike are drawn once. */
export function marks(places: readonly Place[], shape: string, attributes: Attributes): Markup | undefined {
  const tenth = (x: number) => coordinate(Math.round(x * 10) / 10)
  const moves = new Set(places.map(([x, y]) => `M${tenth(x)} ${tenth(y)}`))
  return moves.size === 0 ? undefined : element('path', { d: [...moves].map((m) => m + shape).join(''), ...attributes })
}

/** Few samples get larger marks. */
export const markSize = (samples: number, size: number): number => (samples < 30 ? 1.8 * size : size)

/** Shapes for `marks`, centred on the place. */
export const dot = 'h0'
export const diamond = 'm0-4.5l4.5 4.5l-4.5 4.5l-4.5-4.5z'
export const tick = (height: number): string => `m0${-height / 2}v${height}`
