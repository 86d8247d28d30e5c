import { defineConfig } from 'vitest/config'

export default defineConfig({
  // Workspaces resolve to their sources, so a test never runs yesterday's build.
  resolve: { conditions: ['nadir-source', 'module', 'import', 'default'] },
  ssr: { resolve: { conditions: ['nadir-source', 'module', 'import', 'default'] } },
  test: {
    include: ['packages/**/*.test.ts', 'tests/**/*.test.ts'],
    testTimeout: 300_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
    reporters: ['default', ['json', { outputFile: 'out/test-results.json' }]]
  }
})
