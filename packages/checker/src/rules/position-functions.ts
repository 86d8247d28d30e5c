import { type Budget, hold } from '../budget.ts'
import { greatestBitLength } from '../integers.ts'
import { positionsOf, type Shape, type Windows } from '../window.ts'

/**
 * Functions of sample and position, each up to a positive factor: entry i * positions + p of a function is its value at
 * sample i and position p.
 */
export type Functions = readonly (readonly bigint[])[]

const emptyFunction = (entries: number): bigint[] => Array.from({ length: entries }, () => 0n)

const holdFunctions = (count: number, samples: number, positions: number, functions: Functions, budget: Budget): void =>
  hold(budget, [count, samples, positions], greatestBitLength(functions))

/** What a dense layer or flatten reads of an image: for every position the functions that are zero at all others. */
export const atEveryPosition = (functions: Functions, shape: Shape, budget: Budget): Functions => {
  const positions = positionsOf(shape)
  if (positions === 1) return functions
  const samples = functions[0]?.length ?? 0
  holdFunctions(functions.length * positions, samples, positions, functions, budget)
  return functions.flatMap((f) =>
    Array.from({ length: positions }, (_, position) => {
      const image = emptyFunction(samples * positions)
      for (const [sample, entry] of f.entries()) image[sample * positions + position] = entry
      return image
    })
  )
}

/** The function that a window layer makes of another through some of the taps of its windows. */
const throughTaps = (f: readonly bigint[], windows: Windows, taps: readonly number[], positions: number): bigint[] => {
  const samples = f.length / windows.length
  const image = emptyFunction(samples * positions)
  for (let sample = 0; sample < samples; sample += 1) {
    for (const [at, window] of windows.entries()) {
      const entry = f[sample * windows.length + at]
      if (entry === 0n) continue
      for (const tap of taps) {
        if (window[tap] >= 0) image[sample * positions + window[tap]] += entry
      }
    }
  }
  return image
}

/** What a convolution reads: for every tap of its window the function carried to the place that the tap looks at. */
export const atEveryTap = (functions: Functions, windows: Windows, shape: Shape, budget: Budget): Functions => {
  const samples = (functions[0]?.length ?? 0) / windows.length
  holdFunctions(functions.length * windows[0].length, samples, positionsOf(shape), functions, budget)
  return functions.flatMap((f) => windows[0].map((_, tap) => throughTaps(f, windows, [tap], positionsOf(shape))))
}

/** What an average over windows reads, up to its number of taps: all taps together. */
export const overWindows = (functions: Functions, windows: Windows, shape: Shape, budget: Budget): Functions => {
  const samples = (functions[0]?.length ?? 0) / windows.length
  holdFunctions(functions.length, samples, positionsOf(shape), functions, budget)
  const taps = windows[0].map((_, tap) => tap)
  return functions.map((f) => throughTaps(f, windows, taps, positionsOf(shape)))
}
