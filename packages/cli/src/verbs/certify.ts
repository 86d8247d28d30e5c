import { join } from 'node:path'
import { compare, divide, type Rational, rational, sign, subtract, toNumber } from '@nadir/arithmetic'
import { writeBytes, writeModel } from '@nadir/formats'
import {
  certificateText,
  certify,
  digest,
  networkName,
  type Point,
  type Problem,
  parameterCount,
  problemDocument,
  type Verdict
} from '@nadir/landscape'
import { verdictPage } from '@nadir/report'
import { Command } from 'commander'
import { checkDocument } from 'nadir-checker'
import { exactNumberJson, type JsonNumber, readable, short } from '../numbers.ts'
import {
  type CommonOptions,
  type LoadedData,
  loadProblem,
  lossConvention,
  type ProblemOptions,
  problemLine,
  withCommonOptions,
  withProblemOptions
} from '../problem-options.ts'
import type { Verb } from '../program.ts'
import { type Answer, outputDirectory, paint, progress, type Session } from '../session.ts'
import { version } from '../version.ts'

export function certifyVerb(): Verb {
  const command = new Command('certify')
    .description(
      'what kind of point is this network at, on this data? With proof, and a better network where one exists'
    )
    .argument('<model>', '.onnx, .safetensors (with --network) or .json')
    .argument('<data>', '.csv with a header line')
    .option('--network <architecture>', 'for safetensors: "10-16-1 relu"')
  withCommonOptions(withProblemOptions(command)).addHelpText(
    'after',
    '\nExample:\n  nadir certify model.onnx data.csv --target y --out out\n\nExit code: 0 a verdict was proved, 1 nothing could be proved, 2 bad input.'
  )
  return {
    command,
    act: ([model, data], options, session) =>
      act(model!, data!, options as unknown as ProblemOptions & CommonOptions, session)
  }
}

/** Nothing is called proved that the independent checker does not accept. */
function requireAccepted(verdict: Verdict): void {
  for (const certificate of [verdict.certificate, verdict.givenCertificate]) {
    if (certificate === undefined) continue
    const outcome = checkDocument(certificateText(certificate))
    if (outcome.outcome !== 'accepted')
      throw new Error(`the checker does not accept the certificate of this verdict: ${JSON.stringify(outcome)}`)
  }
}

interface Written {
  readonly certificate: string | null
  readonly model: string | null
  readonly improved: string | null
  readonly report: string | null
}

async function act(
  modelPath: string,
  dataPath: string,
  options: ProblemOptions & CommonOptions,
  session: Session
): Promise<Answer> {
  const begun = session.now()
  const { problem, parameters, data, notes } = await loadProblem(modelPath, dataPath, options)
  if (options.out !== undefined) await outputDirectory(options.out)
  const verdict = certify(problem, parameters, {
    seed: options.seed,
    now: session.now,
    interrupted: session.interrupted,
    ...(options.timeLimit === undefined ? {} : { timeLimit: options.timeLimit * 1000 }),
    onProgress: (stage, detail) => progress(`${stage} ${detail}`)
  })
  requireAccepted(verdict)
  const seconds = () => Math.round(session.now() - begun) / 1000
  const names = { model: modelPath, data: dataPath }
  let written: Written = { certificate: null, model: null, improved: null, report: null }
  const writingNotes: string[] = [...notes]
  if (options.out !== undefined) {
    const result = await writeResults(options.out, problem, parameters, verdict, data, names, (w) =>
      verdictJson(problem, verdict, w, seconds())
    )
    written = result.written
    writingNotes.push(...result.notes)
  }
  const proved = verdict.given.claim !== 'undecided' || verdict.settled !== undefined
  return {
    exitCode: proved ? 0 : 1,
    json: verdictJson(problem, verdict, written, seconds()),
    text: card(problem, verdict, written, names, data, writingNotes, seconds())
  }
}

