import type { Value } from '../digests.ts'
import { add, fraction } from '../fraction.ts'
import { randomIntegers } from '../large-instance.ts'
import { type KinkDesign, type Planted, plant, sceneOf } from '../planted-kinks.ts'
import type { Gauge } from '../planted-kinks-documents.ts'
import { accept, type Case, changed, reject } from './case.ts'
import { certified, unfinished, withMovedTarget } from './kinks.ts'
import { between, bothRescaled, inValley, twins } from './valley-designs.ts'

/** A stationary point with targets strictly between 0 and 1. */
const planted = (design: KinkDesign, share = '1/2'): Planted => {
  const random = randomIntegers(7n)
  const found = plant(sceneOf(design), fraction(share), () => Number(random(4n)) - 7)
  if (found === undefined) throw new Error('no probabilities make this point stationary')
  return found
}

/** One unit, weight decay, a kink. */
const decayed: KinkDesign = {
  sizes: [1, 1, 1],
  slopes: [1, 0],
  xs: [[-3], [1], [-3], [0], [-3]],
  tensors: [[-1], [0], [-1], [1]],
  bias: true,
  decay: { factor: '1/10', biases: true },
  reduction: 'sum',
  loss: 'logistic'
}

const twoLabels: KinkDesign = {
  sizes: [1, 1, 2],
  slopes: [1, 0],
  xs: [[-2], [3], [-2], [-2], [1], [-1]],
  tensors: [[-1], [-1], [0, -1], [2, -2]],
  bias: true,
  decay: { factor: '1/50', biases: false },
  reduction: 'mean',
  loss: 'logistic'
}

/** No weight decay: the unit |t| can be rescaled. */
const free: KinkDesign = {
  sizes: [1, 1, 1],
  slopes: [1, -1],
  xs: [[-3], [0], [1], [-2], [2], [0], [-1]],
  tensors: [[1], [-1], [1], [-2]],
  bias: true,
  reduction: 'sum',
  loss: 'logistic'
}
const rescaling: Gauge = { frozen: [0], symmetries: [['rescale', 0, 0]] }

/** Two hidden layers, kinks in both. */
const deep: KinkDesign = {
  sizes: [1, 1, 1, 1],
  slopes: [1, '-1/2'],
  xs: [[0], [2], [-1], [3], [-2], [3], [1], [1]],
  tensors: [[-1], [-1], [2], [-1], [-1], [1]],
  bias: true,
  reduction: 'sum',
  loss: 'logistic'
}
const twoRescalings: Gauge = {
  frozen: [0, 2],
  symmetries: [
    ['rescale', 0, 0],
    ['rescale', 1, 0]
  ]
}

/** Two units, stationary, the multiplier right, and a saddle. */
const saddle: KinkDesign = {
  sizes: [1, 2, 1],
  slopes: [1, 0],
  xs: [[3], [1], [1], [3], [-1], [1], [-2], [1]],
  tensors: [[1, -1], [1, 2], [2, 0], [0]],
  bias: true,
  reduction: 'sum',
  loss: 'logistic'
}
const bothUnits: Gauge = {
  frozen: [0, 1],
  symmetries: [
    ['rescale', 0, 0],
    ['rescale', 0, 1]
  ]
}

const classes: KinkDesign = {
  sizes: [1, 1, 2],
  slopes: [1, 0],
  xs: [[3], [0], [2], [1], [-1], [3]],
  tensors: [[-1], [1], [-1, 1], [0, 0]],
  bias: true,
  decay: { factor: '1/20', biases: true },
  reduction: 'sum',
  loss: 'cross-entropy'
}

/** Three classes, biases that do not decay. */
const threeClasses: KinkDesign = {
  sizes: [2, 1, 3],
  slopes: [1, 0],
  xs: [
    [-3, 2],
    [1, 1],
    [0, 1],
    [3, -1],
    [0, 0],
    [3, -3],
    [1, -1]
  ],
  tensors: [[1, 1], [-1], [1, -1, 0], [-1, 0, -1]],
  bias: true,
  decay: { factor: '1/50', biases: false },
  reduction: 'sum',
  loss: 'cross-entropy'
}
const liftedBiases: Gauge = { frozen: [6], symmetries: [['lift', 1]] }

/** No weight decay: the unit is rescaled, both entries of the last layer are lifted. */
const freeClasses: KinkDesign = {
  sizes: [1, 1, 2],
  slopes: ['1/2', 2],
  xs: [[-1], [-2], [1], [0], [-1], [3], [3]],
  tensors: [[-1], [0], [2, 1], [1, 2]],
  bias: true,
  reduction: 'mean',
  loss: 'cross-entropy'
}
const lifted: Gauge = {
  frozen: [0, 2, 4],
  symmetries: [
    ['rescale', 0, 0],
    ['lift', 0],
    ['lift', 1]
  ]
}
const spanning = ({ frozen }: Gauge): Gauge => ({ frozen, symmetries: 'span' })
const symmetries = (gauge: Gauge, ...changes: Value[]): Gauge => ({ ...gauge, symmetries: changes })

const softTwins: KinkDesign = { ...twins, tensors: [[2, 4], [1, -1], ['1/8', '1/4'], [-2]], loss: 'logistic' }

type Claimed = { readonly claim: { readonly loss: string; readonly lower: string } }

