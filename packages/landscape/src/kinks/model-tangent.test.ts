import { symmetricEigen } from '@nadir/kernels'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { randomStream } from '../random.ts'
import { constraintsOf, hold, release, tangentAt, times } from './model-tangent.ts'
import { dot, rowSpace } from './orthogonal.ts'

const size = 9
const damping = 1 / 4

test('after constraints more and less, the inverse and the movers are those of the constraints that are left', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1 << 30 }), fc.array(fc.nat(20), { maxLength: 12 }), (seed, moves) => {
      const random = randomStream(seed)
      const vector = () => Float64Array.from({ length: size }, () => 2 * random() - 1)
      const roots = Array.from({ length: size }, vector)
      const hessian = Float64Array.from({ length: size ** 2 }, (_, at) =>
        roots.reduce((sum, root) => sum + root[Math.floor(at / size)]! * root[at % size]!, 0)
      )
      const bend = (d: Float64Array) => times(hessian, d).map((x, k) => x + damping * d[k]!)
      const count = 1 + (seed % 4)
      const space = rowSpace(
        Float64Array.from({ length: count * size }, () => 2 * random() - 1),
        count,
        size
      )
      const rows = Array.from({ length: size - count }, (_, a) =>
        space.basis.subarray((count + a) * size, (count + a + 1) * size)
      )
      const reduced = Float64Array.from({ length: rows.length ** 2 }, (_, at) =>
        dot(rows[Math.floor(at / rows.length)]!, times(hessian, rows[at % rows.length]!))
      )
      const { values, vectors } = symmetricEigen(reduced.slice(), rows.length)
      const directions = Float64Array.from({ length: rows.length * size }, (_, at) =>
        rows.reduce((sum, row, a) => sum + vectors[Math.floor(at / size) * rows.length + a]! * row[at % size]!, 0)
      )
      const basis = space.basis.subarray(count * size)
      const slopes = new Float64Array(rows.length)
      const second = { hessian, rows: basis, reduced, values, directions, slopes }
      const tangent = tangentAt(second, size, damping, constraintsOf(space))
      for (const move of moves) {
        const held = tangent.constraints.length
        if (move % 2 === 0 && held < size - 1) expect(hold(tangent, vector())).toBe(true)
        else if (held > 0) expect(release(tangent, move % held, bend)).toBe(true)
      }
      const { inverse, constraints } = tangent
      const scale = 1 + constraints.reduce((most, { mover }) => Math.max(most, dot(mover, mover)), 0)
      const close = (x: number, y: number) => expect(Math.abs(x - y)).toBeLessThan(1e-7 * scale)
      const along = times(inverse, vector())
      for (const [k, x] of times(inverse, bend(along)).entries()) close(x, along[k]!)
      for (const [a, { normal, mover }] of constraints.entries()) {
        close(dot(normal, along), 0)
        close(dot(mover, along), 0)
        for (const [b, one] of constraints.entries()) close(dot(normal, one.mover), a === b ? 1 : 0)
        for (const x of times(inverse, normal)) close(x, 0)
      }
      // As many directions as are not held, each with its own image.
      const rank = symmetricEigen(inverse.slice(), size).values.filter((x) => x > 1e-3).length
      expect(rank).toBe(size - constraints.length)
    }),
    { numRuns: 100 }
  )
})
