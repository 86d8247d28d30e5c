/** The closing line of CI, from the real counts of the test runner: `node totals.mjs STATUS PACKED_PASSED PACKED_FAILED`. */
import { readFileSync } from 'node:fs'

const [status, packedPassed, packedFailed] = process.argv.slice(2).map(Number)
let passed = packedPassed
let failed = packedFailed
try {
  const results = JSON.parse(readFileSync('out/test-results.json', 'utf8'))
  passed += results.numPassedTests
  failed += results.numFailedTests
} catch {
  // The run ended before the tests did (types, lint or imports): one failure, no tests.
}
if (status !== 0 && failed === 0) failed = 1
console.log(`${passed} passed, ${failed} failed`)
