import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import { corpusFolder } from './files.ts'

// The command as it is published; `npm test` builds it before it runs the tests.
const command = fileURLToPath(new URL('../../packages/checker/dist/main.js', import.meta.url))

const run = (...options: readonly string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [command, ...options], { encoding: 'utf8' })
  return { status, stdout, stderr }
}

const folder = mkdtempSync(join(tmpdir(), 'nadir-check-'))
afterAll(() => rmSync(folder, { recursive: true }))

describe.skipIf(!existsSync(command))('nadir-check', () => {
  test.each([
    [
      'accept/by-hand',
      0,
      /^accepted: local-minimum\nThe point, with loss exactly 5, is a local minimum\.\nproblem sha256:/
    ],
    ['reject/wrong-slope', 1, /^rejected at \(c\) unit 0, row 0\n/],
    ['decline/non-ascii', 2, /^declined\nunreadable certificate: at character 439/]
  ])('%s', (name, status, lines) => {
    const result = run(`${corpusFolder}${name}.json`)
    expect(result.status).toBe(status)
    expect(result.stdout).toMatch(lines)
    expect(result.stdout.trimEnd().split('\n').length).toBeLessThanOrEqual(3)
  })

  test('prints JSON', () => {
    const { stdout } = run(`${corpusFolder}accept/spurious.json`, '--json')
    expect(JSON.parse(stdout)).toMatchObject({ outcome: 'accepted', claim: 'spurious' })
  })

  test('compares with the problem and the claim that the reader asks for', () => {
    const mine = join(folder, 'mine.json')
    const { problem } = JSON.parse(readFileSync(`${corpusFolder}accept/by-hand.json`, 'utf8'))
    writeFileSync(mine, JSON.stringify(problem, null, 2))
    expect(run(`${corpusFolder}accept/by-hand.json`, '--problem', mine, '--claim', 'local-minimum').status).toBe(0)
    expect(run(`${corpusFolder}accept/by-hand.json`, '--problem', mine, '--claim', 'saddle').status).toBe(1)
    expect(run(`${corpusFolder}accept/interior.json`, '--problem', mine).status).toBe(1)
  })

  test('says in one line how it was used wrongly', () => {
    for (const options of [[], ['missing.json'], ['a', 'b'], ['--unknown']]) {
      const { status, stderr } = run(...options)
      expect(status).toBe(2)
      expect(stderr.trimEnd()).toMatch(/^nadir-check: .+$/)
    }
    expect(run('--help')).toMatchObject({ status: 0, stderr: '' })
  })
})
