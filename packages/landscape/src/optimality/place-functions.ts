import { type ImageShape, positionsOf, type windowsOf } from '../network/windows.ts'

/*
 * Functions of class and position as integer vectors: entry c * positions + p belongs to class c of samples and position
 * p of an image. How a layer reads them: see the rule path-span of the specification.
 */

type Vector = readonly bigint[]
type Windows = ReturnType<typeof windowsOf>

/** A dense layer weighs every position by itself: for each one the function that is zero at all others. */
export function atEveryPosition(f: Vector, shape: ImageShape): readonly Vector[] {
  const positions = positionsOf(shape)
  if (positions === 1) return [f]
  return Array.from({ length: positions }, (_, p) => {
    const image = new Array<bigint>(f.length * positions).fill(0n)
    for (const [c, a] of f.entries()) image[c * positions + p] = a
    return image
  })
}

/** A convolution weighs every tap by itself: for each one the function carried to the places that the tap looks at. */
export const atEveryTap = (f: Vector, windows: Windows, shape: ImageShape): readonly Vector[] =>
  windows[0]!.map((_, tap) => throughTaps(f, windows, [tap], positionsOf(shape)))

/** An average takes all taps together; its common factor is left out. */
export const overWindows = (f: Vector, windows: Windows, shape: ImageShape): readonly Vector[] => [
  throughTaps(
    f,
    windows,
    windows[0]!.map((_, tap) => tap),
    positionsOf(shape)
  )
]

function throughTaps(f: Vector, windows: Windows, taps: readonly number[], positions: number): Vector {
  const classes = f.length / windows.length
  const image = new Array<bigint>(classes * positions).fill(0n)
  for (let c = 0; c < classes; c++)
    for (const [at, window] of windows.entries()) {
      const a = f[c * windows.length + at]!
      if (a !== 0n) for (const tap of taps) if (window[tap]! >= 0) image[c * positions + window[tap]!]! += a
    }
  return image
}
