import type { Content } from '../markup.ts'
import type { Scale } from './scale.ts'
import { line, text } from './svg.ts'

/** Tick labels below `y`, grid lines up to `top`, and the name of the quantity in the middle. */
export const bottomAxis = (scale: Scale, y: number, top: number, label: string): Content => [
  scale.ticks.map(({ value, label }) => [
    line(scale.at(value), top, scale.at(value), y + 4, 'line'),
    text(scale.at(value), y + 17, label, 'muted', { 'text-anchor': 'middle', 'font-size': 11 })
  ]),
  text((scale.range[0] + scale.range[1]) / 2, y + 35, label, 'text', { 'text-anchor': 'middle' })
]

/** Tick labels left of `x`, grid lines as far as `right`, and the name of the quantity turned upwards (left out when empty). */
export const leftAxis = (scale: Scale, x: number, right: number, label: string): Content => {
  const middle = (scale.range[0] + scale.range[1]) / 2
  return [
    scale.ticks.map(({ value, label }) => [
      line(x - 4, scale.at(value), right, scale.at(value), 'line'),
      text(x - 8, scale.at(value) + 4, label, 'muted', { 'text-anchor': 'end', 'font-size': 11 })
    ]),
    label === ''
      ? undefined
      : text(x - 46, middle, label, 'text', { 'text-anchor': 'middle', transform: `rotate(-90 ${x - 46} ${middle})` })
  ]
}
