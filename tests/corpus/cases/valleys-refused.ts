import type { Value } from '../digests.ts'
import { type Gauged, gaugeOf } from '../planted-valleys.ts'
import { type Case, changed, decline, type Fields, reject } from './case.ts'
import { asMinimumThere, certified, unfinished } from './kinks.ts'
import {
  apartAbove,
  between,
  bothRescaled,
  butOne,
  calm,
  crowd,
  few,
  fourRescaled,
  freeBiases,
  inValley,
  ofCrowd,
  ofUnit,
  onOneKink,
  other,
  rescale,
  rotation,
  twins,
  valleysOf,
  without
} from './valley-designs.ts'

/** One condition on the rows, the frozen parameters and the directions each. */
const countedWrong = (): readonly Case[] => {
  const point = calm(twins)
  const gauge = gaugeOf(point, [between], bothRescaled)
  const main = certified(point, gauge)
  const frozen = (numbers: readonly number[], change: Partial<Gauged> = {}): Value =>
    unfinished(point, { ...gauge, ...change, frozen: numbers })
  const kinked = calm(onOneKink)
  const kinkedGauge = gaugeOf(kinked, [between], bothRescaled)
  const crowded = inValley(crowd, ofCrowd, [...bothRescaled, rescale(1, 0)])
  const alone = inValley(few, [ofUnit], bothRescaled)
  const rows = (...pairs: readonly (readonly [number, number])[]): Fields => ({ rows: pairs.map((pair) => [...pair]) })
  return [
    reject('valleys-row-missing', String.raw`\(e\)`, 'a row too few', other(main, rows([2, 2]))),
    reject('valleys-row-more', String.raw`\(e\)`, 'a row too many', other(main, rows([2, 2], [2, 3], [2, 4]))),
    reject(
      'valleys-row-0',
      String.raw`\(e\)`,
      'a row of a sample on which both units are shut: it is 0',
      other(main, rows([2, 0], [2, 3]))
    ),
    reject(
      'valleys-rows-dependent',
      String.raw`\(e\)`,
      'two rows of samples on which all units below are shut: they are equal',
      other(crowded, rows([0, 0], [0, 1], [0, 3]))
    ),
    reject(
      'valleys-rows-descending',
      String.raw`\(e\)|evidence`,
      'rows that do not ascend',
      other(main, rows([2, 3], [2, 2]))
    ),
    reject('valleys-row-twice', String.raw`\(e\)|evidence`, 'a row is named twice', other(main, rows([2, 2], [2, 2]))),
    reject(
      'valleys-row-not-reached',
      String.raw`\(e\)`,
      'a row of a sample on which the unit is shut',
      other(alone, rows([1, 0], [1, 10]))
    ),
    reject(
      'valleys-row-not-felt',
      String.raw`\(e\)`,
      'a row of a sample on which the unit of the second hidden layer is shut',
      other(crowded, rows([0, 0], [0, 3], [0, 6]))
    ),
    reject(
      'valleys-row-of-no-kink',
      String.raw`\(e\)`,
      'a row of a kink that is none',
      other(main, rows([0, 2], [2, 2]))
    ),
    reject(
      'valleys-kink-without-row',
      String.raw`\(e\)`,
      'a row of a kink is missing, and another direction in its place: it leaves the kink',
      unfinished(kinked, {
        ...kinkedGauge,
        frozen: [0, 1, 2, 3],
        valleys: kinkedGauge.valleys.map((valley) => ({
          ...(valley as Fields),
          rows: [
            [0, 2],
            [2, 3]
          ]
        }))
      })
    ),
    reject(
      'valleys-row-of-no-group',
      String.raw`\(e\)`,
      'a row of an output that is not there',
      other(main, rows([2, 2], [3, 2]))
    ),
    reject(
      'valleys-row-of-no-sample',
      String.raw`\(e\)`,
      'a row of a sample that is not there',
      other(main, rows([2, 2], [2, 6]))
    ),
    reject('valleys-frozen-missing', String.raw`\(e\)`, 'a direction more than frozen parameters', frozen([0, 1, 2])),
    reject(
      'valleys-frozen-more',
      String.raw`\(e\)`,
      'a frozen parameter more than directions',
      frozen([0, 1, 2, 3, 4])
    ),
    reject(
      'valleys-frozen-elsewhere',
      String.raw`\(e\)`,
      'a frozen parameter that no direction moves',
      frozen([0, 1, 2, 6])
    ),
    reject(
      'valleys-twice',
      String.raw`\(e\)`,
      'one valley named twice',
      frozen([0, 1, 2, 3, 4, 5], { valleys: [...gauge.valleys, ...gauge.valleys] })
    ),
    reject(
      'valleys-and-symmetry',
      String.raw`\(e\)`,
      'one direction named twice, as part of a valley and as a combination of symmetries',
      frozen([0, 1, 2, 3, 4], { symmetries: [...gauge.symmetries, ['mix', 0, 0, 1]] })
    ),
    reject(
      'valleys-symmetry-wrong',
      String.raw`\(e\)`,
      'a symmetry whose conditions fail beside a valley',
      frozen([0, 1, 2, 3], {
        symmetries: [
          ['rescale', 0, 0],
          ['idle', 0]
        ]
      })
    )
  ]
}

