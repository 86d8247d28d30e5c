import { certificate, type Value } from '../digests.ts'
import { add, type Fraction, fraction, text } from '../fraction.ts'
import { randomIntegers } from '../large-instance.ts'
import { type KinkDesign, type Planted, plant, sceneOf } from '../planted-kinks.ts'
import { type Gauge, nearbyCertificate, pointDocument, problemDocument, ruleOf } from '../planted-kinks-documents.ts'
import { accept, type Case, changed, decline, reject } from './case.ts'

export const planted = (design: KinkDesign, share: Fraction = fraction('1/2'), seed = 7n): Planted => {
  const random = randomIntegers(seed)
  const found = plant(sceneOf(design), share, () => Number(random(4n)) - 7)
  if (found === undefined) throw new Error('no residuals make this point stationary')
  return found
}

export const certified = (point: Planted, gauge?: Gauge): Value => {
  const document = nearbyCertificate(point, gauge)
  if (document === undefined) throw new Error('the second derivatives are singular')
  return document
}

/** One unit, weight decay; one of five samples is on its kink. */
const decayed: KinkDesign = {
  sizes: [1, 1, 1],
  slopes: [1, 0],
  xs: [[2], [3], [-2], [0], [-1]],
  tensors: [[-1], [0], [1], [-1]],
  bias: true,
  decay: { factor: '1/10', biases: true },
  reduction: 'sum'
}

/** Two outputs, biases that do not decay. */
const twoOutputs: KinkDesign = {
  sizes: [1, 1, 2],
  slopes: [1, 0],
  xs: [[2], [1], [-2], [2], [-1], [1]],
  tensors: [[-1], [-1], [0, -1], [-1, -2]],
  bias: true,
  decay: { factor: '1/10', biases: false },
  reduction: 'mean'
}

/** A leaky unit of two inputs with two kinks. */
const leaky: KinkDesign = {
  sizes: [2, 1, 1],
  slopes: [1, '1/4'],
  xs: [
    [0, -1],
    [2, -1],
    [1, -3],
    [-2, 1],
    [-1, -2],
    [0, 3],
    [1, 2],
    [3, 1]
  ],
  tensors: [[0, 2], [2], [2], [1]],
  bias: true,
  decay: { factor: '1/10', biases: false },
  reduction: 'sum'
}

/** Two units with equal gates and one common kink: they can be rotated into one another. */
const rotated: KinkDesign = {
  sizes: [1, 2, 1],
  slopes: [1, 0],
  xs: [['-4/3'], [0], [1], [2], [-2], [-3], [3]],
  tensors: [[3, 6], [4, 8], [5, 10], [1]],
  bias: true,
  decay: { factor: '1/10', biases: true },
  reduction: 'mean'
}
const rotation: Gauge = { frozen: [0], symmetries: [['rotate', 0, 0, 1]] }

/** No weight decay: the unit |t| can be rescaled. */
const free: KinkDesign = {
  sizes: [1, 1, 1],
  slopes: [1, -1],
  xs: [[-2], ['1/2'], [3], [0], [1], [4], [-1]],
  tensors: [[-2], [1], [-1], [2]],
  bias: true,
  reduction: 'sum'
}
const rescaling: Gauge = { frozen: [0], symmetries: [['rescale', 0, 0]] }
const spanning: Gauge = { frozen: [0], symmetries: 'span' }

/** Two hidden layers; sample 4 is on kinks of both. */
const chained: KinkDesign = {
  sizes: [2, 2, 1, 1],
  slopes: [1, '-1/2'],
  xs: [
    [1, 1],
    [-3, -2],
    [0, 2],
    [0, -3],
    [-1, 3],
    [3, 1],
    [3, -2],
    [-2, 3],
    [3, 1],
    [3, 1],
    [0, 2],
    [0, 1],
    [-1, 0],
    [0, 2],
    [0, 0],
    [-2, -1],
    [-2, 1],
    [1, 1],
    [-1, 3],
    [3, -2]
  ],
  tensors: [[1, -1, 1, 2], [-1, 0], [-1, 2], [2], [2], [2]],
  bias: true,
  reduction: 'sum'
}
const deepSpanning: Gauge = { frozen: [0, 1, 7, 8], symmetries: 'span' }

