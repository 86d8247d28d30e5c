import { compare, parseExact, type Rational, toText } from '@nadir/arithmetic'
import { InputError, readBytes, readTable } from '@nadir/formats'
import {
  affineRealizations,
  affineTargetOf,
  type ContinuousRisk,
  type CriticalList,
  criticalList,
  familyParameters,
  infiniteFamily,
  infiniteFamilyRecord,
  riskFromExpression,
  riskFromJson,
  riskFromKnots
} from '@nadir/landscape'
import { Command } from 'commander'
import { parseCount } from '../problem-options.ts'
import type { Verb } from '../program.ts'
import { type Answer, paint } from '../session.ts'

interface RiskOptions {
  readonly target?: string
  readonly on?: string
  readonly density?: string
  readonly hidden: number
  readonly digits: number
  readonly family?: number
  readonly delta: string
}

export function riskVerb(): Verb {
  const command = new Command('risk')
    .description('the L2 risk on an interval: every critical realization function of a one-hidden-layer ReLU network')
    .argument('[file]', 'target: .json with breakpoints and pieces, or .csv with knots x,y')
    .option('--target <expression>', 'target as an expression in x, such as "abs(x)" (with --on)')
    .option('--on <a,b>', 'the interval')
    .option('--density <expression>', 'density of the inputs, an expression in x (default: 1)')
    .option('--hidden <units>', 'width of the hidden layer', parseCount, 1)
    .option('--digits <number>', 'significant digits', parseCount, 20)
    .option(
      '--family <count>',
      'instead: so many local minima, all bad by more than --delta, for a target on --on',
      parseCount
    )
    .option('--delta <number>', 'for --family: how bad at least', '1')
    .option('--json', 'one JSON document on standard output and nothing else there')
    .addHelpText(
      'after',
      '\nExamples:\n  nadir risk --target "abs(x)" --on -1,1\n  nadir risk target.json --digits 40\n  nadir risk --family 5 --on 0,1 --delta 1000 --hidden 3\n\nThe risk is the integral of (N(x) - f(x))^2, without a factor 1/2.'
    )
  return { command, act: ([file], options) => act(file, options as unknown as RiskOptions) }
}

async function act(file: string | undefined, options: RiskOptions): Promise<Answer> {
  if (options.digits < 1 || options.digits > 1000) throw new InputError('--digits: expected a number from 1 to 1000')
  if (options.hidden < 1) throw new InputError('--hidden: expected at least one unit')
  if (options.family !== undefined) return family(options, options.family)
  const risk = await readRisk(file, options)
  const affine = affineTargetOf(risk)
  if (options.hidden === 1) return widthOne(risk, options.digits)
  if (!affine)
    return {
      exitCode: 1,
      json: { realizations: [], complete: false, certificate: null, undecided: beyondWidthOne },
      text: `${beyondWidthOne}\n`
    }
  const realizations = affineRealizations(affine, options.hidden).map((r) => ({
    ...r,
    risk: toText(r.risk),
    global: r.type === 'global-minimum'
  }))
  return {
    exitCode: 0,
    json: { realizations, complete: true, certificate: null },
    text: [
      `affine target, ${options.hidden} units: every realization function of critical points`,
      '',
      ...realizations.map((r) => {
        const shape =
          r.kind === 'zigzag' ? `zigzag with ${r.kinks} kinks` : r.kind === 'constant' ? 'the mean' : 'the target'
        return `  ${shape.padEnd(22)} risk ${r.risk.padEnd(14)} ${r.type}`
      }),
      ''
    ].join('\n')
  }
}

const beyondWidthOne =
  'the complete list is known for one unit, and for affine targets at any width; wider networks can have uncountably many bad minima (nadir risk --family)'

async function readRisk(file: string | undefined, options: RiskOptions): Promise<ContinuousRisk> {
  if ((file === undefined) === (options.target === undefined))
    throw new InputError('give a target file, or --target with --on, one of them')
  const risk =
    file === undefined
      ? riskFromExpression(options.target!, interval(options.on), options.density)
      : await riskFromFile(file)
  if (risk.kind === 'continuous-risk') return risk
  throw new InputError(file === undefined ? risk.message : `${file}: ${risk.message}`)
}

