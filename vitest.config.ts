import { execFileSync } from 'node:child_process'
import { defineConfig } from 'vitest/config'

/** The seed of the properties: NADIR_SEED (`fresh`: a new one), or that of the packages as committed, so that every change of them draws anew and what was green stays green. */
function seed(): number {
  const given = process.env['NADIR_SEED']
  if (given === 'fresh') return Date.now() | 0
  if (given !== undefined) return Number(given) | 0
  try {
    return (
      Number.parseInt(execFileSync('git', ['rev-parse', '--short=8', 'HEAD:packages'], { encoding: 'utf8' }), 16) | 0
    )
  } catch {
    return 1
  }
}
const chosen = String(seed())
if (!process.env['VITEST_WORKER_ID']) console.log(`seed of the properties: ${chosen} (again: NADIR_SEED=${chosen})`)

export default defineConfig({
  // Workspaces resolve to their sources, so a test never runs yesterday's build.
  resolve: { conditions: ['nadir-source', 'module', 'import', 'default'] },
  ssr: { resolve: { conditions: ['nadir-source', 'module', 'import', 'default'] } },
  test: {
    include: ['packages/**/*.test.ts', 'tests/**/*.test.ts'],
    testTimeout: 600_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
    env: { NADIR_SEED: chosen },
    setupFiles: ['tests/seed.ts'],
    reporters: ['default', ['json', { outputFile: 'out/test-results.json' }]]
  }
})