/** Two hidden layers; eliminated in the order of the parameters, the second derivatives have a pivot that is 0. */
const zeroPivot: KinkDesign = {
  sizes: [1, 1, 1, 1],
  slopes: [1, '-1/2'],
  xs: [[2], [-1], [1], [-3], [-2], [3], [-3]],
  tensors: [[-1], [1], [-1], [2], [-1], [-2]],
  bias: true,
  reduction: 'sum'
}
const twoRescalings: Gauge = {
  frozen: [0, 2],
  symmetries: [
    ['rescale', 0, 0],
    ['rescale', 1, 0]
  ]
}

const threeRescalings: Gauge = {
  frozen: [0, 2, 6],
  symmetries: [
    ['rescale', 0, 0],
    ['rescale', 0, 1],
    ['rescale', 1, 0]
  ]
}

/** Residuals (times F), multipliers and bounds that are chosen, not found. */
export const withResiduals = (
  design: KinkDesign,
  residuals: readonly string[],
  multipliers: readonly string[] = []
): Planted => ({
  scene: sceneOf(design),
  residuals: residuals.map(fraction),
  multipliers: multipliers.map(fraction),
  bounds: []
})

/** A connection with weight 0 from a unit that is shut wherever the next one is open; but that one has a kink, where the first is open. */
const intoKink = withResiduals(
  {
    sizes: [1, 2, 1, 1],
    slopes: [1, 0],
    xs: [[-4], [-2], [0], [2], [4]],
    tensors: [[1, 1], [-1, 10], [0, -1], [12], [1], [0]],
    bias: true,
    reduction: 'mean'
  },
  ['0', '1/5', '-2/5', '2/5', '-1/5'],
  ['1/5']
)

/** v = 0 and all samples on one side: stationary, and a saddle. */
export const flatSaddle = withResiduals(
  {
    sizes: [1, 1, 1],
    slopes: [1, 0],
    xs: [[1], [2], [3]],
    tensors: [[0], [10], [0], [1]],
    bias: true,
    reduction: 'sum'
  },
  ['1', '1', '-2']
)

/** A dead unit under weight decay that is not 0: its weight still has a slope. */
const dead = withResiduals(
  {
    sizes: [1, 1, 1],
    slopes: [1, 0],
    xs: [[1], [2]],
    tensors: [[-1], [0], [0], [1]],
    bias: true,
    decay: { factor: '1/2', biases: false },
    reduction: 'sum'
  },
  ['1', '-1']
)

/** Two outputs, stationary, no kinks; one eigenvalue is negative. */
const saddle = withResiduals(
  {
    sizes: [1, 1, 2],
    slopes: [1, 0],
    xs: [[-2], [-3], [1], [-1], [-3], [1]],
    tensors: [[-1], [0], [1, 0], [-2, -2]],
    bias: true,
    decay: { factor: '1/10', biases: false },
    reduction: 'sum'
  },
  ['-17/30', '-8', '-23/30', '14/3', '0', '4/3', '1/3', '0', '1', '2/3', '0', '4/3']
)

/** A point with b = 10 and v = 0 that is stationary for w and v alone: a saddle, as b and c are not what they seem. */
const spannedByCount = withResiduals(
  {
    sizes: [1, 1, 1],
    slopes: [1, 0],
    xs: [[1], [2], [3]],
    tensors: [[0], [10], [0], [1]],
    bias: true,
    reduction: 'sum'
  },
  ['1', '1', '-2']
)

/** Two hidden layers without weight decay in which the outputs move in all directions that paths reach. */
const deepSpan: KinkDesign = {
  sizes: [1, 2, 1, 1],
  slopes: [1, 0],
  xs: [[-3], [-2], [-1], [0], [1], [2], [3], [4]],
  tensors: [[1, -1], [2, 1], [1, 2], [-1], [1], [1]],
  bias: true,
  reduction: 'mean'
}

/** Two units with different gates. */
const crossed: KinkDesign = {
  sizes: [1, 2, 1],
  slopes: [1, 0],
  xs: [[-3], [1], [-1], [-2], [2], [2], [3], [-2], [-1]],
  tensors: [[-1, 1], [1, -1], [1, 1], [1]],
  bias: true,
  decay: { factor: '1/10', biases: false },
  reduction: 'sum'
}

