import { rational } from '@nadir/arithmetic'
import { type Dataset, dataset, randomStream } from '@nadir/landscape'

/** Samples on a grid of so many decimals, a wavy target with noise (or its sign, for classes): duplicates when the grid is coarse. */
export function generatedData(
  samples: number,
  inputs: number,
  decimals: number,
  seed: number,
  target: 'number' | 'class' = 'number'
): Dataset {
  const random = randomStream(seed)
  const scale = 10 ** decimals
  const cell = (x: number) => rational(BigInt(Math.round(x * scale)), BigInt(scale))
  const rows = Array.from({ length: samples }, () => {
    const x = Array.from({ length: inputs }, () => 4 * random() - 2)
    const y = Math.sin(2 * x[0]!) + x.reduce((sum, a) => sum + a * a, 0) / (1 + inputs) + 0.3 * (random() - 0.5)
    return { x: x.map(cell), y: [target === 'class' ? rational(y > 0.5 ? 1n : -1n) : cell(y)] }
  })
  return dataset(
    rows.map((r) => r.x),
    rows.map((r) => r.y)
  )
}
