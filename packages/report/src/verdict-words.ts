import { type Rational, sign, subtract, toNumber } from '@nadir/arithmetic'
import type { ClaimKind, Problem, Verdict } from '@nadir/landscape'
import { count, exactly, number, percent } from './format.ts'
import { meanSquaredError } from './problem-words.ts'
import { moved } from './stages.ts'

/** `good`: nothing to gain; `bad`: something is wrong, proved; `open`: not known. */
export type Tone = 'good' | 'bad' | 'open'

/** One of the three statements of a verdict, in words. */
export interface Panel {
  readonly title: string
  readonly claim: string
  readonly tone: Tone
  readonly proved: boolean
  readonly loss: { readonly value: string; readonly notes: readonly string[] } | undefined
  readonly lines: readonly string[]
}

export interface VerdictWords {
  readonly tone: Tone
  readonly headline: string
  readonly summary: string
  readonly panels: readonly Panel[]
}

const claims: Readonly<Record<ClaimKind, readonly [string, Tone]>> = {
  'global-minimum': ['Global minimum', 'good'],
  'local-minimum': ['Local minimum', 'good'],
  saddle: ['Saddle', 'bad'],
  'not-a-local-minimum': ['Not a local minimum', 'bad'],
  'not-stationary': ['Not stationary', 'bad'],
  'no-minimum': ['No minimum exists', 'bad'],
  'nearly-global': ['Nearly global', 'good'],
  undecided: ['Undecided', 'open']
}

const sources: Readonly<Record<string, string>> = {
  'freed unit': 'putting a unit to work that did nothing, or whose work another unit can do',
  search: 'descent from other starting points'
}

/** `a local minimum`, `not stationary`. */
const phrase = (claim: ClaimKind): string => {
  const words = claims[claim][0].toLowerCase()
  return /^(global|local|saddle)/.test(words) ? `a ${words}` : words
}

/** What a verdict says, in sentences for a reader who has ten seconds; every number comes from the exact one. */
export function verdictWords(problem: Problem, verdict: Verdict): VerdictWords {
  return {
    ...headline(verdict),
    panels: [trainedPanel(problem, verdict), settledPanel(problem, verdict), standingPanel(problem, verdict)]
  }
}

const sentence = (text: string): string => {
  const whole = text === '' ? '' : text[0]!.toUpperCase() + text.slice(1)
  return /[.?!]$/.test(whole) || whole === '' ? whole : `${whole}.`
}

function headline(verdict: Verdict): Omit<VerdictWords, 'panels'> {
  const { given, settled, notSettled, standing } = verdict
  if (settled?.claim === 'no-minimum' || given.claim === 'no-minimum')
    return {
      tone: 'bad',
      headline: 'There is no minimum to reach',
      summary: `Proved: ${settled?.reason ?? given.reason}.`
    }
  const subject = moved(verdict) || given.claim === 'undecided' ? 'Training led to' : 'The trained point is'
  if (settled && standing.witness)
    return {
      tone: 'bad',
      headline: `${subject} a spurious local minimum`,
      summary: `Proved: nothing near it is better, and yet the same network has parameters with ${lower(settled.loss, standing.witness.loss)} on the same data.`
    }
  if (settled && standing.claim === 'global-minimum')
    return {
      tone: 'good',
      headline: `${subject} a global minimum`,
      summary: 'Proved: no parameters of this network have a smaller loss on these data.'
    }
  if (settled?.claim === 'nearly-global')
    return {
      tone: 'good',
      headline: `${subject} a nearly global minimum`,
      summary: `Proved: no parameters of this network have a loss that is lower by more than ${gap(settled)} on these data.`
    }
  if (settled?.claim === 'saddle')
    return {
      tone: 'bad',
      headline: `${subject} ${phrase(settled.claim)}`,
      summary: `Proved: ${settled.reason}. Training on from beside it leads further down.`
    }
  if (settled)
    return {
      tone: 'open',
      headline: `${subject} ${phrase(settled.claim)}`,
      summary:
        'Proved: nothing near it is better. Whether this network can do better elsewhere is open: the search found nothing, which proves nothing.'
    }
  if (given.claim === 'undecided')
    return { tone: 'open', headline: 'Nothing could be proved of this point', summary: missing(given).join(' ') }
  return {
    tone: claims[given.claim][1],
    headline: `The trained point is ${phrase(given.claim)}`,
    summary: `Proved: ${given.reason}. ${notSettled ? `Where it leads is undecided: ${notSettled.reason}.` : ''}`
  }
}

const gap = ({ loss, within }: NonNullable<Verdict['settled']>): string =>
  number(toNumber(subtract(loss, within?.lower ?? loss)))

const lower = (from: Rational, to: Rational): string =>
  sign(to) === 0 ? 'loss 0' : `loss\u00a0${number(toNumber(to), 6)}, ${percent(subtract(from, to), from)} lower`

