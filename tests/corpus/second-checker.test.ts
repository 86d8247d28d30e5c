import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { checkDocument } from 'nadir-checker'
import { expect, test } from 'vitest'
import type { Value } from './digests.ts'
import { corpusFiles } from './files.ts'
import { mutants, withDigests, withLosses } from './mutations.ts'

const program = fileURLToPath(new URL('second_checker.py', import.meta.url))
const hasPython = spawnSync('python3', ['--version']).status === 0

type Verdict = { readonly outcome: string; readonly reason: string }

const secondVerdicts = (texts: readonly string[]): readonly Verdict[] => {
  const { status, stdout, stderr } = spawnSync('python3', [program, '-'], {
    input: texts.map((text) => `${JSON.stringify(text)}\n`).join(''),
    encoding: 'utf8',
    maxBuffer: 1 << 28
  })
  if (status !== 0) throw new Error(stderr)
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => {
      const [outcome, reason] = line.split('\t')
      return { outcome, reason }
    })
}

/** Here the widths of a checker's own enclosures decide, so that changed certificates may fare differently. */
const isByWidths = (text: string): boolean =>
  /"(contraction|contraction-saddle|moved-targets|split|split-saddle)"/.test(text)

/** Exponentials in fractions take long: of minima on kinks for irrational losses two are enough. */
const takesLong = (name: string, text: string): boolean =>
  /"kinks(-span|-valleys|-dependent)?"/.test(text) &&
  /"(logistic|cross-entropy)"/.test(text) &&
  !['kinks-logistic', 'kinks-lift'].includes(name)

const disagreements = (texts: readonly string[]): readonly unknown[] => {
  const seconds = secondVerdicts(texts)
  expect(seconds.length).toBe(texts.length)
  return texts.flatMap((text, index) => {
    const first = checkDocument(text)
    return first.outcome === seconds[index].outcome
      ? []
      : [{ first, second: seconds[index], text: text.slice(0, 2000) }]
  })
}

test.skipIf(!hasPython)('the second checker agrees on the whole corpus', () => {
  expect(disagreements(corpusFiles().map(({ text }) => text))).toEqual([])
})

test.skipIf(!hasPython)('the second checker agrees on changed certificates', () => {
  const texts = corpusFiles()
    .filter(({ folder, text }) => folder === 'accept' && text.length < 4000 && !isByWidths(text))
    .filter(({ name, text }) => !takesLong(name, text))
    .flatMap(({ text }) => mutants(text, 3))
    .flatMap(({ document }) => [document, withDigests(document), withLosses(document)])
    .filter((document): document is Value => document !== undefined)
    .map((document) => JSON.stringify(document))
  expect(disagreements(texts)).toEqual([])
})

test.skipIf(!hasPython)('the second checker agrees on texts cut short', () => {
  const text = corpusFiles().find(({ name }) => name === 'by-hand')?.text ?? ''
  const cuts = Array.from({ length: text.length }, (_, length) => text.slice(0, length))
  const gaps = cuts.map((start, length) => start + text.slice(length + 1))
  expect(disagreements([...cuts, ...gaps])).toEqual([])
})
