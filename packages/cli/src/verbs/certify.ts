import { join } from 'node:path'
import { writeBytes, writeModel } from '@nadir/formats'
import { type Certificate, certificateText, certify, type Point, type Problem, type Verdict } from '@nadir/landscape'
import { verdictPage } from '@nadir/report'
import { Command } from 'commander'
import { checkDocument } from 'nadir-checker'
import {
  type CommonOptions,
  dataFiles,
  type LoadedData,
  loadProblem,
  modelFiles,
  networkHelp,
  type ProblemOptions,
  withCommonOptions,
  withProblemOptions
} from '../problem-options.ts'
import type { Verb } from '../program.ts'
import { type Answer, outputDirectory, progress, type Session } from '../session.ts'
import { verdictCard } from '../verdict-card.ts'
import { verdictJson, type WrittenVerdict } from '../verdict-json.ts'

export function certifyVerb(): Verb {
  const command = new Command('certify')
    .description(
      'what kind of point is this network at, on this data? With proof, and a better network where one exists'
    )
    .argument('<model>', modelFiles)
    .argument('<data>', dataFiles)
    .option('--network <architecture>', networkHelp)
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
function requireAccepted(verdict: Verdict, known: ReadonlySet<Certificate>): void {
  const { certificate, givenCertificate, betterCertificate, movedTargets } = verdict
  for (const one of [certificate, givenCertificate, betterCertificate, movedTargets?.certificate]) {
    if (one === undefined || known.has(one)) continue
    const outcome = checkDocument(certificateText(one))
    if (outcome.outcome !== 'accepted')
      throw new Error(`the checker does not accept the certificate of this verdict: ${JSON.stringify(outcome)}`)
  }
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
  const known = new Set<Certificate>()
  const accepts = (certificate: Certificate) => {
    const accepted = checkDocument(certificateText(certificate)).outcome === 'accepted'
    if (accepted) known.add(certificate)
    return accepted
  }
  const verdict = certify(problem, parameters, {
    accepts,
    seed: options.seed,
    now: session.now,
    interrupted: session.interrupted,
    ...(options.timeLimit === undefined ? {} : { timeLimit: options.timeLimit * 1000 }),
    onProgress: (stage, detail) => progress(`${stage} ${detail}`)
  })
  requireAccepted(verdict, known)
  const seconds = () => Math.round(session.now() - begun) / 1000
  const names = { model: modelPath, data: dataPath }
  let written: WrittenVerdict = { certificate: null, model: null, improved: null, report: null }
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
    text: verdictCard(problem, verdict, written, names, data, writingNotes, seconds())
  }
}

async function writeResults(
  directory: string,
  problem: Problem,
  trained: Point,
  verdict: Verdict,
  data: LoadedData,
  names: { model: string; data: string },
  json: (written: WrittenVerdict) => unknown
): Promise<{ written: WrittenVerdict; notes: string[] }> {
  const notes: string[] = []
  const place = (name: string) => join(directory, name)
  const written = {
    certificate: verdict.certificate ? place('certificate.json') : null,
    ...(verdict.betterCertificate ? { betterCertificate: place('better-certificate.json') } : {}),
    ...(verdict.movedTargets ? { movedCertificate: place('moved-certificate.json') } : {}),
    model: verdict.settled ? place('model.onnx') : null,
    improved: verdict.standing.witness ? place('improved.onnx') : null,
    report: place('report.html')
  }
  if (verdict.certificate) await writeBytes(place('certificate.json'), certificateText(verdict.certificate))
  if (verdict.givenCertificate)
    await writeBytes(place('given-certificate.json'), certificateText(verdict.givenCertificate))
  if (verdict.betterCertificate)
    await writeBytes(place('better-certificate.json'), certificateText(verdict.betterCertificate))
  if (verdict.movedTargets)
    await writeBytes(place('moved-certificate.json'), certificateText(verdict.movedTargets.certificate))
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
