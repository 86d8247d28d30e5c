import { compare, divide, fromNumber, type Rational, rational, sign, subtract, toNumber } from '@nadir/arithmetic'
import { type Problem, parameterCount, type Verdict } from '@nadir/landscape'
import { readable, short } from './numbers.ts'
import { type LoadedData, problemLine } from './problem-options.ts'
import { paint } from './session.ts'
import { meanSquaredError, type WrittenVerdict } from './verdict-json.ts'

const claimWords: Record<string, string> = {
  'global-minimum': 'GLOBAL MINIMUM',
  'local-minimum': 'LOCAL MINIMUM',
  saddle: 'SADDLE',
  'not-a-local-minimum': 'NOT A LOCAL MINIMUM',
  'not-stationary': 'NOT STATIONARY',
  undecided: 'UNDECIDED',
  spurious: 'SPURIOUS',
  open: 'OPEN'
}

/** The verdict for a person: what is proved, how far the trained point was from it, whether better exists, what to do next. */
export function verdictCard(
  problem: Problem,
  verdict: Verdict,
  written: WrittenVerdict,
  names: { model: string; data: string },
  data: LoadedData,
  notes: readonly string[],
  seconds: number
): string {
  const { given, settled, standing, diagnosis } = verdict
  const lines: string[] = []
  const row = (label: string, text: string) => lines.push(`  ${paint('dim', label.padEnd(14))} ${text}`)
  const more = (text: string) => lines.push(`  ${' '.repeat(14)} ${text}`)
  const headline = (claim: string) => {
    const colour =
      claim === 'undecided' || claim === 'open'
        ? 'yellow'
        : claim === 'global-minimum' || claim === 'local-minimum'
          ? 'green'
          : 'red'
    return paint('bold', paint(colour, claimWords[claim] ?? claim))
  }
  const lossLine = (loss: Rational) =>
    `loss ${readable(loss)}${problem.loss === 'squared' && sign(problem.weightDecay) === 0 ? `, mean squared error ${meanSquaredError(problem, toNumber(loss)).toPrecision(4)}` : ''}`
  lines.push(
    `${paint('bold', names.model)} on ${names.data}: ${problem.data.samples} samples, target ${data.columns.targets.join(', ')}`
  )
  lines.push(`${problemLine(problem, parameterCount(problem.network))}`, '')
  row('trained point', `${headline(given.claim)}${given.claim === 'undecided' ? '' : ', proved'}`)
  more(given.loss ? lossLine(given.loss) : `loss ${given.approximateLoss.toPrecision(8)} (in doubles)`)
  more(given.reason)
  if (settled && (settled.distance > 0 || sign(settled.drop) !== 0)) {
    lines.push('')
    row('leads to', `${headline(settled.claim)}, proved`)
    if (settled.within)
      more(
        `within ${short(toNumber(settled.within.radius))} of the network written; its loss lies between ${toNumber(settled.within.lower).toPrecision(12)} and ${toNumber(settled.loss).toPrecision(12)}`
      )
    else more(lossLine(settled.loss))
    if (given.loss || (settled.within && toNumber(settled.drop) > 1e-6 * given.approximateLoss))
      more(
        `${dropWords(given.loss ?? fromNumber(given.approximateLoss), settled.drop)}; the parameters move by at most ${short(settled.distance)}${settled.hops > 0 ? `, ${settled.hops} times a sample changes side` : ''}`
      )
    more(
      settled.cell === 'interior'
        ? settled.reason
        : `${settled.kinks} sample-unit pairs sit exactly on a kink: there a gradient decides nothing`
    )
  } else if (verdict.notSettled && verdict.notSettled.reason !== given.reason) {
    lines.push('')
    row('leads to', headline('undecided'))
    more(verdict.notSettled.reason)
  }
  const reference = settled?.loss
  if (reference || standing.claim === 'global-minimum') {
    lines.push('')
    if (standing.claim === 'spurious') {
      row('standing', `${headline('spurious')}, proved: this network can do strictly better`)
      const better = standing.witness!
      more(
        `loss ${readable(better.loss)}, ${dropWords(reference!, subtract(reference!, better.loss))} (${better.source})`
      )
    } else if (standing.claim === 'global-minimum')
      row('standing', `${headline('global-minimum')}, proved: no parameters of this network do better`)
    else {
      row('standing', `${headline('open')}: nothing better was found, which proves nothing`)
      if (standing.lowerBound && sign(standing.lowerBound) > 0)
        more(
          `no function at all gets below ${readable(standing.lowerBound)} on these data (equal inputs, different targets)`
        )
    }
  }
  const remarks = diagnosis ? diagnosisWords(diagnosis) : ''
  if (remarks) {
    lines.push('')
    row('units', remarks)
  }
  lines.push('')
  if (written.certificate) {
    row('certificate', `${written.certificate}, accepted by the independent checker; check it yourself:`)
    more(`nadir check ${written.certificate} --data ${names.data} --target ${data.columns.targets.join(',')}`)
  } else if (verdict.certificate)
    row('certificate', 'accepted by the independent checker; add --out DIR to keep it, with the networks and a report')
  if (written.improved) row('better network', written.improved)
  if (written.report) row('report', written.report)
  row('next', nextStep(verdict, written))
  for (const note of notes) row('note', note)
  lines.push(paint('dim', `  ${seconds.toFixed(1)} s`), '')
  return lines.join('\n')
}

function dropWords(from: Rational, drop: Rational): string {
  if (sign(drop) === 0) return 'the same loss'
  const share = toNumber(divide(drop, compare(from, rational(0n)) === 0 ? rational(1n) : from))
  return `${short(Math.abs(toNumber(drop)))} ${sign(drop) > 0 ? 'lower' : 'higher'} (${(100 * Math.abs(share)).toPrecision(2)} %)`
}

function diagnosisWords(diagnosis: NonNullable<Verdict['diagnosis']>): string {
  const parts: string[] = []
  const units = (list: readonly number[]) => list.map((j) => `#${j}`).join(' ')
  if (diagnosis.dead.length > 0)
    parts.push(`${diagnosis.dead.length} never active on these data (${units(diagnosis.dead)})`)
  if (diagnosis.silent.length > 0)
    parts.push(`${diagnosis.silent.length} with outgoing weight 0 (${units(diagnosis.silent)})`)
  const copies = [...new Set(diagnosis.mergeable.map(([, k]) => k))]
  if (copies.length > 0) parts.push(`${copies.length} doing the same work as another (${units(copies)})`)
  return parts.join('; ')
}

function nextStep(verdict: Verdict, written: WrittenVerdict): string {
  if (verdict.standing.claim === 'spurious')
    return written.improved
      ? `go on from the better network, or look further: nadir improve ${written.improved} DATA`
      : 'add --out DIR to get the better network; nadir improve looks further'
  if (verdict.standing.claim === 'global-minimum')
    return 'nothing: training cannot do better with this network on these data'
  if (verdict.settled?.within) return 'train from other seeds: what is proved is local'
  if (verdict.settled) return 'nadir improve MODEL DATA --time-limit 60 looks longer for something better'
  return verdict.notSettled?.tryNext ?? verdict.given.tryNext
}
