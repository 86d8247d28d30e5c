import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { toText } from '@nadir/arithmetic'
import { InputError, parseNetwork, writeModel, writeTable } from '@nadir/formats'
import {
  asOneHiddenLayer,
  type ConvergenceReport,
  convergenceReport,
  defaultSettings,
  digest,
  initialise,
  locate,
  type MethodName,
  methodNames,
  type Network,
  networkName,
  objective,
  type Problem,
  parameterCount,
  randomStream,
  type StepSizes,
  stepSizes,
  type TrainingSettings,
  type TrainingState,
  type TrainingTask,
  toExact,
  toFloat,
  trainerOf,
  trainingPoints
} from '@nadir/landscape'
import { Command, Option } from 'commander'
import { type HistoryRow, readCheckpoint, writeCheckpoint } from '../checkpoint.ts'
import { exactNumberJson } from '../numbers.ts'
import {
  type CommonOptions,
  dataFiles,
  type LoadedData,
  loadData,
  loadProblem,
  makeProblem,
  modelFiles,
  networkHelp,
  type ProblemOptions,
  parseCount,
  problemLine,
  problemWords,
  withCommonOptions,
  withProblemOptions
} from '../problem-options.ts'
import type { Verb } from '../program.ts'
import { type Answer, outputDirectory, paint, progress, type Session } from '../session.ts'

interface TrainOptions extends ProblemOptions, CommonOptions {
  readonly hidden?: string
  readonly activation?: string
  readonly start?: string
  readonly method: MethodName
  readonly steps?: number
  readonly polish?: number
  readonly rate?: number
  readonly schedule?: StepSizes
  readonly momentum?: number
  readonly batch?: number
  readonly pieces?: 'one' | 'across'
  readonly resume?: boolean
}

export function trainVerb(): Verb {
  const command = new Command('train')
    .description('train a network from a table, and say what is proved about where the method goes')
    .argument('<data>', dataFiles)
    .option('--hidden <sizes>', 'hidden layer sizes, such as 16 or 12-8 (default: 16)')
    .option('--activation <name>', 'relu, leaky-relu:0.01, abs, tanh, ... (default: relu)')
    .option('--start <model>', `go on from the parameters of this network: ${modelFiles}`)
    .option('--network <architecture>', `of --start, ${networkHelp}`)
    .addOption(new Option('--method <name>', 'how to train').choices([...methodNames]).default('adam+l-bfgs'))
    .option('--steps <number>', 'steps at most; cell-descent: work of so many gradients', parseCount)
    .option('--polish <number>', 'steps of L-BFGS after Adam', parseCount)
    .option('--rate <number>', 'first learning rate', Number)
    .addOption(
      new Option(
        '--schedule <rule>',
        'how the rate falls; exact: search along the ray (gradient-descent, sgd)'
      ).choices([...stepSizes])
    )
    .option('--momentum <number>', 'of sgd', Number)
    .option('--batch <number>', 'samples in a batch of sgd', parseCount)
    .addOption(
      new Option('--pieces <where>', 'convex steps in the first piece only, or across pieces').choices([
        'one',
        'across'
      ])
    )
    .option('--resume', 'go on from the checkpoint in --out')
  withCommonOptions(withProblemOptions(command)).addHelpText(
    'after',
    '\nExample:\n  nadir train data.csv --target y --hidden 16 --method cell-descent --out out\n  nadir certify out/model.onnx data.csv --target y\n\nWith --out a checkpoint is kept while it works; after Ctrl-C or a kill the same command with --resume comes to the same end.'
  )
  return { command, act: ([data], options, session) => act(data!, options as unknown as TrainOptions, session) }
}

function architecture(options: TrainOptions, inputs: number, outputs: number): Network {
  const { hidden = '16', activation = 'relu' } = options
  if (!/^\d+([-,]\d+)*$/.test(hidden)) throw new InputError(`--hidden ${hidden}: expected sizes such as 16 or 12-8`)
  return parseNetwork(`${inputs}-${hidden.replaceAll(',', '-')}-${outputs} ${activation}`)
}

