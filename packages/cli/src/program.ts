import { InputError } from '@nadir/formats'
import { Command, CommanderError } from 'commander'
import { type Answer, endProgress, type Session } from './session.ts'
import { boundVerb } from './verbs/bound.ts'
import { certifyVerb } from './verbs/certify.ts'
import { checkVerb } from './verbs/check.ts'
import { constructVerb } from './verbs/construct.ts'
import { convertVerb } from './verbs/convert.ts'
import { improveVerb } from './verbs/improve.ts'
import { piecesVerb } from './verbs/pieces.ts'
import { riskVerb } from './verbs/risk.ts'
import { spectrumVerb } from './verbs/spectrum.ts'
import { theoremsVerb } from './verbs/theorems.ts'
import { trainVerb } from './verbs/train.ts'
import { version } from './version.ts'

/** A verb: the command with its options, and what it does. */
export interface Verb {
  readonly command: Command
  readonly act: (args: readonly string[], options: Record<string, unknown>, session: Session) => Promise<Answer>
}

const verbs = (): Verb[] => [
  certifyVerb(),
  checkVerb(),
  trainVerb(),
  improveVerb(),
  piecesVerb(),
  boundVerb(),
  riskVerb(),
  spectrumVerb(),
  constructVerb(),
  theoremsVerb(),
  convertVerb()
]

/** Runs a command line; answers the exit code. */
export async function run(argv: readonly string[], interrupted: () => boolean): Promise<number> {
  let exitCode = 0
  const program = new Command('nadir')
    .description('Where did training stop, with proof: what kind of point is a trained network at?')
    .version(version)
    .exitOverride()
    .configureHelp({ showGlobalOptions: false })
    .showHelpAfterError('(nadir VERB --help shows how it is used)')
  for (const verb of verbs()) {
    verb.command.exitOverride().showHelpAfterError(`(nadir ${verb.command.name()} --help shows how it is used)`)
    verb.command.action(async (...received: unknown[]) => {
      const command = received.at(-1) as Command
      const options = command.opts()
      const answer = await verb.act(command.args, options, { interrupted, now: () => performance.now() })
      endProgress()
      process.stdout.write(options['json'] ? `${JSON.stringify(answer.json)}\n` : answer.text)
      exitCode = answer.exitCode
    })
    program.addCommand(verb.command)
  }
  try {
    await program.parseAsync([...argv], { from: 'user' })
  } catch (error) {
    endProgress()
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    if (error instanceof InputError) {
      process.stderr.write(`nadir: ${error.message}\n`)
      return 2
    }
    throw error
  }
  return exitCode
}
