import { parseExact, toNumber } from '@nadir/arithmetic'
import { InputError } from '@nadir/formats'
import { affineTargetOf, type Initialisation, randomParameters, randomStream } from '@nadir/landscape'
import { Command, InvalidArgumentError, Option } from 'commander'
import { parseCount } from '../problem-options.ts'
import type { Verb } from '../program.ts'
import { listAffineFunctions, listCriticalFunctions } from '../risk/critical-list.ts'
import { buildFamily } from '../risk/family.ts'
import { readHingeNetwork } from '../risk/hinge-model.ts'
import { judgePoint, listDegenerate } from '../risk/point.ts'
import { parseInterval, readRisk, type TargetOptions } from '../risk/target.ts'
import { followTrajectory, startStatistics } from '../risk/trajectory.ts'
import type { Answer, Session } from '../session.ts'

interface RiskOptions extends TargetOptions {
  readonly hidden: number
  readonly digits: number
  readonly out?: string
  readonly family?: number
  readonly delta: string
  readonly at?: string
  readonly degenerate?: boolean
  readonly flow?: boolean
  readonly descent?: boolean
  readonly starts?: number
  readonly from?: string
  readonly seed: number
  readonly init: Initialisation
  readonly steps: number
  readonly rate: number
  readonly time: number
}

const positive = (text: string): number => {
  const value = Number(text)
  if (!(value > 0) || !Number.isFinite(value)) throw new InvalidArgumentError('expected a positive number.')
  return value
}

const examples = `
Examples:
  nadir risk --target "abs(x)" --on -1,1 --out out
  nadir risk target.json --digits 40
  nadir risk --target "2*x+1" --on 0,3 --hidden 6
  nadir risk --family 5 --on 0,1 --delta 1000 --hidden 3 --out out
  nadir risk --target "abs(x)" --on -1,1 --at model.json
  nadir risk --target "x^2" --on 0,1 --flow --seed 3 --out out
  nadir risk --target "x^2" --on 0,1 --hidden 8 --starts 200

The risk is the integral of (N(x) - f(x))^2, without a factor 1/2.
Exit code: 0 done, 1 nothing could be decided, 2 bad input.`

export function riskVerb(): Verb {
  const command = new Command('risk')
    .description('the L2 risk on an interval: every critical realization function of a one-hidden-layer ReLU network')
    .argument('[file]', 'target: .json with breakpoints and pieces, or .csv with knots x,y')
    .option('--target <expression>', 'target as an expression in x, such as "abs(x)" (with --on)')
    .option('--on <a,b>', 'the interval')
    .option('--density <expression>', 'density of the inputs, an expression in x (default: 1)')
    .option('--hidden <units>', 'width of the hidden layer', parseCount, 1)
    .option('--digits <number>', 'significant digits', parseCount, 20)
    .option('--family <count>', 'instead: so many local minima, all bad by more than --delta', parseCount)
    .option('--delta <number>', 'for --family: how bad at least', '1')
    .option('--at <model>', 'instead: what kind of point are the parameters of this model?')
    .option('--degenerate', 'instead: all critical parameters of one unit without a kink of their own')
    .option('--flow', 'instead: gradient flow, from --from or from random parameters')
    .option('--descent', 'instead: gradient descent, likewise')
    .option('--starts <count>', 'instead: dead units and risks after gradient descent from so many starts', parseCount)
    .option('--from <model>', 'for --flow and --descent: the parameters of this model')
    .option('--seed <number>', 'seed of random parameters', parseCount, 1)
    .addOption(
      new Option('--init <how>', 'random parameters: all uniform, or normal weights and zero biases')
        .choices(['uniform', 'normal'])
        .default('uniform')
    )
    .option('--steps <number>', 'most steps of a flow or a descent', parseCount, 20000)
    .option('--rate <number>', 'step size of gradient descent', positive, 0.02)
    .option('--time <number>', 'most time of a flow', positive, 1e4)
    .option('--out <directory>', 'write certificate and figures (SVG) into this directory')
    .option('--json', 'one JSON document on standard output and nothing else there')
    .addHelpText('after', examples)
  return { command, act: ([file], options, session) => act(file, options as unknown as RiskOptions, session) }
}