type Parts = {
  readonly problem: { readonly data: { readonly inputs: Value; readonly targets: readonly (readonly string[])[] } }
  readonly claim: { readonly point: readonly Value[]; readonly loss: string; readonly lower: string }
  readonly proof: { readonly evidence: { readonly inverse: { readonly numerators: readonly string[] } } }
}
const partsOf = (document: Value): Parts => document as unknown as Parts

const lossOf = (document: Value): string => partsOf(document).claim.loss
const lowerOf = (document: Value): string => partsOf(document).claim.lower

/** The same point, as if nothing were on a kink. */
const leftOut = ({ scene, residuals }: Planted): Value =>
  certified({ scene: { ...scene, kinks: [] }, residuals, multipliers: [], bounds: [] })

export const withMovedTarget = (document: Value): Value => {
  const { inputs, targets } = partsOf(document).problem.data
  const moved = targets.map((row, i) => (i === 0 ? row.map((y) => text(add(fraction(y), fraction('1/1024')))) : row))
  return changed(document, { problem: { data: { inputs, targets: moved } } })
}

const withMovedBias = (document: Value): Value => {
  const [weight, , ...others] = partsOf(document).claim.point
  return changed(document, { claim: { point: [weight, { denominator: '1024', numerators: ['1'] }, ...others] } })
}

const withoutInverse = (document: Value): Value => {
  const { numerators } = partsOf(document).proof.evidence.inverse
  return changed(document, { evidence: { inverse: { denominator: '1', numerators: numerators.map(() => '0') } } })
}

export const asMinimumThere = (document: Value): Value => {
  const { problem, claim, proof } = document as unknown as { [part: string]: { [field: string]: Value } }
  return certificate(problem, { kind: 'local-minimum', point: claim['point'], loss: claim['loss'] }, proof['evidence'])
}

/** Evidence without a right inverse, for points that are refused before it is looked at. */
export const unfinished = (point: Planted, gauge: Gauge): Value => {
  const { frozen, symmetries, valleys } = gauge
  const size = point.scene.count - frozen.length + point.multipliers.length
  const triangle = (size * (size + 1)) / 2
  const numbers = (count: number): Value => ({ denominator: '1', numerators: new Array<string>(count).fill('1') })
  const [numerators] = [point.multipliers.map(({ n }) => `${n}`)]
  const denominator = `${point.multipliers[0]?.d ?? 1n}`
  return certificate(
    problemDocument(point),
    { kind: 'local-minimum-nearby', point: pointDocument(point.scene.design), radius: '1', lower: '0', loss: '100' },
    {
      rule: ruleOf(gauge),
      kinks: point.scene.kinks.map((kink) => [...kink]),
      multipliers: { denominator, numerators },
      frozen,
      ...(symmetries === 'span' ? { flatInverse: numbers(triangle) } : { symmetries }),
      ...(valleys ? { valleys } : {}),
      radii: { denominator: '1099511627776', numerators: new Array<string>(size).fill('1') },
      inverse: numbers(triangle)
    }
  )
}

