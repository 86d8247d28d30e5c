import { readFileSync, writeFileSync } from 'node:fs'
import { theorems } from '@nadir/landscape'
import { expect, test } from 'vitest'

const path = new URL('../../docs/papers.md', import.meta.url)

const cell = (text: string): string => text.replaceAll('|', '\\|')

const section = ({ id, title, source, hypotheses, conclusion, example }: (typeof theorems)[number]): string =>
  [
    `## ${id}`,
    '',
    `**${title}.** ${source}.`,
    '',
    ...hypotheses.map((hypothesis) => `- if ${hypothesis}`),
    `- then ${conclusion}`,
    '',
    '```',
    example,
    '```',
    ''
  ].join('\n')

/** The page as the registry of theorems says it. */
const page = (): string => `# Papers: theorems as programs

\`nadir construct ID data.csv\` checks the hypotheses of a theorem on your data, builds the points that it promises, writes
them as ONNX, safetensors and JSON with exact fractions, and has each one checked by the independent checker. A
hypothesis that fails is named, with the number that breaks it. \`nadir theorems\` prints this list; the commands run in
the folder \`examples\`.

| name | paper | what it builds |
|---|---|---|
${theorems.map(({ id, source, conclusion }) => `| [${id}](#${id}) | ${cell(source)} | ${cell(conclusion)} |`).join('\n')}

${theorems.map(section).join('\n')}`

// To write the page after a change of the registry: NADIR_WRITE_DOCS=1 npx vitest run tests/theorems/page.test.ts
test('the page of theorems is what the registry says', () => {
  if (process.env['NADIR_WRITE_DOCS']) writeFileSync(path, page())
  expect(readFileSync(path, 'utf8')).toBe(page())
})
