import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { errorsWhenReaderLeaves, example, filesIn, folder, nadir } from './nadir.ts'

describe('certify, then check', () => {
  const cwd = folder()
  const certified = nadir(
    ['certify', example('iris-4-8-1-relu.onnx'), example('iris.csv'), '--out', 'out', '--json'],
    cwd
  )
  const verdict = JSON.parse(certified.out)

  test('says what is proved, in the agreed fields', () => {
    expect(certified.code).toBe(0)
    expect(verdict.problem).toMatchObject({
      network: '4-8-1 relu',
      samples: 150,
      parameters: 49,
      loss: 'squared',
      lossConvention: 'half-sum-of-squares'
    })
    expect(verdict.given.claim).toBe('not-stationary')
    expect(verdict.given.loss.exact).toMatch(/^\d+\/\d+$/)
    expect(verdict.settled.claim).toBe('local-minimum')
    expect(verdict.settled.distance).toBeLessThan(1e-5)
    expect(verdict.standing.claim).toBe('spurious')
    expect(verdict.standing.witness.approx).toBeLessThan(verdict.settled.loss.approx)
    expect(filesIn(join(cwd, 'out'))).toEqual([
      'certificate.json',
      'given-certificate.json',
      'improved.onnx',
      'model.onnx',
      'report.html',
      'verdict.json'
    ])
  })

  test("the certificates are accepted, for the reader's own data too", () => {
    const check = nadir(
      ['check', 'out/certificate.json', '--data', example('iris.csv'), '--claim', 'spurious', '--json'],
      cwd
    )
    expect(check.code).toBe(0)
    expect(JSON.parse(check.out)).toMatchObject({
      outcome: 'accepted',
      claim: 'spurious',
      problemDigest: verdict.problem.digest
    })
    expect(nadir(['check', 'out/given-certificate.json', '--claim', 'not-stationary'], cwd).code).toBe(0)
  })

  test('but not for other data, nor for another claim', () => {
    const text = readFileSync(example('iris.csv'), 'utf8')
    writeFileSync(join(cwd, 'other.csv'), text.replace('5.1', '5.2'))
    expect(nadir(['check', 'out/certificate.json', '--data', 'other.csv'], cwd).code).toBe(1)
    expect(nadir(['check', 'out/certificate.json', '--claim', 'global-minimum'], cwd).code).toBe(1)
  })

  test('the written networks have the losses that the verdict states', () => {
    const again = JSON.parse(nadir(['certify', 'out/improved.onnx', example('iris.csv'), '--json'], cwd).out)
    expect(again.given.loss.approx).toBeCloseTo(verdict.standing.witness.approx, 9)
    const settled = JSON.parse(nadir(['certify', 'out/model.onnx', example('iris.csv'), '--json'], cwd).out)
    expect(settled.given.loss.approx).toBeCloseTo(verdict.settled.loss.approx, 9)
  })
})

test('train from a table, certify what came out, improve it, convert it', () => {
  const cwd = folder()
  const trained = nadir(
    ['train', example('sine.csv'), '--hidden', '6', '--steps', '400', '--polish', '100', '--out', 'net', '--json'],
    cwd
  )
  expect(trained.code).toBe(0)
  const { loss, stopped, guarantees } = JSON.parse(trained.out)
  expect(loss.approx).toBeGreaterThan(0)
  expect(stopped).not.toBe('')
  expect(guarantees.map((g: { holds: unknown }) => g.holds)).toEqual([false])
  expect(filesIn(join(cwd, 'net'))).toEqual(['history.csv', 'model.onnx'])
  const verdict = JSON.parse(nadir(['certify', 'net/model.onnx', example('sine.csv'), '--json'], cwd).out)
  expect(verdict.given.loss.exact).toBe(loss.exact)
  const improved = JSON.parse(
    nadir(['improve', 'net/model.onnx', example('sine.csv'), '--time-limit', '1', '--out', 'better', '--json'], cwd).out
  )
  expect(improved.to.approx).toBeLessThan(improved.from.approx)
  expect(nadir(['check', 'better/certificate.json', '--data', example('sine.csv')], cwd).code).toBe(0)
  for (const name of ['m.safetensors', 'm.json', 'm.onnx']) {
    expect(nadir(['convert', 'net/model.onnx', name], cwd).code).toBe(0)
    expect(
      JSON.parse(
        nadir(['certify', name, example('sine.csv'), '--network', '1-6-1 relu', '--json', '--time-limit', '5'], cwd).out
      ).given.loss.exact
    ).toBe(loss.exact)
  }
})

test('the three exports of one network give one verdict', () => {
  const cwd = folder()
  const ask = (file: string) => {
    const { given } = JSON.parse(nadir(['certify', example(file), example('xor.csv'), '--json'], cwd).out)
    return given
  }
  expect(ask('xor-2-2-1-relu.dynamo.onnx')).toEqual(ask('xor-2-2-1-relu.onnx'))
  expect(ask('xor-2-2-1-relu.safetensors')).toEqual(ask('xor-2-2-1-relu.onnx'))
})

test('help shows a real example for every verb', () => {
  const cwd = folder()
  for (const verb of ['certify', 'check', 'train', 'improve', 'pieces', 'convert']) {
    const { code, out } = nadir([verb, '--help'], cwd)
    expect(code).toBe(0)
    expect(out).toContain(`nadir ${verb} `)
  }
})

test('a reader that leaves early is no error', () => {
  for (let run = 0; run < 4; run++) expect(errorsWhenReaderLeaves(['certify', '--help'])).toBe('')
})

test('beside a minimum nearby the better network has a certificate of its own, named on the card', () => {
  const rows = Array.from({ length: 12 }, (_, i) => `${i - 6},${i % 2},${(i * i) % 5}`)
  const cwd = folder({ 'data.csv': `a,y,z\n${rows.join('\n')}\n` })
  const targets = ['--target', 'y,z']
  const decay = ['--weight-decay', '1/100']
  const trained = ['train', 'data.csv', ...targets, ...decay, '--hidden', '4', '--steps', '2000', '--out', 'm']
  expect(nadir(trained, cwd).out).toContain('data.csv --target y,z --weight-decay 1/100')
  const model = filesIn(join(cwd, 'm')).find((name) => name.endsWith('.onnx'))!
  const { out } = nadir(['certify', `m/${model}`, 'data.csv', ...targets, ...decay, '--out', 'o'], cwd)
  expect(out).toContain('SPURIOUS')
  expect(out).toContain('o/better-certificate.json, of the better network')
  expect(nadir(['check', 'o/better-certificate.json', '--data', 'data.csv', ...targets], cwd).code).toBe(0)
})