async function act(file: string | undefined, options: RiskOptions, session: Session): Promise<Answer> {
  const { hidden, digits, out, seed } = options
  if (digits < 1 || digits > 1000) throw new InputError('--digits: expected a number from 1 to 1000')
  if (hidden < 1 || hidden > 100_000) throw new InputError('--hidden: expected a number from 1 to 100000')
  requireOneTask(options)
  if (options.family !== undefined) return family(file, options, options.family)
  const risk = await readRisk(file, options)
  const how = targetWords(file, options)
  if (options.at !== undefined) {
    const network = await readHingeNetwork(options.at)
    return judgePoint(risk, network, options.at, digits, out, how)
  }
  if (options.degenerate) return listDegenerate(risk, digits)
  if (options.starts !== undefined) {
    if (options.starts < 1 || options.starts > 1_000_000)
      throw new InputError('--starts: expected a number from 1 to 1000000')
    const { steps, rate } = options
    return startStatistics(
      risk,
      hidden,
      options.starts,
      seed,
      options.init,
      { steps: Math.min(steps, 2000), rate },
      session
    )
  }
  if (options.flow || options.descent) {
    const { parameters, from } = await startOf(options)
    const { steps, rate, time } = options
    const course = { how: options.flow ? ('flow' as const) : ('descent' as const), steps, rate, time, digits, out }
    return followTrajectory(risk, parameters, from, course, session)
  }
  const affine = affineTargetOf(risk)
  if (hidden === 1) return listCriticalFunctions(risk, digits, out, how)
  if (affine) return listAffineFunctions(risk, affine, hidden, out, how)
  return {
    exitCode: 1,
    json: { realizations: [], complete: false, certificate: null, undecided: beyondWidthOne },
    text: `${beyondWidthOne}\n`
  }
}

const tasks = ['family', 'at', 'degenerate', 'flow', 'descent', 'starts'] as const

function requireOneTask(options: RiskOptions): void {
  const asked = tasks.filter((task) => options[task] !== undefined && options[task] !== false)
  if (asked.length > 1) throw new InputError(`${asked.map((task) => `--${task}`).join(' and ')}: choose one of them`)
  if (options.from !== undefined && !options.flow && !options.descent)
    throw new InputError('--from belongs to --flow or --descent')
}

const beyondWidthOne =
  'the complete list is known for one unit, and for affine targets at any width; wider networks can have uncountably many bad minima (nadir risk --family)'

/** The options with which nadir check binds a certificate to this target. */
function targetWords(file: string | undefined, { target, on, density }: RiskOptions): string {
  if (file !== undefined) return `--data ${file}`
  return `--target "${target}" --on ${on}${density === undefined ? '' : ` --density "${density}"`}`
}

async function startOf({ from, hidden, seed, init }: RiskOptions) {
  if (from === undefined)
    return {
      parameters: randomParameters(hidden, init, randomStream(seed)),
      from: `random parameters (${init}, seed ${seed})`
    }
  const { units, c } = await readHingeNetwork(from)
  const numbers = [...units.map(({ w }) => w), ...units.map(({ b }) => b), ...units.map(({ v }) => v), c].map(toNumber)
  return { parameters: Float64Array.from(numbers), from }
}

function family(file: string | undefined, options: RiskOptions, count: number): Promise<Answer> {
  const delta = parseExact(options.delta)
  if (delta === undefined || delta.numerator <= 0n)
    throw new InputError(`--delta ${options.delta}: expected a positive decimal or fraction`)
  if (file !== undefined || options.target !== undefined || options.density !== undefined)
    throw new InputError('--family brings its own target: give --on, --delta and --hidden only')
  if (options.hidden < 2)
    throw new InputError('--family needs --hidden 2 or more: one unit has finitely many critical functions')
  if (count < 1 || count > 10_000) throw new InputError('--family: expected a number from 1 to 10000')
  return buildFamily(parseInterval(options.on), delta, options.hidden, count, options.digits, options.out)
}
