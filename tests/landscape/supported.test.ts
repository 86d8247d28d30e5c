import { readFileSync } from 'node:fs'
import { add, negate, type Rational, rational, zero } from '@nadir/arithmetic'
import { parseNetwork } from '@nadir/formats'
import {
  adam,
  asSharedNetwork,
  type Certificate,
  certificateText,
  certify,
  type Dataset,
  dataset,
  empiricalRisk,
  initialise,
  inputCount,
  kinkObjective,
  type LossKind,
  lbfgs,
  type Network,
  objective,
  outputCount,
  type Problem,
  parameterCount,
  randomStream,
  type Verdict
} from '@nadir/landscape'
import { checkDocument } from 'nadir-checker'
import { expect, test } from 'vitest'

/*
 * The table of claims in SUPPORTED.md, row by row: `certify` on a small instance of each gives what the table says, no less and no more.
 */

const page = readFileSync(new URL('../../SUPPORTED.md', import.meta.url), 'utf8')
const heading = '| network | activations | loss | decay | value | not stationary | minimum | saddle | no minimum |'

interface Row {
  readonly network: string
  readonly activations: readonly string[]
  readonly loss: string
  readonly decay: string
  readonly claims: readonly string[]
}

const rows: readonly Row[] = page
  .slice(page.indexOf(heading))
  .split('\n\n')[0]!
  .split('\n')
  .slice(2)
  .map((line) => {
    const [network, activations, loss, decay, ...claims] = line.slice(2, -2).split(' | ')
    return { network: network!, activations: activations!.split(', '), loss: loss!, decay: decay!, claims }
  })

const images: Readonly<Record<string, 'average-pool' | 'max-pool'>> = {
  'convolution, average pool': 'average-pool',
  'convolution, max pool': 'max-pool'
}

function networkOf(name: string, activation: string, outputs: number): Network {
  const pool = images[name]
  if (!pool) return parseNetwork(`${name} ${activation}`)
  const [, middle] = parseNetwork(`1-1-1 ${activation}`).layers
  return {
    inputs: [1, 3, 3],
    layers: [
      { kind: 'conv', outputs: 1, size: [2, 2], stride: [1, 1], padding: [0, 0, 0, 0], bias: true },
      middle!,
      { kind: pool, size: [2, 1], stride: [1, 1] },
      { kind: 'flatten' },
      { kind: 'dense', outputs, bias: true }
    ]
  }
}

/** Small tables that fit no network of the page exactly: two equal inputs with different targets; or, `separable`, two groups. */
function tableOf(network: Network, loss: LossKind, separable: boolean): Dataset {
  const [d, m] = [inputCount(network), outputCount(network)]
  const random = randomStream(5)
  const tenths = (): Rational => rational(BigInt(Math.round(20 * random() - 10)), 10n)
  const X = Array.from({ length: 14 }, (_, i) =>
    Array.from({ length: d }, () => (separable ? rational(i % 2 === 0 ? 1n : -1n) : tenths()))
  )
  if (!separable) X[1] = X[0]!
  const label = (i: number, o: number): Rational => {
    const one = i % 2 === o % 2
    if (loss === 'hinge') return rational(one ? 1n : -1n)
    if (loss === 'logistic') return rational(one ? 1n : 0n)
    if (loss === 'cross-entropy') return rational(i % m === o ? 1n : 0n)
    return separable ? rational(one ? 1n : 0n) : tenths()
  }
  const Y = X.map((_, i) => Array.from({ length: m }, (_, o) => label(i, o)))
  // Outputs of zero are in balance, so that zero parameters are critical.
  if (loss === 'squared')
    Y[13] = Y[13]!.map((_, o) =>
      negate(
        Y.slice(0, 13)
          .map((row) => row[o]!)
          .reduce(add)
      )
    )
  return dataset(X, Y)
}

const accepts = (certificate: Certificate) => checkDocument(certificateText(certificate)).outcome === 'accepted'

function verdictAt(problem: Problem, values: Float64Array, hurried = false): Verdict {
  const verdict = certify(
    problem,
    { kind: 'float', values },
    {
      accepts,
      searchTime: 1,
      now: () => performance.now(),
      interrupted: () => hurried
    }
  )
  for (const certificate of [verdict.certificate, verdict.givenCertificate])
    if (certificate) expect(accepts(certificate)).toBe(true)
  return verdict
}

