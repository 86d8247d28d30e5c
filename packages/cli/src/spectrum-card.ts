import {
  asLayered,
  type IllPosedness,
  type LayeredNetwork,
  type Problem,
  type Pruned,
  type Spectrum
} from '@nadir/landscape'
import { short } from './numbers.ts'
import { type LoadedData, problemLine } from './problem-options.ts'
import { paint } from './session.ts'
import { activationRows, type WrittenSpectrum } from './spectrum-json.ts'
import {
  causeWords,
  curvatureWords,
  groupedStatements,
  parameterName,
  remedy,
  unitName,
  unitNames
} from './spectrum-words.ts'

const labelWidth = 12
const barWidth = 24

/** The spectrum for a person: signs and sizes, why directions are null, which statements apply, what to change. */
export function spectrumCard(
  problem: Problem,
  s: Spectrum,
  pruned: Pruned | undefined,
  written: WrittenSpectrum,
  names: { readonly model: string; readonly data: string },
  data: LoadedData,
  notes: readonly string[],
  seconds: number
): string {
  const network = asLayered(problem.network) as LayeredNetwork
  const lines: string[] = []
  const row = (label: string, text: string) => lines.push(`  ${paint('dim', label.padEnd(labelWidth))} ${text}`)
  const more = (text: string) => lines.push(`  ${' '.repeat(labelWidth)} ${text}`)
  const of = curvatureWords[s.curvature]
  lines.push(
    `${paint('bold', names.model)} on ${names.data}: ${s.samples} samples, target ${data.columns.targets.join(', ')}`,
    problemLine(problem, s.parameters),
    ''
  )
  const size = Math.max(1e-300, ...[...s.largest, ...s.smallest].map((e) => Math.abs(e.value)))
  row('point', `loss ${s.loss.toPrecision(8)}, norm of the gradient ${short(s.gradientNorm)}`)
  if (s.gradientNorm > 1e-6 * size)
    more('not a critical point: symmetries of the network need not show as zero eigenvalues here')
  if (s.inertia) {
    const { positive, negative, zero, proved } = s.inertia
    const parts = [`${positive} positive`, `${negative} negative`, `${zero} zero`]
    row('signs', `${paint('bold', parts.join(', '))}${proved ? ', proved' : ''}`)
    if (s.nullity.exact !== undefined && s.nullity.exact !== s.nullity.value)
      more(`exactly null at these doubles: ${s.nullity.exact}, proved; the others are within rounding of 0`)
    if (!proved && 'positive' in s.exact)
      more(
        `at least ${s.exact.positive} positive and ${s.exact.negative} negative at these doubles, proved by enclosures`
      )
  }
  row('largest', eigenvalues(s.largest))
  row('smallest', eigenvalues(s.smallest))
  if (s.negativeCurvature && s.inertia?.negative !== 0)
    more('negative curvature is proved: a rational direction u with u^T H u < 0')
  if (s.trace) row('trace', `${s.trace.value.toPrecision(8)} ± ${short(s.trace.error)}`)
  row('kinks', kinkWords(s))
  lines.push('')
  lines.push(...causeTable(network, s, of))
  if (s.layers.length > 0) {
    lines.push('')
    row('layers', ['parameters', 'smallest', 'largest', 'trace'].map((h) => h.padStart(11)).join(''))
    for (const { layer, parameters, smallest, largest, trace } of s.layers)
      more(
        `${[String(parameters), short(smallest), short(largest), trace === undefined ? '' : short(trace)].map((c) => c.padStart(11)).join('')}   layer ${layer + 1}, the others held fixed`
      )
  }
  lines.push('')
  const statements = groupedStatements(network, s.statements)
  for (const [k, { id, where, text, proved }] of statements.slice(0, 8).entries())
    row(
      k === 0 ? 'applies' : '',
      `${paint('bold', id)} ${where}${where ? ': ' : ''}${text}${proved ? ' (proved)' : ''}`
    )
  if (statements.length > 8) more(`and ${statements.length - 8} more, see --json`)
  for (const { name, predictions } of activationRows(problem))
    row(statements.length === 0 ? 'applies' : '', paint('dim', `${name} can have: ${predictionWords(predictions)}`))
  const report = s.illPosedness
  if (report) {
    lines.push('')
    row(
      'ill-posed',
      `the data determine ${paint('bold', `${report.jacobianRank} of ${s.parameters}`)} parameters; condition number ${short(report.conditionNumber)} off the null space, effective rank ${report.effectiveRank.toFixed(1)}`
    )
    const free = report.unidentified.filter((p) => p.share > 0.999)
    if (free.length > 0) more(`no sample sees ${listed(free.map(parameterName))}`)
    for (const [k, { text, how }] of changes(network, report.advice).entries()) {
      row(k === 0 ? 'change' : '', text)
      more(paint('dim', how))
    }
  }
  if (pruned) {
    lines.push('')
    row('pruned', prunedWords(network, pruned, written))
    if (pruned.removed.length > 0) more(identityWords(pruned))
  }
  lines.push('')
  if (s.unfinished.length > 0)
    row(
      'unfinished',
      `${s.unfinished.join(', ')}; ${written.unfinished ? `the same command goes on from ${written.unfinished}` : 'add --out DIR to be able to go on'}`
    )
  if (written.files.length > 0) row('files', written.files.join(' '))
  for (const note of notes) row('note', note)
  lines.push(paint('dim', `  ${seconds.toFixed(1)} s`), '')
  return lines.join('\n')
}

