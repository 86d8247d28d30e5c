import { rational } from '@nadir/arithmetic'
import {
  type Activation,
  type ConstructedPoint,
  type Construction,
  type ConstructionRequest,
  certificateText,
  type Dataset,
  dataset,
  randomStream,
  relu,
  theorems,
  twoSlope
} from '@nadir/landscape'
import fc from 'fast-check'
import { checkDocument } from 'nadir-checker'
import { expect } from 'vitest'

export const request = (parts: Partial<ConstructionRequest>): ConstructionRequest => ({
  data: undefined,
  model: undefined,
  pieces: undefined,
  hidden: [3],
  activation: relu,
  loss: 'squared',
  reduction: 'sum',
  count: 2,
  random: randomStream(7),
  image: undefined,
  windows: { kernel: [2, 2], pool: [1, 1] },
  numbers: {},
  ...parts
})

export function construct(id: string, parts: Partial<ConstructionRequest>): Construction {
  const theorem = theorems.find((one) => one.id === id)
  if (!theorem) throw new Error(`no theorem ${id}`)
  return theorem.build(request(parts))
}

/** The points of a construction that was built; their certificates have been accepted by the checker. */
export function builtPoints(construction: Construction): readonly ConstructedPoint[] {
  if (construction.kind === 'refused') throw new Error(`${construction.hypothesis}: ${construction.found}`)
  expect(construction.points.length).toBeGreaterThan(0)
  for (const { certificate, claim, name } of construction.points) {
    expect(certificate, name).toBeDefined()
    expect(checkDocument(certificateText(certificate!)), name).toMatchObject({ outcome: 'accepted', claim })
  }
  return construction.points
}

export const claimsOf = (points: readonly ConstructedPoint[]): readonly string[] => points.map(({ claim }) => claim)

export const activations: readonly Activation[] = [
  relu,
  relu,
  twoSlope(rational(1n), rational(1n, 10n)),
  twoSlope(rational(1n), rational(-1n)),
  twoSlope(rational(0n), rational(1n)),
  twoSlope(rational(-2n), rational(3n)),
  twoSlope(rational(5n), rational(-1n, 3n))
]

/** Small integer data with duplicates and ties. */
export const smallData = (most: { inputs: number; outputs: number; samples: number }): fc.Arbitrary<Dataset> =>
  fc
    .record({
      inputs: fc.integer({ min: 1, max: most.inputs }),
      outputs: fc.integer({ min: 1, max: most.outputs }),
      samples: fc.integer({ min: 2, max: most.samples }),
      divisor: fc.constantFrom(1n, 2n, 7n)
    })
    .chain(({ inputs, outputs, samples, divisor }) => {
      const rows = (width: number, size: number) =>
        fc.array(fc.array(fc.integer({ min: -size, max: size }), { minLength: width, maxLength: width }), {
          minLength: samples,
          maxLength: samples
        })
      return fc.tuple(rows(inputs, 3), rows(outputs, 4)).map(([X, Y]) =>
        dataset(
          X.map((row) => row.map((x) => rational(BigInt(x), divisor))),
          Y.map((row) => row.map((y) => rational(BigInt(y))))
        )
      )
    })
