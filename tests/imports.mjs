/**
 * Runs the import rules and fails when they are broken, and also when fewer modules were seen than the repository has: a checker that finds
 * no modules reports no violations.
 */
import { execFileSync } from 'node:child_process'

const report = (() => {
  try {
    return execFileSync(
      'npx',
      ['depcruise', '--config', '.dependency-cruiser.mjs', '--output-type', 'json', 'packages', 'tests', 'benchmarks'],
      {
        encoding: 'utf8',
        maxBuffer: 1 << 28,
        stdio: ['ignore', 'pipe', 'inherit']
      }
    )
  } catch (error) {
    return error.stdout
  }
})()
const { modules, summary } = JSON.parse(report)
const seen = modules.filter((m) => /^(packages|tests|benchmarks)\/.*\.ts$/.test(m.source)).length
const tracked = execFileSync('git', ['ls-files', 'packages/*/src/*.ts', 'tests/*.ts', 'benchmarks/*.ts'], {
  encoding: 'utf8'
})
  .trim()
  .split('\n').length
const crossing = modules
  .flatMap((m) => m.dependencies)
  .filter((d) => d.resolved.startsWith('packages/arithmetic/src')).length
for (const v of summary.violations.filter((v) => v.rule.severity === 'error'))
  console.error(`${v.rule.name}: ${v.from} -> ${v.to}`)
if (summary.error > 0) process.exit(1)
if (seen < tracked || crossing < 20) {
  console.error(
    `the import rules saw ${seen} of ${tracked} modules and ${crossing} imports of arithmetic: they check nothing`
  )
  process.exit(1)
}
console.log(`import rules: ${seen} modules, ${summary.totalDependenciesCruised} imports, none forbidden`)
