import { one, parseExact } from '@nadir/arithmetic'
import { InputError, readBytes } from '@nadir/formats'
import { canonicalText, dataset, familyDocument, type Json, problemDocument, riskDocument } from '@nadir/landscape'
import { Command } from 'commander'
import { checkDocument } from 'nadir-checker'
import { loadData, type ProblemOptions } from '../problem-options.ts'
import type { Verb } from '../program.ts'
import { parseInterval, readRisk } from '../risk/target.ts'
import { type Answer, paint } from '../session.ts'

interface CheckOptions {
  readonly data?: string
  readonly target?: string
  readonly on?: string
  readonly density?: string
  readonly inputs?: string[]
  readonly claim?: string
}

export function checkVerb(): Verb {
  const names = (text: string) => text.split(',').map((name) => name.trim())
  const command = new Command('check')
    .description('does this certificate prove its claim? Checked by the independent checker, in integers')
    .argument('<certificate>', 'certificate.json')
    .option('--data <file>', 'your own data, or target file of a risk: the certificate must be about exactly these')
    .option(
      '--target <columns>',
      'target columns of --data (default: the last); for a risk the target, an expression in x'
    )
    .option('--on <a,b>', 'for a risk: its interval')
    .option('--density <expression>', 'for a risk: the density of --target (default: 1)')
    .option('--inputs <columns>', 'input columns of --data (default: all others)', names)
    .option('--claim <kind>', 'the claim you care about, such as local-minimum or spurious')
    .option('--json', 'one JSON document on standard output')
    .addHelpText(
      'after',
      '\nExample:\n  nadir check out/certificate.json --data data.csv --target y\n  nadir check out/certificate.json --target "abs(x)" --on -1,1\n\nExit code: 0 accepted, 1 rejected, 2 declined or unreadable.'
    )
  return { command, act: ([file], options) => act(file!, options as CheckOptions) }
}

async function act(file: string, options: CheckOptions): Promise<Answer> {
  const text = new TextDecoder().decode(await readBytes(file))
  const isBound = options.data !== undefined || options.target !== undefined || options.on !== undefined
  const expected = isBound ? await expectedProblem(text, options) : undefined
  const outcome = checkDocument(text, {
    ...(expected === undefined ? {} : { problem: expected }),
    ...(options.claim === undefined ? {} : { kind: options.claim })
  })
  if (outcome.outcome === 'accepted') {
    const about = isBound ? `your ${options.data ?? options.target ?? 'interval'}` : 'the problem in the certificate'
    return {
      exitCode: 0,
      json: outcome,
      text: `${paint('bold', paint('green', 'ACCEPTED'))}  ${outcome.claim}\n  ${outcome.statement}\n  About ${about}, ${outcome.problemDigest}\n`
    }
  }
  if (outcome.outcome === 'rejected')
    return {
      exitCode: 1,
      json: outcome,
      text: `${paint('bold', paint('red', 'REJECTED'))}  at ${outcome.step}: ${outcome.reason}\n`
    }
  return {
    exitCode: 2,
    json: outcome,
    text: `${paint('bold', paint('yellow', 'DECLINED'))}  ${outcome.feature}\n`
  }
}

/** The certificate's problem with the data replaced by the reader's own; undefined when the certificate cannot be read (the checker says why). */
async function expectedProblem(text: string, options: CheckOptions): Promise<string | undefined> {
  const problem = problemIn(text)
  if (problem?.['format'] === 'nadir-risk/1') return expectedRisk(problem, options)
  if (options.data === undefined)
    throw new InputError('--target and --on without --data are for certificates about a risk')
  const target = options.target?.split(',').map((name) => name.trim())
  const { columns } = await loadData(options.data, { ...options, target } as unknown as ProblemOptions)
  const data = dataset(columns.X, columns.Y)
  if (problem === undefined) return undefined
  const { network, loss, decay } = problem as { network?: Json; loss?: Json; decay?: Json }
  if (network === undefined || loss === undefined) return undefined
  const own = problemDocument({
    network: { inputs: [data.inputCount], layers: [] },
    data,
    loss: 'squared',
    reduction: 'sum',
    weightDecay: { numerator: 0n, denominator: 1n },
    decayBiases: true
  }) as { data: Json }
  return canonicalText({
    format: 'nadir-problem/1',
    network,
    loss,
    data: own.data,
    ...(decay === undefined ? {} : { decay })
  })
}

/** The problem of a certificate as it stands there; undefined when there is none to be seen (the checker says why). */
function problemIn(text: string): { readonly [field: string]: Json } | undefined {
  try {
    const { problem } = JSON.parse(text) as { problem?: unknown }
    return typeof problem === 'object' && problem !== null ? (problem as { [field: string]: Json }) : undefined
  } catch {
    return undefined
  }
}

/** The certificate's problem with target and density, or the interval of a family, replaced by the reader's own. */
async function expectedRisk(problem: { readonly [field: string]: Json }, options: CheckOptions): Promise<string> {
  const hidden = typeof problem['hidden'] === 'number' ? problem['hidden'] : 1
  if (options.data === undefined && options.target === undefined) {
    // A family brings its own target; the reader's part is the interval.
    const { scale } = Object(problem['target']) as { readonly scale?: unknown }
    const [a, b] = parseInterval(options.on)
    const lambda = (typeof scale === 'string' ? parseExact(scale) : undefined) ?? one
    return canonicalText(familyDocument({ a, b, lambda }, hidden))
  }
  const own = riskDocument(await readRisk(options.data, options), hidden)
  if (own === undefined) throw new InputError('no certificate is about a target with irrational breakpoints')
  return canonicalText(own)
}
