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
  'no-minimum': 'NO MINIMUM',
  'nearly-global': 'NEARLY GLOBAL',
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
        : claim === 'global-minimum' || claim === 'local-minimum' || claim === 'nearly-global'
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
  if (given.loss) more(lossLine(given.loss))
  else more(`loss ${given.approximateLoss.toPrecision(8)} (${given.bounds ? 'proved to nine digits' : 'in doubles'})`)
  more(given.reason)
  if (settled && (settled.within || settled.distance > 0 || sign(settled.drop) !== 0)) {
    lines.push('')
    row('leads to', `${headline(settled.claim)}, proved`)
    if (settled.claim === 'nearly-global') {
      more(lossLine(settled.loss))
      more(`no parameters of this network have a loss that is lower by more than ${gapWords(settled)}`)
    } else if (settled.claim === 'no-minimum')
      more(`loss ${toNumber(settled.loss).toPrecision(8)}, proved to nine digits`)
    else if (settled.within)
      more(
        `within ${short(toNumber(settled.within.radius))} of the network written; its loss ${betweenWords(settled.within.lower, settled.loss)}`
      )
    else more(lossLine(settled.loss))
    if (settled.claim === 'nearly-global' && settled.distance === 0) more('it is the trained point itself')
    else if (given.loss || (settled.within && toNumber(settled.drop) > 1e-6 * given.approximateLoss))
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
  if (verdict.movedTargets) {
    const { claim, change } = verdict.movedTargets
    const words = claim === 'critical' ? 'critical' : claim === 'saddle' ? 'a saddle' : 'a local minimum'
    lines.push('')
    const targets = problem.data.approximateTargets
    const range = targets.reduce((a, b) => Math.max(a, b)) - targets.reduce((a, b) => Math.min(a, b))
    const share = range > 0 ? ` (${((100 * toNumber(change)) / range).toPrecision(2)} % of their range)` : ''
    row('changed data', `${words} for targets moved by at most ${short(toNumber(change))}${share}, proved`)
    more('about changed data: for your own targets it proves nothing')
    if (written.movedCertificate) more(written.movedCertificate)
  }
  const reference = settled?.claim === 'no-minimum' || settled?.claim === 'saddle' ? undefined : settled?.loss
  if (reference || standing.claim === 'global-minimum') {
    lines.push('')
    if (standing.claim === 'spurious') {
      row('standing', `${headline('spurious')}, proved: this network can do strictly better`)
      const better = standing.witness!
      more(
        `loss ${readable(better.loss)}, ${dropWords(reference!, subtract(reference!, better.loss))} (${better.source})`
      )
      if (verdict.betterCertificate)
        more(
          'two certificates prove it together: what the loss of the minimum is at least, and that of the better network'
        )
    } else if (standing.claim === 'global-minimum')
      row('standing', `${headline('global-minimum')}, proved: no parameters of this network do better`)
    else if (settled?.claim === 'nearly-global')
      row(
        'standing',
        `${headline('nearly-global')}, proved: this network cannot do better by more than ${gapWords(settled)}`
      )
    else {
      row('standing', `${headline('open')}: nothing better was found, which proves nothing`)
      if (standing.lowerBound && sign(standing.lowerBound) > 0)
        more(
          `no function at all gets below ${readable(standing.lowerBound)} on these data (equal inputs, different targets)`
        )
    }
  }
  const remarks = diagnosis ? diagnosisWords(diagnosis) : layersWords(verdict.layers ?? [])
  if (remarks) {
    lines.push('')
    row('units', remarks)
  }
  if (verdict.evidence) {
    lines.push('')
    row('evidence', evidenceWords(verdict.evidence, problem.data.samples))
  }
  lines.push('')
  if (written.certificate) {
    row('certificate', `${written.certificate}, accepted by the independent checker; check it yourself:`)
    more(`nadir check ${written.certificate} --data ${names.data} --target ${data.columns.targets.join(',')}`)
    if (written.betterCertificate) more(`${written.betterCertificate}, of the better network: the same command`)
  } else if (verdict.certificate)
    row('certificate', 'accepted by the independent checker; add --out DIR to keep it, with the networks and a report')
  if (written.improved) row('better network', written.improved)
  if (written.report) row('report', written.report)
  row('next', nextStep(verdict, written))
  for (const note of notes) row('note', note)
  lines.push(paint('dim', `  ${seconds.toFixed(1)} s`), '')
  return lines.join('\n')
}

function betweenWords(lower: Rational, upper: Rational): string {
  const [low, high] = [lower, upper].map((loss) => toNumber(loss).toPrecision(12))
  return low === high ? `is ${high}, proved to twelve digits` : `lies between ${low} and ${high}`
}

/** How much of the loss may lie above the least there is. */
function gapWords({ loss, within }: NonNullable<Verdict['settled']>): string {
  const gap = subtract(loss, within?.lower ?? loss)
  const share = sign(loss) === 0 ? gap : divide(gap, loss)
  return `${short(toNumber(gap))}, ${short(toNumber(share))} of it`
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

/** The idle units of every hidden layer that has some. */
function layersWords(layers: NonNullable<Verdict['layers']>): string {
  const units = (list: readonly number[]) => {
    const shown = list.slice(0, 8).map((j) => `#${j}`)
    return `${list.length} (${shown.join(' ')}${list.length > 8 ? ' ...' : ''})`
  }
  return layers
    .flatMap(({ layer, dead, silent, copies, samplesOnKinks }) => {
      const parts: string[] = []
      if (dead.length > 0) parts.push(`never active on these data ${units(dead)}`)
      if (silent.length > 0) parts.push(`outgoing weights 0 ${units(silent)}`)
      if (copies.length > 0) parts.push(`copies of another ${units(copies.map(([, k]) => k))}`)
      if (samplesOnKinks) parts.push(`${samplesOnKinks} samples exactly on a kink`)
      return parts.length > 0 ? [`hidden layer ${layer + 1}: ${parts.join(', ')}`] : []
    })
    .join('; ')
}

/** What doubles say, and that it proves nothing. */
function evidenceWords(
  { gradient, samplesNearKinks, reach }: NonNullable<Verdict['evidence']>,
  samples: number
): string {
  const kinks =
    samplesNearKinks === 0
      ? 'no sample near a kink'
      : `${samplesNearKinks} of ${samples} samples within ${reach} of a kink, relative to the largest argument`
  return `in doubles, proving nothing: largest gradient entry ${short(gradient)}; ${kinks}`
}

function nextStep(verdict: Verdict, written: WrittenVerdict): string {
  if (verdict.standing.claim === 'spurious')
    return written.improved
      ? `go on from the better network, or look further: nadir improve ${written.improved} DATA`
      : 'add --out DIR to get the better network; nadir improve looks further'
  if (verdict.standing.claim === 'global-minimum')
    return 'nothing: training cannot do better with this network on these data'
  if (verdict.settled?.claim === 'nearly-global')
    return 'nothing: training can gain next to nothing with this network on these data'
  if (verdict.settled?.claim === 'no-minimum')
    return 'add a little weight decay (--weight-decay): then there is a minimum to find'
  if (verdict.settled?.claim === 'saddle')
    return 'train on from beside it: the loss falls to both sides along a direction that training did not take'
  if (verdict.settled?.within) return 'train from other seeds: what is proved is local'
  if (verdict.settled) return 'nadir improve MODEL DATA --time-limit 60 looks longer for something better'
  return verdict.notSettled?.tryNext ?? verdict.given.tryNext
}
