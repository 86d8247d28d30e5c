import { kinkDiagram } from './figures/kink-diagram.ts'
import { number } from './format.ts'
import { type Content, element } from './markup.ts'
import { figure, section, table } from './page.ts'
import type { Stage } from './stages.ts'
import { norm, type UnitReport, type UnitRow } from './unit-rows.ts'

/** Units, and weights of one unit, beyond these numbers are counted, not shown. */
const mostUnits = 48
const mostWeights = 4

const unitName = ({ layers }: UnitReport, { layer, unit }: UnitRow): string =>
  layers > 1 ? `${layer}.${unit}` : `#${unit}`

/** Where the samples lie about the kinks; nothing for activations without kinks. */
export function kinkSection(units: UnitReport, at: Stage): Content {
  if (!units.kinked) return undefined
  const nearest = ({ onKink, distances }: UnitRow) =>
    onKink > 0 ? -onKink : distances.reduce((least, d) => Math.min(least, Math.abs(d)), Number.MAX_VALUE)
  const chosen = new Set([...units.rows].sort((a, b) => nearest(a) - nearest(b)).slice(0, mostUnits))
  const rows = units.rows.filter((row) => chosen.has(row))
  const part =
    rows.length < units.rows.length ? ` The ${mostUnits} of ${units.rows.length} units nearest to a kink.` : ''
  return section(
    'Samples and kinks',
    `At the ${at.kind} point: one line for each hidden unit, one mark for each sample at its signed distance to the kink of the unit. ${
      units.exact ? 'Diamonds: samples exactly on the kink, decided exactly.' : 'All signs are those of doubles.'
    }${part}`,
    figure(
      kinkDiagram(rows.map((row) => ({ label: unitName(units, row), distances: row.distances, zeros: row.onKink })))
    )
  )
}

/** The table of the hidden units. */
export function unitSection(units: UnitReport, at: Stage): Content {
  const weights = (outgoing: readonly number[]) =>
    outgoing.length <= mostWeights
      ? outgoing.map((v) => number(v)).join(', ')
      : `${outgoing.length} weights of length ${number(norm(outgoing))}`
  const shown = units.rows.slice(0, 4 * mostUnits)
  const columns = [
    { name: 'Unit', numeric: true },
    { name: 'Outgoing weight', numeric: true },
    ...(units.kinked ? ['Active samples', 'On the kink'].map((name) => ({ name, numeric: true })) : []),
    { name: 'Remarks' }
  ]
  return section(
    'Units',
    `The hidden units at the ${at.kind} point. Weights are approximate; ${units.exact ? 'counts and remarks are exact.' : 'counts and remarks are those of doubles, not proved.'}${
      shown.length < units.rows.length ? ` The first ${shown.length} of ${units.rows.length}.` : ''
    }`,
    element(
      'div',
      { class: 'box' },
      table(
        columns,
        shown.map((row) => [
          unitName(units, row),
          weights(row.outgoing),
          ...(units.kinked ? [String(row.active), String(row.onKink)] : []),
          row.remarks.map((remark) => element('div', { class: 'remark' }, remark))
        ])
      )
    )
  )
}