/** The problem and where it starts: a network given with --start, or a fresh one. @throws InputError */
async function beginning(
  dataPath: string,
  options: TrainOptions
): Promise<{ problem: Problem; data: LoadedData; theta: Float64Array }> {
  if (options.start !== undefined) {
    if (options.hidden !== undefined || options.activation !== undefined)
      throw new InputError(`--start ${options.start}: the network has its layers; leave out --hidden and --activation`)
    const { problem, parameters, data } = await loadProblem(options.start, dataPath, options)
    return { problem, data, theta: toFloat(parameters).values }
  }
  const data = await loadData(dataPath, options)
  const network = architecture(options, data.columns.inputs.length, data.columns.targets.length)
  return { problem: makeProblem(network, data, options), data, theta: initialise(network, randomStream(options.seed)) }
}

/** The settings of the method with what was asked for on top. @throws InputError */
function settingsOf(options: TrainOptions, problem: Problem): TrainingSettings {
  const usual = defaultSettings(options.method, problem)
  const rate = options.rate ?? usual.rate
  const momentum = options.momentum ?? usual.momentum
  const sizes = options.schedule ?? usual.sizes
  const batch = options.batch ?? usual.batch
  if (!(rate > 0)) throw new InputError(`--rate ${options.rate}: expected a positive number`)
  if (!(momentum >= 0 && momentum < 1)) throw new InputError(`--momentum ${options.momentum}: expected 0 <= number < 1`)
  if (batch < 1) throw new InputError('--batch 0: expected at least one sample')
  if (sizes === 'exact' && options.method === 'sgd')
    throw new InputError('--schedule exact: a search along the ray needs all samples; use --method gradient-descent')
  return {
    ...usual,
    steps: options.steps ?? usual.steps,
    polish: options.polish ?? usual.polish,
    pieces: options.pieces ?? usual.pieces,
    rate,
    momentum,
    sizes,
    batch
  }
}

/** Everything that the run depends on, as the checkpoint names it. */
function taskText(
  problem: Problem,
  data: LoadedData,
  task: TrainingTask,
  options: TrainOptions,
  theta: Float64Array
): string {
  const { X, Y } = data.columns
  return JSON.stringify({
    data: digest([X.map((row) => row.map(toText)), Y.map((row) => row.map(toText))]),
    network: networkName(problem.network),
    loss: problem.loss,
    reduction: problem.reduction,
    weightDecay: toText(problem.weightDecay),
    decayBiases: problem.decayBiases,
    method: options.method,
    seed: task.seed,
    ...(options.start === undefined ? {} : { start: digest(Array.from(theta, String)) }),
    ...task.settings
  })
}

/** Milliseconds between checkpoints. */
const checkpointEvery = 2000

