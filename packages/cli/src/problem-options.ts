import { parseExact, type Rational, sign, toText, zero } from '@nadir/arithmetic'
import {
  InputError,
  modelExtensions,
  readModel,
  readTable,
  type SelectedColumns,
  selectColumns,
  tableExtensions
} from '@nadir/formats'
import {
  dataset,
  empiricalRisk,
  inputCount,
  type LossKind,
  type Network,
  networkName,
  outputCount,
  type Point,
  type Problem,
  type Reduction
} from '@nadir/landscape'
import { type Command, InvalidArgumentError, Option } from 'commander'

/** Options that say what problem is meant; the same for every verb that takes data. */
export interface ProblemOptions {
  readonly target?: string[]
  readonly inputs?: string[]
  readonly loss: LossKind
  readonly reduction: Reduction
  readonly weightDecay: Rational
  readonly decayBiases: 'yes' | 'no'
  readonly network?: string
}

/** What files a verb takes, for its help. */
export const modelFiles = modelExtensions.join(', ')
export const dataFiles = `a table with named columns: ${tableExtensions.join(', ')}`
export const networkHelp = 'for files that hold tensors only: "10-16-1 relu" (or NAME.json beside the file says more)'

/** Options of every verb. */
export interface CommonOptions {
  readonly json?: boolean
  readonly out?: string
  readonly seed: number
  readonly timeLimit?: number
}

const names = (text: string): string[] => text.split(',').map((name) => name.trim())

const count = (text: string): number => {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('expected a whole number.')
  return Number(text)
}

export { count as parseCount }

const seconds = (text: string): number => {
  const value = Number(text)
  if (!(value > 0)) throw new InvalidArgumentError('expected a positive number of seconds.')
  return value
}

const rationalNumber = (text: string): Rational => {
  const value = parseExact(text)
  if (value === undefined || value.numerator < 0n)
    throw new InvalidArgumentError('expected a decimal or fraction >= 0.')
  return value
}

export function withProblemOptions(command: Command): Command {
  return command
    .option('--target <columns>', 'target columns, separated by commas (default: the last column)', names)
    .option('--inputs <columns>', 'input columns (default: all others)', names)
    .option('--loss <loss>', 'squared, absolute, hinge, logistic or cross-entropy', lossName, 'squared' as LossKind)
    .addOption(
      new Option('--reduction <reduction>', 'sum of the losses (squared: half the sum of squares), or their mean')
        .choices(['sum', 'mean'])
        .default('sum')
    )
    .addOption(
      new Option('--weight-decay <number>', 'adds this over 2 times the sum of squares of the parameters')
        .argParser(rationalNumber)
        .default(zero, '0')
    )
    .addOption(
      new Option('--decay-biases <yes|no>', 'whether weight decay includes biases')
        .choices(['yes', 'no'])
        .default('yes')
    )
}

const lossName = (text: string): LossKind => {
  const known = ['squared', 'absolute', 'hinge', 'logistic', 'cross-entropy'] as const
  const found = known.find((name) => name === text)
  if (found === undefined)
    throw new InvalidArgumentError(
      text.startsWith('huber') ? 'the Huber loss is not there yet.' : `expected one of ${known.join(', ')}.`
    )
  return found
}

export function withCommonOptions(command: Command): Command {
  return command
    .option('--json', 'one JSON document on standard output and nothing else there')
    .option('--out <directory>', 'write the results into this directory')
    .option('--seed <number>', 'seed of everything random', count, 1)
    .option('--time-limit <seconds>', 'stop cleanly and report what is proved so far', seconds)
}

export interface LoadedData {
  readonly path: string
  readonly columns: SelectedColumns
}

export async function loadData(path: string, options: ProblemOptions): Promise<LoadedData> {
  const table = await readTable(path)
  return { path, columns: selectColumns(table, { target: options.target, inputs: options.inputs, file: path }) }
}

/** A model and data that belong together. @throws InputError when they do not */
export async function loadProblem(
  modelPath: string,
  dataPath: string,
  options: ProblemOptions
): Promise<{ problem: Problem; parameters: Point; data: LoadedData; notes: readonly string[] }> {
  const model = await readModel(modelPath, { network: options.network })
  const data = await loadData(dataPath, options)
  requireFit(modelPath, model.network, data)
  return { problem: makeProblem(model.network, data, options), parameters: model.parameters, data, notes: model.notes }
}

function requireFit(modelPath: string, network: Network, data: LoadedData): void {
  const { inputs, targets } = data.columns
  if (inputs.length !== inputCount(network))
    throw new InputError(
      `${modelPath} takes ${inputCount(network)} inputs, ${data.path} gives ${inputs.length} (${list(inputs)}); choose columns with --inputs and --target`
    )
  if (targets.length !== outputCount(network))
    throw new InputError(
      `${modelPath} has ${outputCount(network)} outputs, but ${targets.length} target column${targets.length > 1 ? 's are' : ' is'} named (${list(targets)}); choose them with --target`
    )
}

const list = (columns: readonly string[]): string =>
  columns.length > 8 ? `${columns.slice(0, 8).join(', ')}, ...` : columns.join(', ')

export const makeProblem = (network: Network, data: LoadedData, options: ProblemOptions): Problem =>
  empiricalRisk({
    network,
    data: dataset(data.columns.X, data.columns.Y),
    loss: options.loss,
    reduction: options.reduction,
    weightDecay: options.weightDecay,
    decayBiases: options.decayBiases === 'yes'
  })

/** The options that name this problem again, those that have their usual values left out. */
export const problemWords = ({ target, inputs, loss, reduction, weightDecay, decayBiases }: ProblemOptions): string =>
  [
    ...(target ? [`--target ${target.join(',')}`] : []),
    ...(inputs ? [`--inputs ${inputs.join(',')}`] : []),
    ...(loss === 'squared' ? [] : [`--loss ${loss}`]),
    ...(reduction === 'sum' ? [] : [`--reduction ${reduction}`]),
    ...(sign(weightDecay) === 0 ? [] : [`--weight-decay ${toText(weightDecay)}`]),
    ...(decayBiases === 'yes' ? [] : [`--decay-biases ${decayBiases}`])
  ].join(' ')

/** `10-16-1 relu, 193 parameters, squared loss (half the sum of squares)`. */
export function problemLine(problem: Problem, parameters: number): string {
  return `${networkName(problem.network)}, ${parameters} parameters, ${lossWords(problem)}`
}

function lossWords(problem: Problem): string {
  const mean = problem.reduction === 'mean'
  const decay = sign(problem.weightDecay) === 0 ? '' : `, weight decay ${toText(problem.weightDecay)}`
  return `${dataTermWords(problem, mean)}${decay}`
}

function dataTermWords(problem: Problem, mean: boolean): string {
  if (problem.loss === 'squared')
    return mean ? 'squared loss (half the mean of squares)' : 'squared loss (half the sum of squares)'
  return `${problem.loss} loss (${mean ? 'mean' : 'sum'} over the samples)`
}

/** The name of the loss convention in JSON. */
export const lossConvention = (problem: Problem): string =>
  problem.loss === 'squared'
    ? problem.reduction === 'mean'
      ? 'half-mean-of-squares'
      : 'half-sum-of-squares'
    : problem.reduction === 'mean'
      ? 'mean-of-losses'
      : 'sum-of-losses'
