import {
  asOneHiddenLayer,
  certificateText,
  decideDeep,
  decideFirstOrder,
  deepCertificate,
  evaluateExactly,
  lastLayer,
  locate
} from '@nadir/landscape'
import { checkDocument } from 'nadir-checker'
import { describe, expect, test } from 'vitest'
import { corpusFiles } from '../corpus/files.ts'
import { asPoint, asProblem } from '../soundness/as-problem.ts'
import { integersFrom } from '../soundness/plant.ts'
import { raisedDraws } from '../soundness/raised.ts'

const seed = Number(process.env['NADIR_SEED'] ?? 1)

describe('a minimum with kinks in the last hidden layer is proved', () => {
  const files = corpusFiles().filter(({ folder, name }) => folder === 'accept' && name.startsWith('last-layer'))

  test.each(files.map(({ name, text }) => [name, text]))('%s', (_, text) => {
    const { problem, claim } = JSON.parse(text)
    const evaluation = evaluateExactly(asProblem(problem), asPoint(claim.point))
    const decision = decideDeep(evaluation)
    expect(decision).toMatchObject({ kind: 'local-minimum', rule: 'last-layer' })
    const made = deepCertificate(evaluation, decision)
    expect(made && checkDocument(certificateText(made))).toMatchObject({ outcome: 'accepted' })
  })

  test(`with one output, whatever the residuals (seed ${seed})`, () => {
    const below = integersFrom(seed)
    let made = 0
    for (let attempt = 0; made < 12 && attempt < 600; attempt += 1) {
      const plant = raisedDraws[0]!(below)
      if (plant === undefined || !plant.family.includes('1 outputs')) continue
      made += 1
      const evaluation = evaluateExactly(asProblem(plant.problem), asPoint(plant.point))
      const answer = lastLayer(evaluation)
      expect(answer, JSON.stringify(plant)).toMatchObject({ kind: 'proved' })
    }
    expect(made).toBe(12)
  })
})

test('for one hidden layer it proves what the first-order test proves', () => {
  const files = corpusFiles().filter(({ folder, text }) => folder !== 'decline' && text.includes('"first-order"'))
  let proved = 0
  let compared = 0
  for (const { name, text } of files) {
    const { problem, claim } = JSON.parse(text)
    if (problem.loss.kind !== 'squared' || problem.decay || name === 'zero-input') continue
    const asGiven = asProblem(problem)
    const view = asOneHiddenLayer(asGiven)
    if ('kind' in view) continue
    const point = asPoint(claim.point)
    if (point.tensors.length !== (view.hiddenBias ? 1 : 0) + (view.outputBias ? 1 : 0) + 2) continue
    const answer = lastLayer(evaluateExactly(asGiven, point))
    const isMinimum = decideFirstOrder(locate(view, point)).kind === 'local-minimum'
    // A network that is shut on all samples is for the rule path-span.
    if (answer.kind === 'failed' && answer.reason.startsWith('no sample reaches')) continue
    compared += 1
    if (answer.kind === 'proved') proved += 1
    expect(answer.kind === 'proved', name).toBe(isMinimum)
  }
  expect(compared).toBeGreaterThan(40)
  expect(proved).toBeGreaterThan(15)
})
