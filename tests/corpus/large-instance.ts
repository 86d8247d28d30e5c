import { certificate, type Value } from './digests.ts'

/** A small deterministic source of integers, so that a failing instance can be made again. */
export const randomIntegers = (seed: bigint): ((bits: bigint) => bigint) => {
  let state = seed
  const next = (): bigint => {
    state = (state * 6364136223846793005n + 1442695040888963407n) & ((1n << 64n) - 1n)
    return state >> 32n
  }
  return (bits) => {
    let value = 0n
    for (let got = 0n; got < bits; got += 32n) value = (value << 32n) | next()
    return value & ((1n << bits) - 1n)
  }
}

/**
 * A true local minimum as large as those of real networks: samples come in pairs with equal inputs and opposite
 * residuals, units in pairs with equal weights and opposite v, so that every sum cancels although every term is long.
 */
export const largeInstance = (pairs: number, inputs: number, unitPairs: number): Value => {
  const random = randomIntegers(20261122n)
  const signed = (bits: bigint): bigint => random(bits) - (1n << (bits - 1n))
  const weightDenominator = random(3500n) | 1n | (1n << 3499n)
  const outerDenominator = random(850n) | 1n | (1n << 849n)
  const rows = Array.from({ length: pairs }, () => Array.from({ length: inputs }, () => signed(40n)))
  const weights: bigint[][] = []
  const biases: bigint[] = []
  const outer: bigint[] = []
  for (let pair = 0; pair < unitPairs; pair += 1) {
    const weight = Array.from({ length: inputs }, () => signed(3500n))
    // The pair of samples number `pair` sits on the kink. Inputs are in units of 1/1000.
    const scaled = weight.map((entry) => entry * 1000n)
    const bias = -weight.reduce((sum, entry, index) => sum + entry * rows[pair][index], 0n)
    const v = signed(850n)
    weights.push(scaled, scaled)
    biases.push(bias, bias)
    outer.push(v, -v)
  }
  const greatestDivisor = (a: bigint, b: bigint): bigint => (b === 0n ? (a < 0n ? -a : a) : greatestDivisor(b, a % b))
  const rational = (numerator: bigint, denominator: bigint): string => {
    const divisor = greatestDivisor(numerator, denominator)
    return denominator === divisor ? `${numerator / divisor}` : `${numerator / divisor}/${denominator / divisor}`
  }
  const residuals = rows.map(() => signed(20n))
  const problem = {
    format: 'nadir-problem/1',
    network: {
      inputs,
      layers: [
        { kind: 'dense', outputs: 2 * unitPairs, bias: true },
        { kind: 'two-slope', positive: '1', negative: '0' },
        { kind: 'dense', outputs: 1, bias: true }
      ]
    },
    loss: { kind: 'squared', reduction: 'mean' },
    data: {
      inputs: rows.flatMap((row) => [row, row]).map((row) => row.map((entry) => rational(entry, 1000n))),
      targets: residuals.flatMap((residual) => [[`${150n - residual}`], [`${150n + residual}`]])
    }
  }
  const vector = (denominator: bigint, numerators: readonly bigint[]): Value => ({
    denominator: `${denominator}`,
    numerators: numerators.map(String)
  })
  const loss = residuals.reduce((sum, residual) => sum + residual * residual, 0n)
  const claim = {
    kind: 'local-minimum',
    loss: rational(loss, BigInt(2 * pairs)),
    point: [
      vector(weightDenominator, weights.flat()),
      vector(weightDenominator, biases),
      vector(outerDenominator, outer),
      vector(1n, [150n])
    ]
  }
  return certificate(problem, claim, {
    rule: 'first-order',
    denominator: `${random(3500n) | 1n}`,
    slopes: weights.map((_, unit) => [[[2 * (unit >> 1), '0']]])
  })
}
