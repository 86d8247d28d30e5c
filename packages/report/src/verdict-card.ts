import type { Verdict } from '@nadir/landscape'
import { shellWord } from './format.ts'
import { type Content, element } from './markup.ts'
import { section, table } from './page.ts'
import type { ProblemNames } from './problem-words.ts'
import type { Panel, Tone, VerdictWords } from './verdict-words.ts'

/** Shape and colour say the same thing. */
const signs: Readonly<Record<Tone, string>> = { good: '✓', bad: '!', open: '?' }

/** The headline, and one panel for each of the three statements of a verdict. */
export const verdictCard = (words: VerdictWords, source: string): Content => [
  element(
    'header',
    { class: `verdict ${words.tone}` },
    element('p', { class: 'source' }, source),
    element('h1', {}, words.headline),
    element('p', {}, words.summary)
  ),
  element('div', { class: 'panels' }, words.panels.map(panel))
]

const panel = ({ title, claim, tone, proved, loss, lines }: Panel): Content =>
  element(
    'div',
    { class: `panel ${tone}` },
    element('h2', {}, title),
    element(
      'div',
      { class: 'claim' },
      element('span', { 'aria-hidden': 'true' }, signs[tone]),
      element('span', {}, claim),
      proved ? element('small', {}, 'proved') : undefined
    ),
    loss
      ? [
          element('p', { class: 'loss' }, loss.value, ' ', element('small', {}, 'loss')),
          loss.notes.map((note) => element('p', { class: 'note' }, note))
        ]
      : undefined,
    element(
      'ul',
      {},
      lines.map((l) => element('li', {}, l))
    )
  )

/** The files that belong to a verdict, beside the page, and the command that checks the proof. */
export function checkSection(verdict: Verdict, { data, columns }: ProblemNames): Content {
  const { certificate, givenCertificate, betterCertificate, settled, standing } = verdict
  const files: (readonly [string, string])[] = []
  if (certificate)
    files.push([
      'certificate.json',
      `the proof about the ${settled ? 'settled' : 'trained'} point${standing.witness && !betterCertificate ? ', joined with the better point' : ''}`
    ])
  if (givenCertificate) files.push(['given-certificate.json', 'the proof about the trained point as it is'])
  if (betterCertificate) files.push(['better-certificate.json', 'the proof of the loss of the better network'])
  if (settled)
    files.push(['model.onnx', 'the settled network rounded to doubles; the exact point is in the certificate'])
  if (standing.witness) files.push(['improved.onnx', 'the better network, rounded to doubles'])
  files.push(['verdict.json', 'this verdict for programs'])
  return section(
    'Check it yourself',
    certificate
      ? 'The checker is a separate program that shares no code with the one that found the proof; it recomputes every number in integers. Run it beside this page, with your path to the data; exit code 0: accepted.'
      : 'Nothing was proved, so there is no certificate to check.',
    element(
      'div',
      { class: 'box' },
      certificate
        ? element(
            'pre',
            {},
            `nadir check certificate.json --data ${shellWord(data)} --target ${shellWord(columns.targets.join(','))}`
          )
        : undefined,
      table(
        [{ name: 'File beside this page' }, { name: 'What it is' }],
        files.map(([name, what]) => [element('a', { href: name }, element('code', {}, name)), what])
      )
    )
  )
}
