import { gaugeOf } from '../planted-valleys.ts'
import { accept, type Case, changed, type Fields, reject } from './case.ts'
import { certified, flatSaddle, unfinished, withMovedTarget } from './kinks.ts'
import {
  acrossKinks,
  alive,
  apart,
  apartAbove,
  atThePoint,
  beside,
  besideKink,
  between,
  betweenBiases,
  bothRescaled,
  broadTwins,
  butOne,
  byEntry,
  calm,
  crowd,
  few,
  fewAbove,
  fourRescaled,
  freeBiases,
  fromUnit,
  held,
  inValley,
  leakyTwins,
  ofCrowd,
  ofTriplets,
  ofUnit,
  onOneKink,
  onOneSample,
  onTwoSamples,
  parallel,
  rescale,
  rotation,
  shared,
  threeRescaled,
  triplets,
  twins
} from './valley-designs.ts'
import { refusedValleys } from './valleys-refused.ts'

const accepted = (): readonly Case[] => {
  const decayed = calm(freeBiases)
  return [
    accept(
      'valleys-twins',
      'two units with equal gates: a change of the incoming weights of one is undone by the other',
      inValley(twins, [between], bothRescaled)
    ),
    accept('valleys-leaky', 'the same with leaky units', inValley(leakyTwins, [between], bothRescaled)),
    accept(
      'valleys-different-gates',
      'their gates differ on one sample: less is passed on than their parameters could change',
      inValley(apart, [between], bothRescaled)
    ),
    accept('valleys-kink', 'both have their kink on one sample', inValley(onOneKink, [between], bothRescaled)),
    accept(
      'valleys-by-entry',
      'two inputs, a valley for one and for the rest',
      inValley(broadTwins, byEntry, bothRescaled)
    ),
    accept(
      'valleys-beside-kink',
      'a third unit has a kink and no part in the valley',
      inValley(beside, [besideKink], threeRescaled)
    ),
    accept(
      'valleys-all-units',
      'the valley is of all three units: the one with the kink keeps its kink',
      inValley(beside, [{ ...between, parameters: [0, 1, 2, 3, 4, 5] }], threeRescaled)
    ),
    accept(
      'valleys-held',
      'a unit has a parameter in the valley that its two kinks hold',
      inValley(held, acrossKinks, threeRescaled)
    ),
    accept(
      'valleys-decay',
      'weights decay, biases do not: a rotation, and a valley of biases',
      certified(decayed, { frozen: [0, 2], symmetries: [rotation], valleys: gaugeOf(decayed, [betweenBiases]).valleys })
    ),
    accept(
      'valleys-few-samples',
      'a unit is open on fewer samples than it has inputs and bias',
      inValley(few, [ofUnit], bothRescaled)
    ),
    accept(
      'valleys-through-few',
      'the same valley through the output, which that unit reaches on as few samples',
      inValley(few, [{ ...ofUnit, kind: 'through' }], bothRescaled)
    ),
    accept(
      'valleys-one-sample',
      'two outputs share a unit, another one is open on one sample; small residuals',
      inValley(shared, [onOneSample], bothRescaled)
    ),
    accept(
      'valleys-few-above',
      'a unit of the second hidden layer is open on two samples: neither it nor the layer below can do more than two things',
      inValley(fewAbove, onTwoSamples, [...bothRescaled, rescale(1, 0)])
    ),
    accept(
      'valleys-crowd',
      'three units with equal gates below one unit: what they give is dependent, and less is passed on than they could',
      inValley(crowd, ofCrowd, [...bothRescaled, rescale(1, 0)])
    ),
    accept(
      'valleys-two-outputs',
      'three units with equal gates below two outputs, rescaled, mixed and in valleys of both layers',
      inValley(triplets, ofTriplets, [...threeRescaled, ['mix', 0, 0, 1]])
    ),
    accept(
      'valleys-live-entry',
      'two units of the second hidden layer whose gates differ, but not where the unit that the weights come from is open',
      inValley(alive, [fromUnit], fourRescaled)
    ),
    accept(
      'valleys-exception',
      'the gates of two units of the second hidden layer differ on one sample, which is an exception',
      inValley(apartAbove, [butOne], fourRescaled)
    ),
    accept(
      'valleys-none',
      'no flat direction and no valley',
      certified(calm({ ...freeBiases, sizes: [1, 1, 1], tensors: [[3], [1], [3], [1]] }), {
        frozen: [],
        symmetries: [],
        valleys: []
      })
    )
  ]
}

/** Points that are no minima, and points whose other conditions fail. */
const otherwise = (): readonly Case[] => {
  const main = inValley(twins, [between], bothRescaled)
  const loud = calm(shared, { factor: '16' })
  const bound = calm(beside, { share: '1' })
  return [
    reject(
      'valleys-rank-jumps',
      String.raw`\(e\)`,
      'a saddle where rows are dependent that are not so nearby: counted at the point there are directions enough, and all else holds',
      certified(parallel, atThePoint)
    ),
    reject(
      'valleys-rank-jumps-to-0',
      String.raw`\(e\)`,
      'a saddle where no weight goes on, so that all rows are 0: all else holds',
      certified(
        flatSaddle,
        gaugeOf(flatSaddle, [
          { kind: 'own', layer: 1, parameters: [2, 3] },
          { kind: 'through', layer: 0, parameters: [0, 1] }
        ])
      )
    ),
    reject(
      'valleys-rows-at-the-point',
      String.raw`\(e\)`,
      'the same saddle as valleys-rank-jumps with as many rows as the bounds say: they are dependent',
      unfinished(parallel, {
        frozen: [0],
        symmetries: [['rescale', 0, 0]],
        valleys: atThePoint.valleys.map((valley, v) => ({
          ...(valley as Fields),
          rows: (v === 0 ? [0, 3, 4] : [3, 4])
            .flatMap((i) => [[2 * v, i]])
            .concat((v === 0 ? [0, 3, 4] : [3, 4]).map((i) => [2 * v + 1, i]))
        }))
      })
    ),
    reject(
      'valleys-saddle',
      String.raw`\(d\)`,
      'the point of valleys-one-sample with large residuals: valleys as they should be, and a saddle across them',
      certified(loud, gaugeOf(loud, [onOneSample], bothRescaled))
    ),
    reject(
      'valleys-moved-target',
      String.raw`\(b\)`,
      'one target is moved: the point is not stationary',
      withMovedTarget(main)
    ),
    reject(
      'valleys-multiplier',
      String.raw`\(c\)`,
      'the multiplier is at its bound',
      certified(bound, gaugeOf(bound, [besideKink], threeRescaled))
    ),
    reject(
      'valleys-radius',
      String.raw`\(f\)`,
      'the radius claimed is half of that of the box',
      changed(main, { claim: { radius: '1/2199023255552' } })
    )
  ]
}

export const valleyCases = (): readonly Case[] => [...accepted(), ...otherwise(), ...refusedValleys()]