function trained(problem: Problem, seed: number): Float64Array {
  const theta = initialise(problem.network, randomStream(seed))
  if (problem.network.layers.some(({ kind }) => kind === 'conv')) {
    const view = asSharedNetwork(problem)
    if (view.kind === 'obstacle') return theta
    adam(kinkObjective(view), theta, { steps: 300, rate: 0.02 })
    lbfgs(kinkObjective(view), theta, { iterations: 300 })
    return theta
  }
  adam(objective(problem), theta, { steps: 300, rate: 0.02 })
  lbfgs(objective(problem), theta, { iterations: 300 })
  return theta
}

/** Whether one of some starts leads to a proved minimum, and how it is proved. */
function minimumOf(problem: Problem): string {
  for (const seed of [1, 2]) {
    const end = verdictAt(problem, trained(problem, seed)).settled
    if (end?.claim === 'local-minimum' || end?.claim === 'global-minimum') return end.within ? 'enclosed' : 'exact'
    if (end?.claim === 'nearly-global') return 'bounded'
  }
  return 'no'
}

/** The problem of a row. */
function riskOf({ network: name, loss, decay }: Row, activation: string, separable: boolean): Problem {
  const network = networkOf(name, activation, loss === 'cross-entropy' ? 2 : 1)
  return empiricalRisk({
    network,
    data: tableOf(network, loss as LossKind, separable),
    loss: loss as LossKind,
    reduction: 'mean',
    weightDecay: decay === 'yes' ? rational(1n, 100n) : zero
  })
}

const word = (exact: boolean, enclosed: boolean): string => (exact ? 'exact' : enclosed ? 'enclosed' : 'no')

/** What `certify` says about parameters of chance: their loss, and that they are not stationary. */
function ofGiven(row: Row, activation: string): readonly string[] {
  const problem = riskOf(row, activation, false)
  // Interrupted at once: what is said of the parameters themselves stands.
  const { given } = verdictAt(problem, initialise(problem.network, randomStream(1)), true)
  const { loss, bounds, claim } = given
  return [
    word(loss !== undefined, bounds !== undefined),
    claim === 'not-stationary' ? word(loss !== undefined, true) : 'no'
  ]
}

/** What `certify` says about the claims of a row, each in the words of the table. */
function found(row: Row, activation: string): readonly string[] {
  const problem = riskOf(row, activation, false)
  const zeros = verdictAt(problem, new Float64Array(parameterCount(problem.network)), true)
  const isSaddle = zeros.given.claim === 'saddle' || zeros.given.claim === 'not-a-local-minimum'
  const apart = riskOf(row, activation, true)
  const endless = verdictAt(apart, trained(apart, 1), true)
  const isEndless = [endless.given.claim, endless.settled?.claim].includes('no-minimum')
  return [
    ...ofGiven(row, activation),
    minimumOf(problem),
    word(isSaddle && zeros.given.loss !== undefined, isSaddle || zeros.settled?.claim === 'saddle'),
    word(false, isEndless)
  ]
}

test.each(
  rows.flatMap((row) =>
    row.activations.map(
      (activation, k) => [`${row.network} ${activation}, ${row.loss}, decay ${row.decay}`, row, activation, k] as const
    )
  )
)('%s', (_, row, activation, k) => {
  const said = row.claims.map((claim) => (['exact', 'enclosed', 'bounded'].includes(claim) ? claim : 'no'))
  // Minima are looked for with the first activation of a row, the rest costs little.
  if (k === 0) expect(found(row, activation)).toEqual(said)
  else expect(ofGiven(row, activation)).toEqual(said.slice(0, 2))
})

test('the table covers every activation and every loss of the command line', () => {
  const activations = new Set(rows.flatMap((row) => row.activations))
  for (const name of [
    'relu',
    'leaky-relu:1/10',
    'abs',
    'quadratic',
    'tanh',
    'sigmoid',
    'softplus',
    'arctan',
    'gelu',
    'gelu-tanh',
    'silu',
    'elu',
    'selu',
    'sine',
    'linear'
  ])
    expect(activations).toContain(name)
  for (const loss of ['squared', 'absolute', 'hinge', 'logistic', 'cross-entropy'])
    expect(rows.map((row) => row.loss)).toContain(loss)
  for (const row of rows)
    for (const claim of row.claims) expect(['exact', 'enclosed', 'bounded', 'not yet', 'impossible']).toContain(claim)
})
