import { compare, parseExact, type Rational } from '@nadir/arithmetic'
import { InputError, readBytes, readTable } from '@nadir/formats'
import { type ContinuousRisk, riskFromExpression, riskFromJson, riskFromKnots } from '@nadir/landscape'

/** Options that say which target is meant. */
export interface TargetOptions {
  readonly target?: string
  readonly on?: string
  readonly density?: string
}

/** The risk for a target file, or for --target on --on. @throws InputError */
export async function readRisk(file: string | undefined, options: TargetOptions): Promise<ContinuousRisk> {
  if ((file === undefined) === (options.target === undefined))
    throw new InputError('give a target file, or --target with --on, one of them')
  if (file !== undefined && (options.on !== undefined || options.density !== undefined))
    throw new InputError(`--on and --density belong to --target; ${file} has an interval of its own`)
  const risk =
    file === undefined
      ? riskFromExpression(options.target!, parseInterval(options.on), options.density)
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
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new InputError(`${file}: not JSON (${error instanceof Error ? error.message : error})`)
  }
  return riskFromJson(value)
}

/** The two ends of --on. @throws InputError */
export function parseInterval(text: string | undefined): [Rational, Rational] {
  const ends = (text ?? '').split(',').map((part) => parseExact(part.trim()))
  if (text === undefined || ends.length !== 2 || ends[0] === undefined || ends[1] === undefined)
    throw new InputError(`--on ${text ?? ''}: expected two numbers a,b`)
  if (compare(ends[0], ends[1]) >= 0) throw new InputError(`--on ${text}: a must be less than b`)
  return [ends[0], ends[1]]
}