/** The removals together with what they lead to, and every other change. */
function changes(network: LayeredNetwork, advice: IllPosedness['advice']): { text: string; how: string }[] {
  const removals = advice.filter((a) => a.action === 'remove-unit' || a.action === 'merge-units')
  const last = removals.at(-1)
  const units = removals.map(({ layer, unit, into, cause }) => {
    const name = unitName(network, { layer: layer!, unit: unit! })
    if (into === undefined) return `without ${name} (${causeWords[cause!]})`
    return `${name} merged into ${unitName(network, { layer: layer!, unit: into })}`
  })
  const together = last && {
    text: `${listed(units, ', ')}: ${last.parametersAfter} parameters, ${last.rankAfter} of them determined`,
    how: remedy['remove-unit']
  }
  const others = advice.filter((a) => !removals.includes(a)).map((a) => ({ text: a.text, how: remedy[a.action] }))
  return together ? [together, ...others] : others
}

function eigenvalues(list: Spectrum['largest']): string {
  if (list.length === 0) return 'not known yet'
  const worst = list.reduce((a, e) => Math.max(a, e.error), 0)
  return `${list
    .slice(0, 6)
    .map((e) => e.value.toPrecision(6))
    .join('  ')}  ± ${short(worst)}`
}

function kinkWords({ kinks }: Spectrum): string {
  const { pairs, samples, decided, samplesWithinReach, reach, nearest } = kinks
  if (nearest === Number.POSITIVE_INFINITY) return 'the activations have none'
  const within = `${plural(samplesWithinReach, 'sample')} within ${reach.toExponential()} of one, the nearest ${short(nearest)} away`
  if (pairs === 0) return `no sample is on a kink; ${within}`
  return paint(
    'red',
    `${decided ? '' : 'up to '}${plural(samples, 'sample')} ${samples === 1 ? 'is' : 'are'} on a kink (${plural(pairs, 'sample-unit pair')}): no second derivative there, the figures are those of one side; ${within}`
  )
}

/** One bar for each cause; two counts where those of the curvature and of the outputs differ. */
function causeTable(network: LayeredNetwork, s: Spectrum, of: string): string[] {
  const outputs = s.illPosedness?.causes
  const rows = causeRows(s)
  const heading =
    s.nullity.kind === 'at-least' && s.nullity.value === 0
      ? `no direction is null by the form of the network (the ${of} was not formed)`
      : s.nullity.kind === 'at-least'
        ? `at least ${s.nullity.value} directions change nothing (the ${of} was not formed)`
        : `${s.nullity.value} of ${s.parameters} directions ${s.nullity.value === 1 ? 'is' : 'are'} null${s.nullity.proved ? ', proved' : ''}`
  const lines = [`  ${paint('bold', heading)}${rows.length > 0 ? ', because of' : ''}`]
  const most = rows.reduce((a, r) => Math.max(a, r.curvature, r.outputs), 1)
  const differ = outputs !== undefined && rows.some((r) => r.curvature !== r.outputs)
  if (differ) lines.push(paint('dim', `  ${''.padEnd(26)}${of.split(' ')[0]!.padStart(8)}${'outputs'.padStart(9)}`))
  for (const { cause, curvature, outputs: count } of rows) {
    const length = Math.max(1, Math.round((barWidth * Math.max(curvature, count)) / most))
    const full = Math.round((length * curvature) / Math.max(1, curvature, count))
    const bar = `${'█'.repeat(full)}${'░'.repeat(length - full)}`
    const units = s.causeUnits.find((c) => c.cause === cause)?.units ?? []
    lines.push(
      `  ${causeWords[cause].padEnd(26)}${String(curvature).padStart(8)}${differ ? String(count).padStart(9) : ''}  ${paint('blue', bar)}  ${paint('dim', unitNames(network, units))}`.trimEnd()
    )
  }
  return lines
}

type NamedCause = keyof Spectrum['causes']

/** The causes that account for something: directions that are null for the curvature, and those that leave the outputs on the data alone. */
export function causeRows(s: Spectrum): readonly { cause: NamedCause; curvature: number; outputs: number }[] {
  const outputs = s.illPosedness?.causes
  return (Object.keys(s.causes) as NamedCause[])
    .map((cause) => ({ cause, curvature: s.causes[cause], outputs: outputs?.[cause] ?? s.causes[cause] }))
    .filter((r) => r.curvature > 0 || r.outputs > 0)
}

const predictionWords = (predictions: readonly string[]): string =>
  predictions.map((p) => p.replaceAll('-', ' ')).join(', ') || 'nothing special'

const plural = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`

const listed = (names: readonly string[], between = ' '): string =>
  names.length > 10 ? `${names.slice(0, 10).join(between)} and ${names.length - 10} more` : names.join(between)

function prunedWords(network: LayeredNetwork, pruned: Pruned, written: WrittenSpectrum): string {
  if (pruned.removed.length === 0) return 'every unit does work of its own: nothing to remove, nothing was written'
  const units = pruned.removed.map((r) =>
    r.into === undefined
      ? `${unitName(network, r)} (${causeWords[r.cause]})`
      : `${unitName(network, r)} into ${unitName(network, { layer: r.layer, unit: r.into })}`
  )
  return `${written.pruned}: without ${listed(units, ', ')}`
}

function identityWords({ identity }: Pruned): string {
  return identity.kind === 'equal-on-data'
    ? `proved: all outputs on the ${identity.samples} samples are the same, computed exactly`
    : `each removal is an identity of functions; outputs differ by at most ${short(identity.largestDifference)} in doubles`
}
