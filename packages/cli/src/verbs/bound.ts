import { join } from 'node:path'
import { parseExact, type Rational, sign, toNumber } from '@nadir/arithmetic'
import { InputError, parseNetwork, writeBytes, writeModel } from '@nadir/formats'
import {
  type Certificate,
  certificateText,
  type GlobalBound,
  globalBound,
  type Network,
  networkName,
  type Obstacle,
  parameterCount,
  relativeGap
} from '@nadir/landscape'
import { Command, Option } from 'commander'
import { checkDocument } from 'nadir-checker'
import { exactNumberJson, readable } from '../numbers.ts'
import {
  type CommonOptions,
  loadData,
  makeProblem,
  type ProblemOptions,
  parseCount,
  problemLine,
  withCommonOptions,
  withProblemOptions
} from '../problem-options.ts'
import type { Verb } from '../program.ts'
import { type Answer, outputDirectory, paint, progress, type Session } from '../session.ts'
import { fitSpline } from '../spline-fit.ts'

interface BoundVerbOptions extends ProblemOptions, CommonOptions {
  readonly hidden?: string
  readonly activation: string
  readonly bias: boolean
  readonly box?: string
  readonly accuracy: string
  readonly knots?: number
}

export function boundVerb(): Verb {
  const command = new Command('bound')
    .description(
      'how low can the loss of a network get? A proved lower bound over all parameters, and a network near it'
    )
    .argument('<data>', '.csv with a header line')
    .option('--hidden <size>', 'hidden units; with weight decay the default is as many as the optimum needs')
    .addOption(new Option('--activation <name>', 'relu, leaky-relu:0.01, abs, ...').default('relu'))
    .option('--no-bias', 'no biases')
    .option('--knots <number>', 'the best linear spline of one input with so many knots, anywhere', parseCount)
    .option('--box <size>', 'branch and prune, all parameters between minus this and this')
    .option('--accuracy <part>', 'the gap that branch and prune ends with, as a part of the loss', '0.001')
  withCommonOptions(withProblemOptions(command)).addHelpText(
    'after',
    '\nExample:\n  nadir bound data.csv --target y --weight-decay 0.1 --out out\n  nadir bound data.csv --target y --hidden 2\n  nadir bound data.csv --target y --hidden 1 --box 4\n  nadir bound data.csv --inputs x --target y --knots 2\n  nadir check out/certificate.json\n\nExit code: 0 a bound was proved, 1 none was, 2 bad input.'
  )
  return { command, act: ([data], options, session) => act(data!, options as unknown as BoundVerbOptions, session) }
}

function architecture(options: BoundVerbOptions, inputs: number, outputs: number): Network {
  const hidden = options.hidden ?? '1'
  if (!/^\d+([-,]\d+)*$/.test(hidden)) throw new InputError(`--hidden ${hidden}: expected a size such as 2`)
  const biases = options.bias ? '' : ', no biases'
  return parseNetwork(`${inputs}-${hidden.replaceAll(',', '-')}-${outputs} ${options.activation}${biases}`)
}

function positive(name: string, text: string): Rational {
  const value = parseExact(text)
  if (!value || sign(value) <= 0) throw new InputError(`--${name} ${text}: expected a positive number`)
  return value
}

/** Nothing is called proved that the independent checker does not accept; why it has no opinion, where the proof is too large for it. */
function whyDeclined(certificate: Certificate): Obstacle | undefined {
  const outcome = checkDocument(certificateText(certificate))
  if (outcome.outcome === 'accepted') return undefined
  if (outcome.outcome === 'declined')
    return {
      kind: 'obstacle',
      reason: `the proof is too large for the independent checker: ${outcome.feature}`,
      tryNext: 'ask for less accuracy (--accuracy), a smaller box (--box) or fewer samples'
    }
  throw new Error(`the checker does not accept the certificate of this bound: ${JSON.stringify(outcome)}`)
}

