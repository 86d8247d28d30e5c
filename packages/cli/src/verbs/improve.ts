import { join } from 'node:path'
import { subtract, toNumber } from '@nadir/arithmetic'
import { writeBytes, writeModel } from '@nadir/formats'
import { type Better, certificateText, improve, parameterCount } from '@nadir/landscape'
import { Command } from 'commander'
import { exactNumberJson, readable, short } from '../numbers.ts'
import {
  type CommonOptions,
  dataFiles,
  loadProblem,
  modelFiles,
  networkHelp,
  type ProblemOptions,
  problemLine,
  withCommonOptions,
  withProblemOptions
} from '../problem-options.ts'
import type { Verb } from '../program.ts'
import { type Answer, outputDirectory, paint, progress, type Session } from '../session.ts'

export function improveVerb(): Verb {
  const command = new Command('improve')
    .description('a strictly better network of the same architecture, with the exact difference')
    .argument('<model>', modelFiles)
    .argument('<data>', dataFiles)
    .option('--network <architecture>', networkHelp)
  withCommonOptions(withProblemOptions(command)).addHelpText(
    'after',
    '\nExample:\n  nadir improve model.onnx data.csv --target y --time-limit 60 --out better\n\nExit code: 0 a strictly better network was found, 1 none was found, 2 bad input.'
  )
  return {
    command,
    act: ([model, data], options, session) =>
      act(model!, data!, options as unknown as ProblemOptions & CommonOptions, session)
  }
}

const defaultSeconds = 10

async function act(
  modelPath: string,
  dataPath: string,
  options: ProblemOptions & CommonOptions,
  session: Session
): Promise<Answer> {
  const begun = session.now()
  const { problem, parameters, data } = await loadProblem(modelPath, dataPath, options)
  if (options.out !== undefined) await outputDirectory(options.out)
  const result = improve(problem, parameters, {
    seed: options.seed,
    now: session.now,
    interrupted: session.interrupted,
    time: 1000 * (options.timeLimit ?? defaultSeconds),
    onProgress: (loss, starts) => progress(`best loss ${loss.toPrecision(8)} after ${starts} starts`)
  })
  const seconds = () => Math.round(session.now() - begun) / 1000
  if (result.kind === 'undecided')
    return {
      exitCode: 1,
      json: { improved: null, reason: result.reason, tryNext: result.tryNext, seconds: seconds() },
      text: `nothing can be improved here: ${result.reason}\n  next: ${result.tryNext}\n`
    }
  const files = await write(options.out, problem, result.better)
  const { from, better } = result
  const head = [
    `${paint('bold', modelPath)} on ${dataPath}: ${problem.data.samples} samples, target ${data.columns.targets.join(', ')}`,
    problemLine(problem, parameterCount(problem.network)),
    ''
  ]
  if (!better)
    return {
      exitCode: 1,
      json: {
        from: exactNumberJson(from),
        to: null,
        difference: null,
        ...files,
        starts: result.starts,
        seconds: seconds()
      },
      text: [
        ...head,
        `  nothing strictly better found in ${result.starts} starts and ${seconds().toFixed(1)} s, which proves nothing`,
        `  next: more time (--time-limit), another --seed`,
        ''
      ].join('\n')
    }
  const difference = subtract(from, better.loss)
  return {
    exitCode: 0,
    json: {
      from: exactNumberJson(from),
      to: exactNumberJson(better.loss),
      difference: exactNumberJson(difference),
      claim: better.claim,
      ...files,
      starts: result.starts,
      seconds: seconds()
    },
    text: [
      ...head,
      `  loss ${readable(from)}`,
      `    -> ${paint('bold', paint('green', readable(better.loss)))}: ${short(toNumber(difference))} lower (${((100 * toNumber(difference)) / toNumber(from)).toPrecision(3)} %), exactly, ${better.claim.replaceAll('-', ' ')}`,
      files.model
        ? `  ${files.model}; certificate of its loss and kind: ${files.certificate}`
        : '  add --out DIR to keep it',
      paint('dim', `  ${result.starts} starts, ${seconds().toFixed(1)} s`),
      ''
    ].join('\n')
  }
}

async function write(
  directory: string | undefined,
  problem: Parameters<typeof improve>[0],
  better: Better | undefined
): Promise<{ model: string | null; certificate: string | null }> {
  if (directory === undefined || !better) return { model: null, certificate: null }
  const model = join(directory, 'improved.onnx')
  await writeModel(model, { network: problem.network, parameters: better.point })
  if (!better.certificate) return { model, certificate: null }
  const certificate = join(directory, 'certificate.json')
  await writeBytes(certificate, certificateText(better.certificate))
  return { model, certificate }
}