async function writeResults(
  directory: string,
  problem: Problem,
  trained: Point,
  verdict: Verdict,
  data: LoadedData,
  names: { model: string; data: string },
  json: (written: Written) => unknown
): Promise<{ written: Written; notes: string[] }> {
  const notes: string[] = []
  const place = (name: string) => join(directory, name)
  const written = {
    certificate: verdict.certificate ? place('certificate.json') : null,
    model: verdict.settled ? place('model.onnx') : null,
    improved: verdict.standing.witness ? place('improved.onnx') : null,
    report: place('report.html')
  }
  if (verdict.certificate) await writeBytes(place('certificate.json'), certificateText(verdict.certificate))
  if (verdict.givenCertificate)
    await writeBytes(place('given-certificate.json'), certificateText(verdict.givenCertificate))
  if (verdict.settled)
    notes.push(
      ...(await writeModel(place('model.onnx'), { network: problem.network, parameters: verdict.settled.point }))
    )
  if (verdict.standing.witness)
    notes.push(
      ...(await writeModel(place('improved.onnx'), {
        network: problem.network,
        parameters: verdict.standing.witness.point
      }))
    )
  await writeBytes(place('verdict.json'), `${JSON.stringify(json(written), null, 2)}\n`)
  await writeBytes(
    place('report.html'),
    verdictPage({ problem, verdict, title: names.model, data: names.data, columns: data.columns, trained })
  )
  return { written, notes: [...new Set(notes)] }
}

function verdictJson(problem: Problem, verdict: Verdict, written: Written, seconds: number): unknown {
  const document = problemDocument(problem)
  const number = (loss: Rational | undefined, approximate: number): JsonNumber =>
    loss ? exactNumberJson(loss) : { approx: approximate }
  const { given, settled, standing, diagnosis } = verdict
  const mse = (loss: Rational | undefined, approximate: number) =>
    problem.loss === 'squared' && sign(problem.weightDecay) === 0
      ? { meanSquaredError: meanSquaredError(problem, loss ? toNumber(loss) : approximate) }
      : {}
  return {
    nadir: version,
    problem: {
      digest: document ? digest(document) : null,
      network: networkName(problem.network),
      samples: problem.data.samples,
      parameters: parameterCount(problem.network),
      loss: problem.loss,
      lossConvention: lossConvention(problem)
    },
    given: {
      claim: given.claim,
      loss: number(given.loss, given.approximateLoss),
      ...mse(given.loss, given.approximateLoss),
      reason: given.reason,
      ...(given.tryNext ? { tryNext: given.tryNext } : {})
    },
    settled: settled
      ? {
          claim: settled.claim,
          loss: exactNumberJson(settled.loss),
          ...mse(settled.loss, 0),
          distance: settled.distance,
          drop: toNumber(settled.drop),
          cell: settled.cell,
          kinks: settled.kinks,
          hops: settled.hops
        }
      : null,
    ...(verdict.notSettled ? { undecided: verdict.notSettled } : {}),
    standing: {
      claim: standing.claim,
      witness: standing.witness ? exactNumberJson(standing.witness.loss) : null,
      lowerBound: standing.lowerBound ? exactNumberJson(standing.lowerBound) : null
    },
    diagnosis: diagnosis
      ? {
          deadUnits: diagnosis.dead.length,
          duplicateUnits: new Set(diagnosis.mergeable.map(([, k]) => k)).size,
          silentUnits: diagnosis.silent.length,
          samplesOnKinks: diagnosis.samplesOnKinks
        }
      : {},
    ...written,
    seconds
  }
}

/** Mean over samples and outputs of (f - y)^2, from the squared loss. Approximate. */
const meanSquaredError = (problem: Problem, loss: number): number =>
  (2 * loss) /
  (problem.reduction === 'mean' ? problem.data.targetCount : problem.data.samples * problem.data.targetCount)

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

function card(
  problem: Problem,
  verdict: Verdict,
  written: Written,
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
    `loss ${readable(loss)}${problem.loss === 'squared' ? `, mean squared error ${meanSquaredError(problem, toNumber(loss)).toPrecision(4)}` : ''}`
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
    more(lossLine(settled.loss))
    if (given.loss)
      more(
        `${dropWords(given.loss, settled.drop)}; the parameters move by at most ${short(settled.distance)}${settled.hops > 0 ? `, ${settled.hops} times a sample changes side` : ''}`
      )
    more(
      settled.cell === 'interior'
        ? `no sample is on a kink`
        : `${settled.kinks} sample-unit pairs sit exactly on a kink: there a gradient decides nothing`
    )
  } else if (verdict.notSettled && given.claim !== 'undecided') {
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

function nextStep(verdict: Verdict, written: Written): string {
  if (verdict.standing.claim === 'spurious')
    return written.improved
      ? `go on from the better network, or look further: nadir improve ${written.improved} DATA`
      : 'add --out DIR to get the better network; nadir improve looks further'
  if (verdict.standing.claim === 'global-minimum')
    return 'nothing: training cannot do better with this network on these data'
  if (verdict.settled) return 'nadir improve MODEL DATA --time-limit 60 looks longer for something better'
  return verdict.notSettled?.tryNext ?? verdict.given.tryNext
}