async function riskFromFile(file: string) {
  if (file.endsWith('.csv')) {
    const { columns, rows } = await readTable(file)
    if (columns.length !== 2) throw new InputError(`${file}: expected two columns x,y, found ${columns.length}`)
    return riskFromKnots(rows.map(([x, y]) => [x!, y!]))
  }
  if (!file.endsWith('.json')) throw new InputError(`${file}: a target is read from .json or .csv`)
  const text = new TextDecoder().decode(await readBytes(file))
  try {
    return riskFromJson(JSON.parse(text))
  } catch (error) {
    throw new InputError(`${file}: not JSON (${error instanceof Error ? error.message : error})`)
  }
}

function interval(text: string | undefined): [Rational, Rational] {
  const ends = (text ?? '').split(',').map((part) => parseExact(part))
  if (text === undefined || ends.length !== 2 || ends[0] === undefined || ends[1] === undefined)
    throw new InputError(`--on ${text ?? ''}: expected two numbers a,b`)
  if (compare(ends[0], ends[1]) >= 0) throw new InputError(`--on ${text}: a must be less than b`)
  return [ends[0], ends[1]]
}

function widthOne(risk: ContinuousRisk, digits: number): Answer {
  const list = criticalList(risk, digits)
  if (list.kind === 'undecided')
    return {
      exitCode: 1,
      json: { realizations: [], complete: false, certificate: null, undecided: list.reason },
      text: `undecided: ${list.reason}\n`
    }
  return {
    exitCode: 0,
    json: {
      realizations: list.realizations,
      flatKinks: list.flatKinks,
      complete: list.complete,
      certificate: null
    },
    text: listText(list)
  }
}

function listText(list: CriticalList): string {
  const rows = list.realizations.map((r) => [
    r.global ? paint('green', 'global') : '',
    r.type,
    r.form,
    r.kink ?? '',
    r.c,
    r.slope,
    r.risk
  ])
  const head = ['', 'type', 'form', 'kink', 'value c', 'slope', 'risk']
  const table = [head, ...rows]
  const widths = head.map((_, k) => Math.max(...table.map((row) => row[k]!.length)))
  const lines = table.map((row) => `  ${row.map((cell, k) => cell.padEnd(widths[k]!)).join('  ')}`.trimEnd())
  const flat = list.flatKinks.right.length + list.flatKinks.left.length
  return [
    `${list.realizations.length} realization functions of critical points with one unit: the list is complete`,
    '',
    ...lines,
    '',
    ...(flat > 0 ? [`  degenerate parameters (outgoing weight 0) are critical at ${flat} kink positions`] : []),
    ''
  ].join('\n')
}

function family(options: RiskOptions, count: number): Answer {
  const delta = parseExact(options.delta)
  if (delta === undefined || delta.numerator <= 0n)
    throw new InputError(`--delta ${options.delta}: expected a positive decimal or fraction`)
  if (options.hidden < 2)
    throw new InputError('--family needs --hidden 2 or more: one unit has finitely many critical functions')
  if (count < 1 || count > 10_000) throw new InputError('--family: expected a number from 1 to 10000')
  const [a, b] = interval(options.on)
  const record = infiniteFamilyRecord(
    infiniteFamily(a, b, delta, options.hidden, familyParameters(count)),
    options.digits
  )
  return {
    exitCode: 0,
    json: { ...record, certificate: null },
    text: [
      `a target on [${toText(a)}, ${toText(b)}] (scale lambda = ${record.lambda}) with uncountably many bad local minima at width ${options.hidden}; ${count} of them:`,
      '',
      ...record.minima.map((m) => `  r = ${m.r}: kink at ${m.kink}, risk ${m.risk}`),
      '',
      `  better: risk ${record.better.risk}, lower by ${record.gap.exact} = ${record.gap.digits}, more than ${toText(delta)}`,
      ''
    ].join('\n')
  }
}