/** What a valley may be about. */
const shapedWrong = (): readonly Case[] => {
  const main = inValley(twins, [between], bothRescaled)
  const differing = inValley(apartAbove, [butOne], fourRescaled)
  const alone = inValley(few, [ofUnit], bothRescaled)
  const decayed = calm(freeBiases)
  return [
    reject(
      'valleys-exception-removed',
      String.raw`\(e\)`,
      'the sample on which the gates differ is no exception: the bound is higher',
      other(differing, { exceptions: [] })
    ),
    reject(
      'valleys-exception-needless',
      String.raw`\(e\)`,
      'another exception, and a higher bound',
      other(differing, { exceptions: [0, 5] })
    ),
    reject(
      'valleys-exception-beyond',
      String.raw`\(e\)|evidence`,
      'an exception that is no sample',
      other(main, { exceptions: [6] })
    ),
    reject(
      'valleys-exceptions-descending',
      String.raw`\(e\)|evidence`,
      'exceptions that do not ascend',
      other(differing, { exceptions: [1, 1] })
    ),
    reject(
      'valleys-own-exception',
      String.raw`\(e\)|evidence`,
      'a valley of a unit with an exception',
      other(alone, { exceptions: [0] })
    ),
    reject(
      'valleys-decaying',
      String.raw`\(e\)`,
      'weights in a valley decay',
      unfinished(decayed, {
        frozen: [0, 2],
        symmetries: [rotation],
        valleys: gaugeOf(decayed, [{ ...between, parameters: [0, 1] }]).valleys
      })
    ),
    reject(
      'valleys-no-parameters',
      String.raw`\(e\)|evidence`,
      'a valley of nothing',
      changed(main, {
        evidence: { valleys: [...valleysOf(main), { ...valleysOf(main)[0], parameters: [], rows: [] }] }
      })
    ),
    reject(
      'valleys-other-layer',
      String.raw`\(e\)|evidence`,
      'a parameter of another layer',
      other(main, { parameters: [0, 1, 2, 3, 6] })
    ),
    reject(
      'valleys-parameter-beyond',
      String.raw`\(e\)|evidence`,
      'a parameter that is not there',
      other(main, { parameters: [0, 1, 2, 7] })
    ),
    reject(
      'valleys-parameter-twice',
      String.raw`\(e\)|evidence`,
      'a parameter named twice',
      other(main, { parameters: [0, 1, 2, 2] })
    ),
    reject(
      'valleys-through-last',
      String.raw`\(e\)|evidence`,
      'through what is above the last layer',
      other(main, { layer: 1, parameters: [4, 5, 6] })
    ),
    reject('valleys-no-layer', String.raw`\(e\)|evidence`, 'a layer that is not there', other(alone, { layer: 2 })),
    reject(
      'valleys-as-a-point',
      'rule',
      'the rule does not prove that the point itself is a minimum',
      asMinimumThere(main)
    )
  ]
}

const unreadable = (): readonly Case[] => {
  const main = inValley(twins, [between], bothRescaled)
  const valleys = (...all: readonly Value[]): Value => changed(main, { evidence: { valleys: all } })
  const [first] = valleysOf(main)
  return [
    decline(
      'valleys-unknown-kind',
      'unknown',
      'a valley of a kind that no page names',
      other(main, { kind: 'beyond' })
    ),
    decline('valleys-row-of-one', 'unreadable', 'a row without a sample', other(main, { rows: [[2], [2, 3]] })),
    decline(
      'valleys-without-exceptions',
      'unreadable',
      'a valley without the field of its exceptions',
      valleys(without(first, 'exceptions'))
    ),
    decline('valleys-bounds', 'unreadable', 'a valley that states its bounds itself', other(main, { bounds: [2] })),
    decline(
      'valleys-no-list',
      'unreadable',
      'a valley where a list of them is expected',
      changed(main, { evidence: { valleys: first } })
    ),
    decline('valleys-text', 'unreadable', 'a parameter written as a text', other(main, { parameters: ['0', 1, 2, 3] })),
    decline(
      'valleys-of-kinks',
      'unreadable',
      'valleys beside the rule kinks',
      changed(main, { evidence: { rule: 'kinks' } })
    )
  ]
}

/** Proofs that do not fit together. */
export const refusedValleys = (): readonly Case[] => [...countedWrong(), ...shapedWrong(), ...unreadable()]
