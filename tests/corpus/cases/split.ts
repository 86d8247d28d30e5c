import { certificate, type Value } from '../digests.ts'
import { over, text } from '../fraction.ts'
import {
  accept,
  type Case,
  changed,
  decline,
  dense,
  type Fields,
  parts,
  point,
  problemOf,
  reject,
  relu,
  squared
} from './case.ts'

/*
 * A unit in two copies. The targets are chosen so that the small network has a minimum beside plain parameters: residuals orthogonal to its derivatives there, up to six decimals.
 */

type Numbers = readonly (number | string)[]

const smooth = (name: string): Value => ({ kind: 'smooth', name })

/** A lower triangular matrix in hundredths. */
const factorOf = (rows: readonly (readonly number[])[]): Value =>
  rows.map((row) => ({ denominator: '100', numerators: row.map(String) }))

/** A number in units of 10^-digits, in lowest terms. */
const decimals =
  (digits: number) =>
  (units: number): string =>
    text(over(BigInt(units), 10n ** BigInt(digits)))
const millionth = decimals(6)

/** No biases: v_a sigma(w x) + v_b sigma(w x) at w = 1, v_a + v_b = 1, three samples; loss 1/200 as a sum. */
type Plain = { readonly y: readonly number[]; readonly factor: Value }

const plain: Readonly<Record<string, Plain>> = {
  tanh: { y: [395302, 832124, 940336], factor: factorOf([[272], [-101, 76]]) },
  sigmoid: { y: [582801, 676170, 954380], factor: factorOf([[717], [-170, 77]]) },
  softplus: { y: [1030959, 1234225, 2149679], factor: factorOf([[200], [-139, 37]]) },
  arctan: { y: [397336, 856691, 1084344], factor: factorOf([[368], [-183, 70]]) },
  gelu: { y: [250937, 873036, 1957626], factor: factorOf([[591], [-675, 46]]) },
  silu: { y: [234399, 677890, 1797233], factor: factorOf([[743], [-922, 52]]) },
  sine: { y: [396580, 896950, 901636], factor: factorOf([[92], [5, 75]]) }
}

/** The residuals of tanh turned round: sum of g sigma'' x^2 is negative. */
const turned: Plain = { y: [528932, 691064, 987719], factor: factorOf([[325], [-120, 76]]) }

const layersOf = (units: number, middle: Value, bias = false): readonly Value[] => [
  dense(units, bias),
  middle,
  dense(1, bias)
]

const plainProblem = (name: string, { y }: Plain, loss: Value = squared): Value =>
  problemOf(
    layersOf(2, smooth(name)),
    loss,
    [['1/2'], [1], [2]],
    y.map((entry) => [millionth(entry)])
  )

const bounds: Fields = { radius: '1/100000', loss: '1/199', lower: '1/201' }

const minimum = (problem: Value, at: Value, factor: Value, claim: Fields = {}, evidence: Fields = {}): Value =>
  certificate(
    problem,
    { kind: 'local-minimum-nearby', point: at, ...bounds, ...claim },
    { rule: 'split', units: [0, 1], factor, ...evidence }
  )

const vector = (...entries: readonly number[]): Value => ({ denominator: '1', numerators: entries.map(String) })

const asSaddle = (document: Value, direction: Value): Value => {
  const { problem, claim, proof } = parts(document)
  return certificate(
    problem,
    { ...claim, kind: 'saddle-nearby' },
    { ...proof.evidence, rule: 'split-saddle', direction }
  )
}

const shares = (one: number | string, other: number | string): Value => point([1, 1], [one, other])
const halves = shares('1/2', '1/2')
const outside = shares('3/2', '-1/2')

const plainly = (name: string, at = halves, design: Plain = plain[name], claim: Fields = {}): Value =>
  minimum(plainProblem(name, design), at, design.factor, claim)
const tanh = plainly('tanh')

// Eight samples and all biases: minima of one unit whose matrix of 2 x 2 is definite, and is not.
const eight = (y: readonly string[], units = 2): Value =>
  problemOf(
    layersOf(units, smooth('tanh'), true),
    squared,
    [[-3], [-2], [-1], [0], [1], [2], [3], [4]],
    y.map((entry) => [entry])
  )