async function act(dataPath: string, options: BoundVerbOptions, session: Session): Promise<Answer> {
  const begun = session.now()
  const data = await loadData(dataPath, options)
  if (options.knots !== undefined) return fitSpline(dataPath, data, options.knots, options, session)
  const problem = makeProblem(
    architecture(options, data.columns.inputs.length, data.columns.targets.length),
    data,
    options
  )
  const decays = problem.weightDecay.numerator !== 0n
  if (options.hidden === undefined && !decays)
    throw new InputError('--hidden is missing: say how many hidden units, or give --weight-decay')
  if (options.out !== undefined) await outputDirectory(options.out)
  const limit = options.timeLimit === undefined ? Number.POSITIVE_INFINITY : options.timeLimit * 1000
  const found = globalBound(problem, {
    stop: () => session.interrupted() || session.now() - begun > limit,
    onProgress: progress,
    smallestWidth: options.hidden === undefined,
    accuracy: toNumber(positive('accuracy', options.accuracy)),
    ...(options.box === undefined ? {} : { box: positive('box', options.box) })
  })
  const result = 'kind' in found ? found : (whyDeclined(found.certificate) ?? found)
  const seconds = () => Math.round(session.now() - begun) / 1000
  if ('kind' in result)
    return {
      exitCode: 1,
      json: {
        lowerBound: null,
        upperBound: null,
        gap: null,
        certificate: null,
        reason: result.reason,
        tryNext: result.tryNext,
        seconds: seconds()
      },
      text: `no bound was proved: ${result.reason}\n  next: ${result.tryNext}\n`
    }
  const files = await write(options.out, result)
  return {
    exitCode: 0,
    json: {
      lowerBound: exactNumberJson(result.bound),
      upperBound: exactNumberJson(result.loss),
      gap: relativeGap(result),
      network: networkName(result.problem.network),
      method: result.method,
      ...files,
      seconds: seconds()
    },
    text: card(dataPath, data.columns.targets, result, files, seconds())
  }
}

function card(
  dataPath: string,
  targets: readonly string[],
  result: GlobalBound,
  files: { certificate: string | null; model: string | null },
  seconds: number
): string {
  const { problem, loss, bound, method } = result
  const gap = relativeGap(result)
  const row = (label: string, text: string) => `  ${paint('dim', label.padEnd(14))} ${text}`
  return [
    `${paint('bold', dataPath)}: ${problem.data.samples} samples, target ${targets.join(', ')}`,
    problemLine(problem, parameterCount(problem.network)),
    '',
    row('loss found', paint('bold', readable(loss))),
    row(
      'lower bound',
      `${paint('bold', paint('green', readable(bound)))}, proved: no parameters of ${result.box ? 'the box' : 'this network'} do better`
    ),
    row(
      'gap',
      gap === 0
        ? `none: the network found is a global minimum${result.box ? ' of the box' : ''}, proved`
        : `${gap.toExponential(2)} of the loss`
    ),
    row('by', method),
    files.certificate
      ? row('certificate', `${files.certificate}, accepted by the independent checker`)
      : row('certificate', 'accepted by the independent checker; add --out DIR to keep it, with the network'),
    ...(files.model ? [row('network', files.model)] : []),
    ...(files.certificate
      ? [row('next', `nadir check ${files.certificate} --data ${dataPath} --target ${targets.join(',')}`)]
      : []),
    paint('dim', `  ${seconds.toFixed(1)} s`),
    ''
  ].join('\n')
}

async function write(
  directory: string | undefined,
  { certificate, problem, point }: GlobalBound
): Promise<{ certificate: string | null; model: string | null }> {
  if (directory === undefined) return { certificate: null, model: null }
  const place = (name: string) => join(directory, name)
  await writeBytes(place('certificate.json'), certificateText(certificate))
  await writeModel(place('model.onnx'), { network: problem.network, parameters: point })
  return { certificate: place('certificate.json'), model: place('model.onnx') }
}
