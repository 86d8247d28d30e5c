import { theorems } from '@nadir/landscape'
import { Command } from 'commander'
import type { Verb } from '../program.ts'
import { type Answer, paint } from '../session.ts'

export function theoremsVerb(): Verb {
  const command = new Command('theorems')
    .description(
      'the theorems that nadir construct turns into points: hypotheses, conclusion, source, one example each'
    )
    .option('--json', 'one JSON document on standard output')
    .addHelpText('after', '\nExample:\n  nadir theorems')
  return { command, act: async () => answer() }
}

const answer = (): Answer => ({
  exitCode: 0,
  json: theorems.map(({ id, title, source, hypotheses, conclusion, example }) => ({
    id,
    title,
    source,
    hypotheses,
    conclusion,
    example
  })),
  text: theorems
    .map(({ id, title, source, hypotheses, conclusion, example }) =>
      [
        `${paint('bold', id)}  ${title}`,
        ...hypotheses.map((hypothesis) => `    if    ${hypothesis}`),
        `    then  ${conclusion}`,
        paint('dim', `    ${source}`),
        `    ${paint('cyan', example)}`,
        ''
      ].join('\n')
    )
    .join('\n')
})
