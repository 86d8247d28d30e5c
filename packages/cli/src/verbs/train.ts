import { join } from 'node:path'
import { InputError, parseNetwork, writeModel, writeTable } from '@nadir/formats'
import {
  adam,
  asOneHiddenLayer,
  initialise,
  lbfgs,
  locate,
  type Network,
  networkName,
  objective,
  type Problem,
  parameterCount,
  randomStream,
  toExact
} from '@nadir/landscape'
import { Command, Option } from 'commander'
import { exactNumberJson } from '../numbers.ts'
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

interface TrainOptions extends ProblemOptions, CommonOptions {
  readonly hidden: string
  readonly activation: string
  readonly steps: number
  readonly polish: number
  readonly rate: number
}

export function trainVerb(): Verb {
  const command = new Command('train')
    .description('train a network from a table: Adam, then L-BFGS')
    .argument('<data>', '.csv with a header line')
    .option('--hidden <sizes>', 'hidden layer sizes, such as 16 or 12-8', '16')
    .addOption(new Option('--activation <name>', 'relu, leaky-relu:0.01, abs, tanh, ...').default('relu'))
    .option('--steps <number>', 'steps of Adam', parseCount, 3000)
    .option('--polish <number>', 'steps of L-BFGS afterwards', parseCount, 1000)
    .option('--rate <number>', 'first learning rate of Adam', Number, 0.01)
  withCommonOptions(withProblemOptions(command)).addHelpText(
    'after',
    '\nExample:\n  nadir train data.csv --target y --hidden 16 --out out\n  nadir certify out/model.onnx data.csv --target y'
  )
  return { command, act: ([data], options, session) => act(data!, options as unknown as TrainOptions, session) }
}

function architecture(options: TrainOptions, inputs: number, outputs: number): Network {
  if (!/^\d+([-,]\d+)*$/.test(options.hidden))
    throw new InputError(`--hidden ${options.hidden}: expected sizes such as 16 or 12-8`)
  return parseNetwork(`${inputs}-${options.hidden.replaceAll(',', '-')}-${outputs} ${options.activation}`)
}

async function act(dataPath: string, options: TrainOptions, session: Session): Promise<Answer> {
  if (!(options.rate > 0)) throw new InputError(`--rate ${options.rate}: expected a positive number`)
  const data = await loadData(dataPath, options)
  const network = architecture(options, data.columns.inputs.length, data.columns.targets.length)
  const problem = makeProblem(network, data, options)
  if (options.out !== undefined) await outputDirectory(options.out)
  const begun = session.now()
  const limit = options.timeLimit === undefined ? Number.POSITIVE_INFINITY : options.timeLimit * 1000
  const theta = initialise(network, randomStream(options.seed))
  const target = objective(problem)
  const history: [string, number, number][] = []
  let stopped = ''
  const watch = (method: string, total: number) => (step: number, loss: number) => {
    history.push([method, step, loss])
    if (step % 10 === 0) progress(`${method} ${step}/${total}  loss ${loss.toPrecision(8)}`)
    if (session.interrupted()) stopped = 'interrupted'
    else if (session.now() - begun > limit) stopped = 'time limit'
    return stopped !== ''
  }
  adam(target, theta, { steps: options.steps, rate: options.rate, onStep: watch('adam', options.steps) })
  if (stopped === '') {
    let last = 0
    lbfgs(target, theta, {
      iterations: options.polish,
      onStep: (step, loss) => {
        last = step
        return watch('l-bfgs', options.polish)(step, loss)
      }
    })
    if (stopped === '')
      stopped = last >= options.polish ? 'all steps done' : `no further descent after ${last} steps of L-BFGS`
  }
  const loss = target.evaluate(theta, new Float64Array(theta.length))
  const files: { model: string | null; history: string | null } = { model: null, history: null }
  if (options.out !== undefined) {
    files.model = join(options.out, 'model.onnx')
    files.history = join(options.out, 'history.csv')
    await writeModel(files.model, { network, parameters: { kind: 'float', values: theta } })
    await writeTable(files.history, ['method', 'step', 'loss'], history)
  }
  const seconds = Math.round(session.now() - begun) / 1000
  return {
    exitCode: 0,
    json: { loss: lossNumber(problem, theta, loss), ...files, stopped, guarantees: [], seconds },
    text: [
      `${paint('bold', dataPath)}: ${problem.data.samples} samples, target ${data.columns.targets.join(', ')}`,
      problemLine(problem, parameterCount(network)),
      '',
      `  loss ${loss.toPrecision(10)} after ${history.length} steps (${stopped})`,
      files.model
        ? `  ${files.model}, ${files.history}\n  next: nadir certify ${files.model} ${dataPath} --target ${data.columns.targets.join(',')}`
        : `  add --out DIR to keep the ${networkName(network)} network`,
      paint('dim', `  ${seconds.toFixed(1)} s`),
      ''
    ].join('\n')
  }
}

/** The loss of the doubles that were reached: exact where the arithmetic is. */
function lossNumber(problem: Problem, theta: Float64Array, loss: number) {
  const view = asOneHiddenLayer(problem)
  if ('kind' in view) return { approx: loss }
  return exactNumberJson(locate(view, toExact(problem.network, { kind: 'float', values: theta })).loss)
}
