import { readBytes } from '@nadir/formats'
import { canonicalText, dataset, type Json, problemDocument } from '@nadir/landscape'
import { Command } from 'commander'
import { checkDocument } from 'nadir-checker'
import { loadData, type ProblemOptions } from '../problem-options.ts'
import type { Verb } from '../program.ts'
import { type Answer, paint } from '../session.ts'

interface CheckOptions {
  readonly data?: string
  readonly target?: string[]
  readonly inputs?: string[]
  readonly claim?: string
}

export function checkVerb(): Verb {
  const names = (text: string) => text.split(',')
  const command = new Command('check')
    .description('does this certificate prove its claim? Checked by the independent checker, in integers')
    .argument('<certificate>', 'certificate.json')
    .option('--data <file>', 'your own data: the certificate must be about exactly these')
    .option('--target <columns>', 'target columns of --data (default: the last)', names)
    .option('--inputs <columns>', 'input columns of --data (default: all others)', names)
    .option('--claim <kind>', 'the claim you care about, such as local-minimum or spurious')
    .option('--json', 'one JSON document on standard output')
    .addHelpText(
      'after',
      '\nExample:\n  nadir check out/certificate.json --data data.csv --target y\n\nExit code: 0 accepted, 1 rejected, 2 declined or unreadable.'
    )
  return { command, act: ([file], options) => act(file!, options as CheckOptions) }
}

async function act(file: string, options: CheckOptions): Promise<Answer> {
  const text = new TextDecoder().decode(await readBytes(file))
  const expected = options.data === undefined ? undefined : await expectedProblem(text, options)
  const outcome = checkDocument(text, {
    ...(expected === undefined ? {} : { problem: expected }),
    ...(options.claim === undefined ? {} : { kind: options.claim })
  })
  if (outcome.outcome === 'accepted') {
    const about = options.data === undefined ? 'the problem in the certificate' : `your ${options.data}`
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
  const { columns } = await loadData(options.data!, options as unknown as ProblemOptions)
  const data = dataset(columns.X, columns.Y)
  let network: Json
  let loss: Json
  let decay: Json | undefined
  try {
    const document = JSON.parse(text) as { problem: { network: Json; loss: Json; decay?: Json } }
    network = document.problem.network
    loss = document.problem.loss
    decay = document.problem.decay
    if (network === undefined || loss === undefined) return undefined
  } catch {
    return undefined
  }
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