const tenMillionth = decimals(7)
const twins = (w: number, b: number, v: number, c: number): Value =>
  point([w, w].map(tenMillionth), [b, b].map(tenMillionth), [decimals(8)(5 * v), decimals(8)(5 * v)], [tenMillionth(c)])
const definiteTargets = [
  '-697/1000',
  '-1387/1000',
  '-789/1000',
  '-97/200',
  '59/125',
  '911/1000',
  '883/1000',
  '1091/1000'
]
const definite = minimum(
  eight(definiteTargets),
  twins(10001339, -4999384, 9999991, -1570),
  factorOf([[183], [-91, 111], [-31, 0, 41], [0, -28, 0, 35]]),
  { radius: '1/10000', loss: '1423/10000', lower: '1422/10000' }
)
const indefinite = minimum(
  eight(['-7/10', '-7/5', '-4/5', '-1/2', '9/20', '9/10', '9/10', '11/10']),
  twins(9768714, -5137138, 10105235, 2719),
  factorOf([[178], [-92, 109], [-32, 0, 41], [-1, -28, 0, 35]]),
  { radius: '1/10000', loss: '1446/10000', lower: '1445/10000' }
)

// Another unit beside the pair: softplus(-x) + softplus(2 x), the second one split, its copies first and last.
const beside = (units: readonly number[], w: Numbers, v: Numbers): Value =>
  minimum(
    problemOf(
      layersOf(3, smooth('softplus')),
      squared,
      [['1/2'], [1], [2], [-1], [-3], [3]],
      [178904940, 247157858, 414794300, 140542086, 306263209, 603837889].map((entry) => [decimals(8)(entry)])
    ),
    point(w, v),
    factorOf([[566], [1307, 289], [529, 11, 30], [-676, -140, -1, 13]]),
    { radius: '1/1000000', loss: '1/799', lower: '1/801' },
    { units }
  )

// Two inputs, softplus(x_1 + x_2), and the residuals turned round.
const twoInputs = (y: readonly number[], factor: Value, at: Value): Value =>
  minimum(
    problemOf(
      layersOf(2, smooth('softplus')),
      squared,
      [
        [1, 0],
        [0, 1],
        [1, 1],
        [2, 1],
        [1, 2],
        [-1, -1],
        [-1, 2]
      ],
      y.map((entry) => [millionth(entry)])
    ),
    at,
    factor
  )
const twoInputsUp = [1309004, 1344942, 2188655, 3025612, 3024182, 64354, 1301903]
const twoInputsDown = [1317519, 1281581, 2065201, 3071563, 3072992, 189502, 1324620]
const wide = (one: string, other: string): Value => point([1, 1, 1, 1], [one, other])

const withDecay = (document: Value): Value =>
  changed(document, { problem: { decay: { factor: '1/1000000', biases: true } } })

const withLayers = (document: Value, layers: readonly Value[]): Value =>
  changed(document, { problem: { network: { inputs: 1, layers } } })

const withLoss = (kind: string): Value => changed(tanh, { problem: { loss: { kind, reduction: 'sum' } } })