function lossOf(problem: Problem, exact: Rational | undefined, approximate: number, isBounded = false): Panel['loss'] {
  const error = meanSquaredError(problem, approximate)
  return {
    value: number(approximate, 8),
    notes: [
      exact ? exactly(exact) : isBounded ? 'proved to nine digits' : 'in doubles, not proved',
      ...(error === undefined ? [] : [`mean squared error ${number(error)}`])
    ]
  }
}

const missing = ({ reason, tryNext }: { reason: string; tryNext: string }): readonly string[] => [
  `What is missing: ${reason}.`,
  ...(tryNext ? [`What to try: ${tryNext}.`] : [])
]

const undecided = { claim: 'Undecided', tone: 'open', proved: false, loss: undefined } as const

function trainedPanel(problem: Problem, { given }: Verdict): Panel {
  const [claim, tone] = claims[given.claim]
  const proved = given.claim !== 'undecided'
  const loss = lossOf(problem, given.loss, given.approximateLoss, given.bounds !== undefined)
  const lines = proved ? [sentence(given.reason)] : []
  return { title: 'Trained point: exactly as it is in the file', claim, tone, proved, loss, lines }
}

function aboutChangedData({ movedTargets }: Verdict): readonly string[] {
  if (!movedTargets) return []
  const what = { critical: 'critical', 'local-minimum': 'a local minimum', saddle: 'a saddle' }[movedTargets.claim]
  return [
    `About changed data: the trained point is ${what} for targets moved by at most ${number(toNumber(movedTargets.change))}, which is proved, and proves nothing for these data.`
  ]
}

function settledPanel(problem: Problem, verdict: Verdict): Panel {
  const { given, settled, notSettled } = verdict
  const title = 'Settled point: the exact point it leads to'
  if (!settled) {
    const told = notSettled && notSettled.reason !== given.reason
    const lines = [...(told ? missing(notSettled) : ['Not known, for the same reason.']), ...aboutChangedData(verdict)]
    return { title, ...undecided, lines }
  }
  const { drop, hops, kinks } = settled
  const [claim, tone] = claims[settled.claim]
  const way = given.loss
    ? `${number(Math.abs(toNumber(drop)))} ${sign(drop) < 0 ? 'higher' : 'lower'} than the trained point (${percent(drop, given.loss)}).`
    : 'The exact loss of the trained point is not known.'
  const sides = hops === 0 ? '' : `; ${count(hops, 'time')} a sample changed sides on the way`
  const journey = [
    sign(drop) === 0 ? 'The same loss as the trained point.' : way,
    `How far: no parameter moves by more than ${number(settled.distance)}${sides}.`
  ]
  const place =
    kinks === 0
      ? 'No sample is on a kink of the network.'
      : `${count(kinks, 'pre-activation')} ${kinks === 1 ? 'is' : 'are'} exactly 0: the point lies on kinks, where a gradient alone decides nothing; the proof looks in all directions.`
  return {
    title,
    claim,
    tone,
    proved: settled.claim !== 'undecided',
    loss: lossOf(
      problem,
      settled.within ? undefined : settled.loss,
      toNumber(settled.loss),
      settled.within !== undefined
    ),
    lines: [...(moved(verdict) ? journey : ['It is the trained point itself.']), place]
  }
}

function standingPanel(problem: Problem, { settled, standing }: Verdict): Panel {
  const title = 'Better point: can this network do better?'
  const { witness, lowerBound } = standing
  if (settled && witness) {
    const gain = subtract(settled.loss, witness.loss)
    const loss = lossOf(problem, witness.loss, toNumber(witness.loss))
    const lines = [
      `${number(toNumber(gain))} lower than the settled point (${percent(gain, settled.loss)}).`,
      `Found by ${sources[witness.source] ?? witness.source}.`
    ]
    return { title, claim: 'Yes: spurious', tone: 'bad', proved: true, loss, lines }
  }
  if (standing.claim === 'global-minimum') {
    const lines = ['No parameters of this network have a smaller loss on these data.']
    return { title, claim: 'No: global minimum', tone: 'good', proved: true, loss: undefined, lines }
  }
  if (settled?.claim === 'nearly-global') {
    const lines = [`No parameters of this network have a loss that is lower by more than ${gap(settled)}.`]
    return { title, claim: 'Hardly: nearly global', tone: 'good', proved: true, loss: undefined, lines }
  }
  const lines = [
    settled && settled.claim !== 'saddle'
      ? 'Nothing better was found, which proves nothing.'
      : 'Asked only of a proved minimum, and there is none yet.'
  ]
  if (lowerBound && sign(lowerBound) > 0)
    lines.push(
      `No function at all gets below ${number(toNumber(lowerBound), 6)} (${exactly(lowerBound)}): equal inputs have different targets.`
    )
  return { title, ...undecided, claim: 'Open', lines }
}
