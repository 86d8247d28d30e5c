import { expect, test } from 'vitest'
import { deceives, falseMutants, isExact, judge, shapeOf } from './judge.ts'
import { kinkedDraws } from './kinked.ts'
import { type Draw, integersFrom, type Plant } from './plant.ts'
import { raisedDraws } from './raised.ts'
import { restingDraws } from './resting.ts'
import { silentDraws } from './silent.ts'

/*
 * Minima, saddles and points that are not stationary, planted in networks of every kind: the whole of `certify` and the independent checker never contradict what they are.
 * NADIR_SEED repeats a run, NADIR_PLANTED says how many points are planted.
 */

const seed = Number(process.env['NADIR_SEED'] ?? Math.floor(Math.random() * 1e9))
const count = Number(process.env['NADIR_PLANTED'] ?? 120)

const families: readonly (readonly [string, readonly Draw[], number])[] = [
  ['on kinks', kinkedDraws, 1],
  ['without second derivatives', silentDraws, 2],
  ['at rest', restingDraws, 3],
  ['on kinks of the last hidden layer', raisedDraws, 4]
]

function* planted(draws: readonly Draw[], start: number, total: number): Generator<Plant> {
  const below = integersFrom(start)
  let made = 0
  for (let attempt = 0; made < total && attempt < 400 * total; attempt += 1) {
    const plant = draws[attempt % draws.length]!(below)
    if (!plant) continue
    made += 1
    yield plant
  }
}

/** The last certificates of networks of one shape, and the last points. */
type Remembered = { readonly texts: string[]; readonly plants: Plant[] }

test.each(families)(
  `what is planted is what is said (%s, seed ${seed})`,
  { timeout: 36_000_000 },
  (_, draws, place) => {
    const table = new Map<string, number>()
    const wrongs: string[] = []
    const memory = new Map<string, Remembered>()
    const tried = { moved: 0, changed: 0 }
    let made = 0
    let decided = 0
    for (const plant of planted(draws, seed * 5 + place, Math.ceil(count / families.length))) {
      const { given, settled, wrong, texts } = judge(plant)
      made += 1
      if (given !== 'undecided' || settled !== 'undecided') decided += 1
      const line = `${plant.family} | ${plant.truth} | ${given} | ${settled}`
      table.set(line, (table.get(line) ?? 0) + 1)
      if (wrong.length > 0) wrongs.push(`${wrong.join('; ')}: ${JSON.stringify(plant)}`)
      if (!isExact(plant)) continue
      const shape = shapeOf(plant)
      const { texts: others, plants } = memory.get(shape) ?? { texts: [], plants: [] }
      for (const [text, one] of [
        ...others.map((text) => [text, plant] as const),
        ...texts.flatMap((text) => plants.map((one) => [text, one] as const))
      ]) {
        tried.moved += 1
        if (deceives(text, one)) wrongs.push(`evidence from elsewhere is taken: ${text}: ${JSON.stringify(one)}`)
      }
      memory.set(shape, { texts: [...texts, ...others].slice(0, 6), plants: [plant, ...plants].slice(0, 4) })
      const changed = texts[0] === undefined || made % 4 !== 0 ? undefined : falseMutants(texts[0], 3)
      tried.changed += changed?.tried ?? 0
      wrongs.push(...(changed?.wrong ?? []))
    }
    if (process.env['NADIR_PLANTED']) {
      const lines = [...table].sort().map(([line, times]) => `${line} | ${times}`)
      console.log(
        [`${JSON.stringify(tried)}`, 'family | planted | the point is | it leads to | times', ...lines].join('\n')
      )
    }
    expect(wrongs).toEqual([])
    expect(made).toBeGreaterThan(count / 10)
    expect(decided).toBeGreaterThan(made / 4)
  }
)