export const splitCases = (): readonly Case[] => [
  accept('split-tanh', 'A unit in two halves: a line of minima, one of them here.', tanh),
  ...['sigmoid', 'softplus', 'arctan', 'gelu', 'silu', 'sine'].map((name) =>
    accept(`split-${name}`, `${name}.`, plainly(name))
  ),
  accept('split-uneven', 'A third and two thirds.', plainly('tanh', shares('1/3', '2/3'))),
  accept('split-outside', 'Shares 3/2 and -1/2, where the matrix is negative.', plainly('tanh', outside, turned)),
  accept('split-negative-first', 'Shares -1/2 and 3/2.', plainly('tanh', shares('-1/2', '3/2'), turned)),
  accept('split-biases', 'All biases, a matrix of 2 x 2.', definite),
  accept(
    'split-two-inputs',
    'Two inputs.',
    twoInputs(twoInputsUp, factorOf([[118], [122, 79], [-102, -37, 19]]), wide('1/2', '1/2'))
  ),
  accept(
    'split-two-inputs-outside',
    'Two inputs, a negative matrix, shares outside.',
    twoInputs(twoInputsDown, factorOf([[120], [126, 79], [-105, -38, 19]]), wide('2', '-1'))
  ),
  accept('split-beside', 'A third unit between the copies.', beside([2, 0], [2, -1, 2], ['1/4', 1, '3/4'])),
  accept('split-last', 'The copies are the last two.', beside([1, 2], [-1, 2, 2], [1, '1/4', '3/4'])),
  accept(
    'split-mean',
    'The reduction mean.',
    changed(plainly('softplus', halves, plain['softplus'], { loss: '1/599', lower: '1/601' }), {
      problem: { loss: { kind: 'squared', reduction: 'mean' } },
      evidence: { factor: factorOf([[347], [-241, 65]]) }
    })
  ),
  accept('split-huber', 'The errors are small: the huber loss is the squared loss there.', withLoss('huber')),
  accept(
    'split-saddle-outside',
    'Shares 3/2 and -1/2 of a positive matrix.',
    asSaddle(plainly('tanh', outside), vector(1))
  ),
  accept('split-saddle-inside', 'Halves of a negative matrix.', asSaddle(plainly('tanh', halves, turned), vector(-2))),
  accept(
    'split-saddle-biases',
    'An indefinite matrix of 2 x 2: a saddle for all shares.',
    asSaddle(indefinite, vector(1, 2))
  ),
  accept(
    'split-saddle-two-inputs',
    'Two inputs, a negative matrix, halves.',
    asSaddle(twoInputs(twoInputsDown, factorOf([[120], [126, 79], [-105, -38, 19]]), wide('1/2', '1/2')), vector(1, 0))
  ),
  reject(
    'split-share-outside',
    'definite',
    'The matrix is positive, the shares are 3/2 and -1/2.',
    plainly('tanh', outside)
  ),
  reject(
    'split-share-inside',
    'definite',
    'The matrix is negative, the shares are halves.',
    plainly('tanh', halves, turned)
  ),
  reject('split-indefinite', 'definite', 'The matrix has both signs: a saddle.', indefinite),
  reject('split-saddle-of-minimum', 'direction', 'The matrix is positive.', asSaddle(tanh, vector(1))),
  reject('split-saddle-definite', 'direction', 'A positive matrix of 2 x 2.', asSaddle(definite, vector(1, -2))),
  reject(
    'split-saddle-ascent',
    'direction',
    'Along the other direction the loss rises.',
    asSaddle(indefinite, vector(0, 1))
  ),
  reject('split-saddle-zero', 'direction', 'The direction is zero.', asSaddle(indefinite, vector(0, 0))),
  reject('split-saddle-length', 'direction', 'A direction with an entry too few.', asSaddle(indefinite, vector(1))),
  reject(
    'split-different-weights',
    'units',
    'The two units are not copies.',
    changed(tanh, { claim: { point: point([1, '1001/1000'], ['1/2', '1/2']) } })
  ),
  reject(
    'split-different-biases',
    'units',
    'The weights are equal, the biases are not.',
    changed(definite, {
      claim: {
        point: point(
          ['10001339/10000000', '10001339/10000000'],
          ['-4999384/10000000', '-4999385/10000000'],
          ['9999991/20000000', '9999991/20000000'],
          ['-1570/10000000']
        )
      }
    })
  ),
  reject('split-one-unit', 'units', 'A unit and itself.', changed(tanh, { evidence: { units: [1, 1] } })),
  reject('split-no-such-unit', 'units', 'The network has two units.', changed(tanh, { evidence: { units: [0, 2] } })),
  reject('split-wrong-pair', 'units', 'The copies are others.', beside([0, 1], [2, -1, 2], ['1/4', 1, '3/4'])),
  reject('split-first-silent', 'weights', 'Shares 0 and 1.', plainly('tanh', shares(0, 1))),
  reject('split-second-silent', 'weights', 'Shares 1 and 0.', plainly('tanh', shares(1, 0))),
  reject(
    'split-nearly-silent',
    'weights',
    'The second share is the radius: it may be zero in the box.',
    plainly('tanh', shares('99999/100000', '1/100000'))
  ),
  reject('split-cancelling', 'weights', 'Together the two weights are zero.', plainly('tanh', shares(1, -1))),
  reject(
    'split-small-box',
    'gradient',
    'The minimum is farther away than the radius.',
    plainly('tanh', halves, plain['tanh'], { radius: '1/100000000' })
  ),
  reject(
    'split-large-box',
    'curvature',
    'In a large box the curvature of the small network changes too much.',
    plainly('tanh', halves, plain['tanh'], { radius: '1/3' })
  ),
  reject('split-radius-zero', 'radius', 'No box.', plainly('tanh', halves, plain['tanh'], { radius: '0' })),
  reject(
    'split-far',
    'gradient',
    'The point is no minimum of the small network.',
    plainly('tanh', shares('1/2', '51/100'))
  ),
  reject(
    'split-loss',
    'loss',
    'The loss is 1/200.',
    plainly('tanh', halves, plain['tanh'], { loss: '1/201', lower: '0' })
  ),
  reject('split-lower', 'lower', 'The loss is 1/200.', plainly('tanh', halves, plain['tanh'], { lower: '1/199' })),
  reject(
    'split-wrong-factor',
    'curvature',
    'A factor of another Hessian.',
    changed(tanh, { evidence: { factor: factorOf([[100], [0, 100]]) } })
  ),
  reject(
    'split-wide-factor',
    'factor',
    'A factor for the parameters of the wide network.',
    changed(tanh, { evidence: { factor: factorOf([[100], [0, 100], [0, 0, 100], [0, 0, 0, 100]]) } })
  ),
  reject('split-decay', 'decay', 'With weight decay equal shares are cheaper: no line of minima.', withDecay(tanh)),
  reject('split-absolute', 'loss', 'The absolute loss has kinks of its own.', withLoss('absolute')),
  reject(
    'split-cross-entropy',
    'loss',
    'One class: the loss is zero for all parameters.',
    changed(tanh, {
      problem: { loss: { kind: 'cross-entropy', reduction: 'sum' }, data: { inputs: [['1']], targets: [['1']] } }
    })
  ),
  reject('split-rectifier', 'network', 'Rectifiers have no second derivative.', withLayers(tanh, layersOf(2, relu))),
  reject(
    'split-deep',
    'network',
    'Two hidden layers.',
    withLayers(tanh, [dense(2, false), smooth('tanh'), dense(1, false), smooth('tanh'), dense(1, false)])
  ),
  reject('split-linear', 'network', 'No activation.', withLayers(tanh, [dense(2, false), dense(1, false)])),
  reject(
    'split-two-outputs',
    'network',
    'Two outputs.',
    changed(tanh, {
      problem: {
        network: { inputs: 1, layers: [dense(2, false), smooth('tanh'), dense(2, false)] },
        data: { inputs: [['1']], targets: [['1', '1']] }
      }
    })
  ),
  reject(
    'split-shape',
    'point',
    'A parameter too many.',
    changed(tanh, { claim: { point: point([1, 1], ['1/2', '1/2'], [0]) } })
  ),
  reject(
    'split-as-saddle',
    'rule',
    'The rule for minima proves no saddle.',
    changed(tanh, { claim: { kind: 'saddle-nearby' } })
  ),
  reject(
    'split-saddle-index',
    'index',
    'The rule says nothing about the number of negative eigenvalues.',
    changed(asSaddle(indefinite, vector(1, 2)), { claim: { index: 1 } })
  ),
  reject(
    'split-saddle-as-minimum',
    'rule',
    'The rule for saddles proves no minimum.',
    changed(asSaddle(indefinite, vector(1, 2)), { claim: { kind: 'local-minimum-nearby' } })
  ),
  reject(
    'split-by-contraction',
    'curvature',
    'The wide network has a flat direction: the contraction alone proves nothing.',
    certificate(parts(tanh).problem, parts(tanh).claim, {
      rule: 'contraction',
      factor: factorOf([[272], [0, 272], [-101, -101, 76], [0, 0, 0, 100]])
    })
  ),
  decline(
    'split-three-units',
    'unreadable proof.evidence.units: expected two counts',
    'Three units.',
    changed(tanh, { evidence: { units: [0, 1, 1] } })
  ),
  decline(
    'split-with-direction',
    'unreadable proof.evidence: unknown field "direction"',
    'A direction belongs to the rule for saddles.',
    changed(tanh, { evidence: { direction: vector(1) } })
  )
]