export const kinkCases = (): readonly Case[] => {
  const main = planted(decayed)
  const accepted = certified(main)
  const turning = planted(rotated)
  const scaled = planted(free)
  const evidence = (change: { readonly [key: string]: Value }): Value => changed(accepted, { evidence: change })
  return [
    accept('kinks-decay', 'a minimum nearby: one unit, one kink, weight decay', accepted),
    accept(
      'kinks-two-outputs',
      'the same with two outputs, biases that do not decay, mean',
      certified(planted(twoOutputs))
    ),
    accept('kinks-leaky', 'a leaky unit with kinks', certified(planted(leaky))),
    accept(
      'kinks-rotate',
      'two units with equal gates and one kink in common, rotated into one another',
      certified(turning, rotation)
    ),
    accept('kinks-rescale', 'no weight decay: the unit is rescaled', certified(scaled, rescaling)),
    accept(
      'kinks-chained',
      'two hidden layers, a sample on kinks of both',
      certified(planted(chained), threeRescalings)
    ),
    accept(
      'kinks-zero-pivot',
      'definite on the kinks, but not to be eliminated in the order of the parameters',
      certified(planted(zeroPivot, fraction('1/3')), twoRescalings)
    ),
    accept(
      'kinks-zero-loss',
      'all samples are fitted exactly: an enclosure of the loss reaches below 0',
      certified(
        withResiduals(
          {
            ...zeroPivot,
            xs: [[-2], [-2], [0], [-3], [2], [-3], [0]],
            tensors: [[2], [-1], [-1], [1], [-2], [-1]]
          },
          new Array<string>(7).fill('0')
        ),
        twoRescalings
      )
    ),
    accept(
      'kinks-span',
      'no weight decay: the outputs fill their path span, one parameter is frozen',
      certified(scaled, spanning)
    ),
    accept('kinks-span-deep', 'two hidden layers', certified(planted(deepSpan), deepSpanning)),
    reject(
      'kinks-span-saddle',
      String.raw`\(d\)`,
      'as many parameters as dimensions, but the outputs move in fewer: stationary for the free parameters, and a saddle',
      certified(spannedByCount, { frozen: [1, 3], symmetries: 'span' })
    ),
    reject(
      'kinks-span-frozen',
      String.raw`\(e\)`,
      'one parameter too many is frozen',
      certified(planted(deepSpan), { ...deepSpanning, frozen: [0, 1, 6, 7, 8] })
    ),
    reject(
      'kinks-span-none-frozen',
      String.raw`\(e\)`,
      'no parameter is frozen',
      unfinished(scaled, { frozen: [], symmetries: 'span' })
    ),
    reject(
      'kinks-span-decay',
      'decay',
      'there is weight decay',
      certified(turning, { frozen: [0], symmetries: 'span' })
    ),
    reject(
      'kinks-span-moved-target',
      String.raw`\(b\)`,
      'one target is moved: the point is not stationary',
      withMovedTarget(certified(scaled, spanning))
    ),
    reject(
      'kinks-span-multiplier',
      String.raw`\(c\)`,
      'the multiplier is at its bound',
      certified(planted(free, fraction(1)), spanning)
    ),
    reject(
      'kinks-span-short',
      'evidence',
      'the second matrix is too short',
      changed(certified(scaled, spanning), { evidence: { flatInverse: { denominator: '1', numerators: ['1'] } } })
    ),
    reject(
      'kinks-span-wrong-inverse',
      String.raw`\(d\)`,
      'the second matrix is the inverse of nothing',
      changed(certified(scaled, spanning), {
        evidence: {
          flatInverse: {
            denominator: '1',
            numerators: partsOf(certified(scaled, spanning)).proof.evidence.inverse.numerators.map(() => '0')
          }
        }
      })
    ),
    decline(
      'kinks-span-symmetries',
      'unreadable',
      'symmetries beside the path span',
      changed(certified(scaled, spanning), { evidence: { symmetries: [] } })
    ),

    reject('kinks-multiplier-zero', String.raw`\(c\)`, 'the multiplier is 0', certified(planted(decayed, fraction(0)))),
    reject(
      'kinks-multiplier-bound',
      String.raw`\(c\)`,
      'the multiplier is at its bound',
      certified(planted(decayed, fraction(1)))
    ),
    reject(
      'kinks-multiplier-beyond',
      String.raw`\(c\)`,
      'the multiplier is twice its bound: the loss falls towards the positive side',
      certified(planted(decayed, fraction(2)))
    ),
    reject(
      'kinks-multiplier-negative',
      String.raw`\(c\)`,
      'the multiplier is negative: the loss falls towards the negative side',
      certified(planted(decayed, fraction(-1)))
    ),
    reject('kinks-left-out', String.raw`\(a\)`, 'the kink is not named', leftOut(main)),
    reject(
      'kinks-not-stationary',
      String.raw`\(b\)`,
      'one target is moved: the point is not stationary',
      withMovedTarget(accepted)
    ),
    reject(
      'kinks-not-on-kink',
      String.raw`\(b\)`,
      'the bias is moved: the sample is not on its kink',
      withMovedBias(accepted)
    ),
    reject('kinks-poor-inverse', String.raw`\(b\)`, 'zeros for an inverse', withoutInverse(accepted)),
    reject(
      'kinks-radius',
      String.raw`\(f\)`,
      'the radius claimed is half of that of the box',
      changed(accepted, { claim: { radius: '1/2199023255552' } })
    ),
    reject(
      'kinks-loss-above',
      String.raw`\(f\)`,
      'a loss above the one claimed',
      changed(accepted, { claim: { loss: lowerOf(accepted) } })
    ),
    reject(
      'kinks-loss-below',
      String.raw`\(f\)`,
      'a loss below the interval claimed',
      changed(accepted, { claim: { lower: lossOf(accepted) } })
    ),
    reject(
      'kinks-length',
      'evidence',
      'a radius is missing',
      evidence({ radii: { denominator: '1', numerators: ['1'] } })
    ),
    reject(
      'kinks-twice',
      'evidence',
      'a kink is named twice',
      evidence({
        kinks: [
          [0, 0, 3],
          [0, 0, 3]
        ]
      })
    ),
    reject(
      'kinks-radius-zero',
      'evidence',
      'a radius is 0',
      evidence({ radii: { denominator: '1', numerators: ['0', '1', '1', '1', '1'] } })
    ),
    reject(
      'kinks-wrong-claim',
      'rule',
      'the rule does not prove that the point itself is a minimum',
      asMinimumThere(accepted)
    ),

    reject(
      'kinks-frozen-alone',
      String.raw`\(e\)`,
      'a parameter is frozen and nothing says why',
      certified(turning, { frozen: [0], symmetries: [] })
    ),
    reject(
      'kinks-decay-rescale',
      String.raw`\(e\) rescale`,
      'with weight decay a unit cannot be rescaled',
      certified(turning, { frozen: [0], symmetries: [['rescale', 0, 0]] })
    ),
    reject(
      'kinks-decay-mix',
      String.raw`\(e\) mix`,
      'with weight decay units cannot be mixed',
      certified(turning, { frozen: [0], symmetries: [['mix', 0, 0, 1]] })
    ),
    reject(
      'kinks-decay-idle',
      String.raw`\(e\) idle`,
      'a weight into a dead unit has no influence, but it decays: it has a slope',
      certified(dead, {
        frozen: [0, 1],
        symmetries: [
          ['idle', 0],
          ['idle', 1]
        ]
      })
    ),
    reject(
      'kinks-decay-shift',
      String.raw`\(e\) shift`,
      'with decaying biases a unit cannot be shifted',
      certified(turning, { frozen: [2], symmetries: [['shift', 0, 0]] })
    ),
    reject(
      'kinks-rotate-itself',
      String.raw`\(e\) rotate`,
      'a unit rotated with itself',
      certified(turning, { frozen: [0], symmetries: [['rotate', 0, 0, 0]] })
    ),
    reject(
      'kinks-rotate-different',
      String.raw`\(e\) rotate`,
      'the units differ on a sample',
      certified(planted(crossed), { frozen: [0], symmetries: [['rotate', 0, 0, 1]] })
    ),
    reject(
      'kinks-idle-into-kink',
      String.raw`\(e\) idle`,
      'a connection of weight 0 into a unit on a kink is no idle parameter: the point is not even stationary',
      unfinished(intoKink, { frozen: [4], symmetries: [['idle', 4]] })
    ),
    reject(
      'kinks-flat-saddle',
      String.raw`\(e\)`,
      'two symmetries that are one where v = 0: the rest is no proof, the point is a saddle',
      certified(flatSaddle, {
        frozen: [1, 3],
        symmetries: [
          ['rescale', 0, 0],
          ['shift', 0, 0]
        ]
      })
    ),
    reject('kinks-saddle', String.raw`\(d\)`, 'stationary, the multipliers right, and a saddle', certified(saddle)),
    reject(
      'kinks-one-layer',
      'network',
      'no hidden layer',
      changed(accepted, {
        problem: {
          network: {
            inputs: 1,
            layers: [{ kind: 'dense', outputs: 1, bias: true }]
          }
        }
      })
    ),
    decline(
      'kinks-unknown-symmetry',
      'unknown',
      'a symmetry that no page names',
      changed(certified(turning, rotation), { evidence: { symmetries: [['reflect', 0]] } })
    )
  ]
}
