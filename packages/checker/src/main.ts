#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { checkDocument, type Outcome } from './index.ts'

const usage = `nadir-check FILE [--problem FILE] [--claim KIND] [--json]

Checks a nadir certificate with integers only.
  --problem FILE  reject unless the certificate is about the problem in this file
  --claim KIND    reject unless the certificate claims this: value, not-stationary, not-a-local-minimum, saddle,
                  local-minimum, spurious or global-minimum
  --json          print the outcome as JSON

Exit code: 0 accepted, 1 rejected, 2 declined or used wrongly.`

const exitCodes = { accepted: 0, rejected: 1, declined: 2 } as const

/** One character for each byte: the checker itself turns away whatever is not ASCII. */
const readBytes = (path: string): string => readFileSync(path, 'latin1')

const lines = (outcome: Outcome): readonly string[] => {
  switch (outcome.outcome) {
    case 'accepted':
      return [`accepted: ${outcome.claim}`, outcome.statement, `problem ${outcome.problemDigest}`]
    case 'rejected':
      return [`rejected at ${outcome.step}`, outcome.reason]
    case 'declined':
      return ['declined', outcome.feature]
  }
}

const run = (): number => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      problem: { type: 'string' },
      claim: { type: 'string' },
      json: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' }
    }
  })
  if (values.help) {
    console.log(usage)
    return 0
  }
  if (positionals.length !== 1)
    throw new Error(`expected one certificate file, found ${positionals.length} (try --help)`)
  const outcome = checkDocument(readBytes(positionals[0]), {
    ...(values.problem === undefined ? {} : { problem: readBytes(values.problem) }),
    ...(values.claim === undefined ? {} : { kind: values.claim })
  })
  console.log(values.json ? JSON.stringify(outcome) : lines(outcome).join('\n'))
  return exitCodes[outcome.outcome]
}

try {
  process.exitCode = run()
} catch (error) {
  console.error(`nadir-check: ${error instanceof Error ? error.message : String(error)}`)
  process.exitCode = 2
}