const accepted = (): readonly Case[] => [
  accept('kinks-logistic', 'logistic loss: one unit, one kink, weight decay', certified(planted(decayed))),
  accept(
    'kinks-logistic-two-outputs',
    'logistic loss of two outputs, biases that do not decay, mean',
    certified(planted(twoLabels))
  ),
  accept('kinks-logistic-rescale', 'logistic loss without weight decay', certified(planted(free), rescaling)),
  accept('kinks-logistic-deep', 'logistic loss, two hidden layers with kinks', certified(planted(deep), twoRescalings)),
  accept(
    'kinks-span-logistic',
    'logistic loss: the outputs fill their path span',
    certified(planted(free), spanning(rescaling))
  ),
  accept('valleys-logistic', 'logistic loss: twins in a valley', inValley(softTwins, [between], bothRescaled)),
  accept('kinks-cross-entropy', 'cross-entropy: one unit, one kink, weight decay', certified(planted(classes))),
  accept(
    'kinks-lift-biases',
    'cross-entropy, biases that do not decay: they are lifted together',
    certified(planted(threeClasses), liftedBiases)
  ),
  accept(
    'kinks-lift',
    'cross-entropy without weight decay: the weights of each entry are lifted together',
    certified(planted(freeClasses), lifted)
  ),
  accept(
    'kinks-span-cross-entropy',
    'cross-entropy: the differences of the outputs fill their path span',
    certified(planted(freeClasses), spanning(lifted))
  )
]

const refused = (): readonly Case[] => {
  const document = certified(planted(decayed))
  const { claim } = document as unknown as Claimed
  return [
    reject(
      'kinks-logistic-other-loss',
      String.raw`\((b|c)\)`,
      'a minimum for the logistic loss, not for the squared loss',
      changed(document, { problem: { loss: { kind: 'squared', reduction: 'sum' } } })
    ),
    reject(
      'kinks-logistic-sum',
      String.raw`\((b|c)\)`,
      'a minimum for the sum, with weight decay none for the mean',
      changed(document, { problem: { loss: { kind: 'logistic', reduction: 'mean' } } })
    ),
    reject(
      'kinks-huber',
      'network',
      'the rule is not for the Huber loss',
      changed(document, { problem: { loss: { kind: 'huber', reduction: 'sum' } } })
    ),
    reject('kinks-logistic-moved-target', String.raw`\(b\)`, 'one target is moved', withMovedTarget(document)),
    reject(
      'kinks-logistic-multiplier',
      String.raw`\(c\)`,
      'the multiplier is at its bound',
      certified(planted(decayed, '1'))
    ),
    reject(
      'kinks-logistic-beyond',
      String.raw`\(c\)`,
      'the multiplier is twice its bound: the loss falls towards the positive side',
      certified(planted(decayed, '2'))
    ),
    reject(
      'kinks-logistic-loss-above',
      String.raw`\(f\)`,
      'a loss above the one claimed',
      changed(document, { claim: { loss: claim.lower } })
    ),
    reject(
      'kinks-logistic-loss-below',
      String.raw`\(f\)`,
      'a loss below the interval claimed',
      changed(document, { claim: { lower: claim.loss } })
    ),
    reject(
      'kinks-logistic-saddle',
      String.raw`\(d\)`,
      'stationary, and a saddle',
      certified(planted(saddle), bothUnits)
    ),
    reject(
      'kinks-classes-as-labels',
      String.raw`\((b|c)\)`,
      'a minimum for two classes, none for two labels',
      changed(certified(planted(classes)), { problem: { loss: { kind: 'logistic', reduction: 'sum' } } })
    ),
    reject(
      'kinks-lift-logistic',
      String.raw`\(e\) lift`,
      'the logistic loss sees what all outputs have in common',
      certified(planted(twoLabels), { frozen: [4], symmetries: [['lift', 1]] })
    ),
    reject(
      'kinks-lift-decay',
      String.raw`\(e\) lift`,
      'the biases decay',
      certified(planted(classes), { frozen: [4], symmetries: [['lift', 1]] })
    ),
    reject(
      'kinks-lift-weights-decay',
      String.raw`\(e\) lift`,
      'the biases do not decay, but the weights do',
      certified(planted(threeClasses), { frozen: [3], symmetries: [['lift', 0]] })
    ),
    reject(
      'kinks-lift-no-entry',
      String.raw`\(e\) lift`,
      'the last layer is applied to one value',
      certified(planted(freeClasses), symmetries(lifted, ['rescale', 0, 0], ['lift', 0], ['lift', 2]))
    ),
    reject(
      'kinks-lift-counts',
      String.raw`\(e\) lift`,
      'a lift of a layer and an entry',
      certified(planted(freeClasses), symmetries(lifted, ['rescale', 0, 0], ['lift', 0], ['lift', 0, 1]))
    ),
    reject(
      'kinks-lift-twice',
      String.raw`\(e\)`,
      'one entry is lifted twice, the other is not',
      certified(planted(freeClasses), symmetries(lifted, ['rescale', 0, 0], ['lift', 0], ['lift', 0]))
    ),
    reject(
      'kinks-cross-entropy-flat',
      String.raw`\(b\)|\(d\)`,
      'nothing is frozen where all outputs can be lifted',
      unfinished(planted(threeClasses), { frozen: [], symmetries: [] })
    ),
    reject(
      'kinks-span-cross-entropy-all-outputs',
      String.raw`\(e\)`,
      'two parameters too many are free: what all outputs have in common does not count',
      unfinished(planted(freeClasses), { frozen: [0], symmetries: 'span' })
    ),
    reject(
      'kinks-cross-entropy-moved-target',
      String.raw`\(b\)`,
      'the targets of one sample are changed, and still add up to 1',
      certified({ ...planted(classes), residuals: movedResiduals(planted(classes)) })
    )
  ]
}

const movedResiduals = ({ residuals }: Planted): Planted['residuals'] => {
  const by = fraction('1/1024')
  return residuals.map((r, k) => (k === 0 ? add(r, by) : r))
}

export const kinkLossCases = (): readonly Case[] => [...accepted(), ...refused()]