async function act(dataPath: string, options: TrainOptions, session: Session): Promise<Answer> {
  const { problem, data, theta } = await beginning(dataPath, options)
  const { network } = problem
  const trainer = trainerOf(options.method)
  const obstacle = trainer.obstacle?.(problem)
  if (obstacle) throw new InputError(`--method ${options.method}: ${obstacle.reason}; try ${obstacle.tryNext}`)
  if (options.resume && options.out === undefined) throw new InputError('--resume: name the directory with --out')
  const settings = settingsOf(options, problem)
  const task: TrainingTask = { problem, objective: objective(problem), seed: options.seed, settings }
  const identity = taskText(problem, data, task, options, theta)
  if (options.out !== undefined) await outputDirectory(options.out)
  const checkpoint = options.out === undefined ? undefined : join(options.out, 'checkpoint.json')
  const begun = session.now()
  const outOfTime = () => options.timeLimit !== undefined && session.now() - begun > 1000 * options.timeLimit

  const saved = options.resume && checkpoint ? await readCheckpoint(checkpoint, identity) : undefined
  const state = saved?.state ?? trainer.begin(task, theta)
  const history = saved?.history ?? []
  const resumedAt = state.step
  const points = trainingPoints(trainer, task, state)
  let stopped = ''
  let written = Number.NEGATIVE_INFINITY
  while (stopped === '') {
    const next = points.next()
    if (next.done) {
      stopped = next.value
      break
    }
    history.push([phaseOf(state, options.method), state.step, state.loss])
    const length = trainer.length(task)
    progress(
      `${phaseOf(state, options.method)} ${state.step}/${length}  loss ${state.loss.toPrecision(8)}  ${timeLeft(session.now() - begun, state.step - resumedAt, length - resumedAt, options.timeLimit)}`
    )
    if (session.interrupted()) stopped = 'interrupted'
    else if (outOfTime()) stopped = 'time limit'
    if (checkpoint && (stopped !== '' || session.now() - written > checkpointEvery)) {
      await writeCheckpoint(checkpoint, identity, { state, history })
      written = session.now()
    }
  }
  const unfinished = stopped === 'interrupted' || stopped === 'time limit'
  const stop = () => session.interrupted() || outOfTime()
  const report = convergenceReport(task, options.method, state, stop)
  const files = await write(options.out, network, state.theta, history)
  if (checkpoint && !unfinished) await rm(checkpoint, { force: true })
  const loss = task.objective.evaluate(state.theta, new Float64Array(state.theta.length))
  const seconds = Math.round(session.now() - begun) / 1000
  return {
    exitCode: 0,
    json: {
      loss: lossNumber(problem, state.theta, loss),
      method: options.method,
      ...files,
      checkpoint: checkpoint && unfinished ? checkpoint : null,
      stopped,
      ...report,
      seconds
    },
    text: [
      `${paint('bold', dataPath)}: ${problem.data.samples} samples, target ${data.columns.targets.join(', ')}`,
      problemLine(problem, parameterCount(network)),
      '',
      `  ${options.method}: loss ${loss.toPrecision(10)} after ${state.step} steps (${stopped})`,
      ...guaranteeLines(report),
      '',
      files.model
        ? `  ${files.model}, ${files.history}\n  next: nadir certify ${files.model} ${dataPath} ${problemWords({ ...options, target: [...data.columns.targets] })}`
        : `  add --out DIR to keep the ${networkName(network)} network`,
      ...(checkpoint && unfinished ? ['  the same command with --resume goes on from here'] : []),
      paint('dim', `  ${seconds.toFixed(1)} s`),
      ''
    ].join('\n')
  }
}

const phaseOf = (state: TrainingState, method: MethodName): string =>
  typeof state['phase'] === 'string' ? state['phase'] : method

/** `about 12 s left`, from the steps done so far and the time limit. */
function timeLeft(passed: number, done: number, all: number, limit: number | undefined): string {
  const bySteps = done > 0 ? ((passed / done) * (all - done)) / 1000 : Number.POSITIVE_INFINITY
  const byLimit = limit === undefined ? Number.POSITIVE_INFINITY : limit - passed / 1000
  const seconds = Math.max(0, Math.min(bySteps, byLimit))
  if (seconds >= 120) return `about ${Math.round(seconds / 60)} min left`
  return Number.isFinite(seconds) ? `about ${Math.ceil(seconds)} s left` : ''
}

function guaranteeLines({ guarantees, notProved }: ConvergenceReport): string[] {
  const words = { true: paint('green', 'holds'), false: 'does not hold', unknown: 'open' }
  return [
    ...guarantees.flatMap(({ theorem, holds, because, implies }) => [
      '',
      `  ${theorem}: ${words[`${holds}`]}`,
      `    ${because}`,
      ...(holds === false ? [] : [`    then: ${implies}`])
    ]),
    '',
    `  not proved: ${notProved}`
  ]
}

async function write(
  directory: string | undefined,
  network: Network,
  theta: Float64Array,
  history: readonly HistoryRow[]
): Promise<{ model: string | null; history: string | null }> {
  if (directory === undefined) return { model: null, history: null }
  const model = join(directory, 'model.onnx')
  const table = join(directory, 'history.csv')
  await writeModel(model, { network, parameters: { kind: 'float', values: theta } })
  await writeTable(table, ['method', 'step', 'loss'], history)
  return { model, history: table }
}

/** The loss of the doubles that were reached: exact where the arithmetic is. */
function lossNumber(problem: Problem, theta: Float64Array, loss: number) {
  const view = asOneHiddenLayer(problem)
  if ('kind' in view) return { approx: loss }
  return exactNumberJson(locate(view, toExact(problem.network, { kind: 'float', values: theta })).loss)
}
