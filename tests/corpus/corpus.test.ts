import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { type Accepted, check, checkDocument, type Outcome, splitDocument } from 'nadir-checker'
import { describe, expect, test } from 'vitest'
import { allCases, fileOf, readme } from './cases/all.ts'
import { canonical, type Value } from './digests.ts'
import { type CorpusFile, corpusFiles, corpusFolder, folders, outcomeOf } from './files.ts'

const cases = allCases()

// To write the corpus after a change of the cases: NADIR_WRITE_CORPUS=1 npx vitest run tests/corpus/corpus.test.ts
if (process.env['NADIR_WRITE_CORPUS']) {
  for (const folder of folders) {
    rmSync(`${corpusFolder}${folder}`, { recursive: true, force: true })
    mkdirSync(`${corpusFolder}${folder}`, { recursive: true })
  }
  for (const one of cases) writeFileSync(`${corpusFolder}${fileOf(one)}`, one.text)
  writeFileSync(`${corpusFolder}README.md`, readme(cases))
}

type Checker = (text: string) => Outcome

/** The files on which a checker is wrong. */
const mistakes = (checker: Checker): readonly CorpusFile[] =>
  corpusFiles().filter(({ folder, text }) => checker(text).outcome !== outcomeOf[folder])

describe('the corpus', () => {
  test('its files are the cases, and its page tells the story of each', () => {
    const made = cases.map((one) => [fileOf(one), one.text])
    const committed = corpusFiles().map(({ folder, name, text }) => [`${folder}/${name}.json`, text])
    expect(new Map(committed as [string, string][])).toEqual(new Map(made as [string, string][]))
    expect(committed.length).toBe(made.length)
    expect(readFileSync(`${corpusFolder}README.md`, 'utf8')).toBe(readme(cases))
  })

  test('the example of the specification is the file by-hand.json', () => {
    const page = readFileSync(`${corpusFolder}../spec/certificate-format.md`, 'utf8')
    const start = page.indexOf('    { "format": "nadir-certificate/1"')
    const example = JSON.parse(page.slice(start, page.indexOf('(The two digests are in', start)))
    const file = JSON.parse(readFileSync(`${corpusFolder}accept/by-hand.json`, 'utf8'))
    example.proof.problem = file.proof.problem
    example.proof.claim = file.proof.claim
    expect(canonical(example as Value)).toBe(canonical(file as Value))
  })

  test.each(cases.map((one) => [fileOf(one), one] as const))('the checker is right about %s', (_, one) => {
    const outcome = checkDocument(one.text)
    expect(outcome).toMatchObject({ outcome: outcomeOf[one.folder] })
    if (outcome.outcome === 'rejected') expect(outcome.step).toMatch(new RegExp(one.step))
    if (outcome.outcome === 'declined') expect(outcome.feature).toMatch(new RegExp(one.step))
    if (outcome.outcome === 'accepted') expect(outcome.statement).toMatch(/^The /)
  })

  test('the three parts alone give the same outcome as the file', () => {
    for (const { text } of corpusFiles()) {
      const split = splitDocument(text)
      if ('outcome' in split) {
        expect(checkDocument(text).outcome).toBe('declined')
      } else {
        expect(check(split.problem, split.claim, split.proof)).toEqual(checkDocument(text))
      }
    }
  })
})

describe('what the reader expects', () => {
  const text = readFileSync(`${corpusFolder}accept/by-hand.json`, 'utf8')
  const { problem, claim } = JSON.parse(text)
  const spaced = (value: unknown): string => JSON.stringify(value, null, 2)

  test('the same problem, claim and kind in another layout are accepted', () => {
    const expected = { problem: spaced(problem), claim: spaced(claim), kind: 'local-minimum' }
    expect(checkDocument(text, expected).outcome).toBe('accepted')
  })

  test.each([
    ['problem', { problem: spaced({ ...problem, loss: { kind: 'squared', reduction: 'mean' } }) }],
    ['claim', { claim: spaced({ ...claim, kind: 'value' }) }],
    ['kind', { kind: 'global-minimum' }]
  ])('another %s is rejected', (_, expected) => {
    expect(checkDocument(text, expected)).toMatchObject({ outcome: 'rejected', step: 'expected' })
  })

  test('an unreadable expectation is declined', () => {
    expect(checkDocument(text, { problem: '{' }).outcome).toBe('declined')
  })
})

describe('checkers that are no checkers fail the corpus', () => {
  const always =
    (outcome: Outcome): Checker =>
    () =>
      outcome
  const accepted: Accepted = { outcome: 'accepted', claim: 'value', statement: '', problemDigest: '', claimDigest: '' }
  const withoutDigests: Checker = (text) => {
    const outcome = checkDocument(text)
    return outcome.outcome === 'rejected' && outcome.step === 'digest' ? accepted : outcome
  }
  const onlyStep =
    (step: RegExp): Checker =>
    (text) => {
      const outcome = checkDocument(text)
      return outcome.outcome === 'rejected' && step.test(outcome.step) ? accepted : outcome
    }

  test.each([
    ['accepts everything', always(accepted)],
    ['rejects everything', always({ outcome: 'rejected', step: '', reason: '' })],
    ['declines everything', always({ outcome: 'declined', feature: '' })],
    ['ignores digests', withoutDigests],
    ['ignores (a)', onlyStep(/^\(a\)/)],
    ['ignores (c)', onlyStep(/^\(c\)/)],
    ['ignores (d)', onlyStep(/^\(d\)/)],
    ['ignores (e)', onlyStep(/^\(e\)/)],
    ['ignores the loss', onlyStep(/^evaluation/)],
    ['ignores the subgradients', onlyStep(/^subgradients/)],
    ['ignores the better point', onlyStep(/^better/)],
    ['ignores the ascent', onlyStep(/^ascent/)],
    ['ignores the descent', onlyStep(/^descent/)],
    ['ignores the direction', onlyStep(/^direction/)],
    ['ignores the missing kinks', onlyStep(/^\(b\) (right|left) piece/)],
    ['ignores the kinks that are listed', onlyStep(/^\(b\) function/)],
    ['ignores the order of risks', onlyStep(/^\(e\)/)],
    ['ignores the targets', onlyStep(/^targets/)],
    ['ignores the sides', onlyStep(/^separation/)],
    ['ignores ties', onlyStep(/^\(f\)/)],
    ['ignores the members of a family', onlyStep(/^minimum/)],
    ['ignores the gap', onlyStep(/^gap/)],
    ['ignores the risk', onlyStep(/^integrals/)],
    ['ignores the gradient', onlyStep(/^gradient/)],
    ['ignores the side of a kink at the end', onlyStep(/^affine-point/)],
    ['ignores the type of a kink', onlyStep(/^one-live-unit/)]
  ])('one that %s', (_, checker) => {
    expect(mistakes(checker)).not.toEqual([])
  })

  test('the real one makes no mistake', () => {
    expect(mistakes((text) => checkDocument(text))).toEqual([])
  })
})
