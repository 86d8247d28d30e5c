import type { Step } from './layers.ts'

/** A number for what an entry is as a function of the parameters: equal numbers, equal functions; 0 for the function 0. */
export type EntryName = number

type Names = readonly EntryName[]

const voidName = 0

/** Equal numbers for equal keys, from 1 on. */
const numbering = (): ((key: string) => EntryName) => {
  const known = new Map<string, EntryName>()
  return (key) => {
    const number = known.get(key) ?? known.size + 1
    known.set(key, number)
    return number
  }
}

/** What a window reads, in order; undefined where all of it is void. */
const readBy = (window: readonly number[], names: Names): string | undefined => {
  const read = window.map((entry) => (entry < 0 ? voidName : names[entry]))
  return read.every((name) => name === voidName) ? undefined : read.join()
}

/** The names of the inputs, sample by sample. */
export const inputNames = (rows: readonly (readonly bigint[])[]): readonly Names[] => {
  const nameOf = numbering()
  return rows.map((row) => row.map((entry) => (entry === 0n ? voidName : nameOf(`${entry}`))))
}

/** The names of what an affine layer or means give, from those of what they are applied to, sample by sample. */
export const namesAfter = (step: Exclude<Step, { kind: 'units' }>, all: readonly Names[]): readonly Names[] => {
  const nameOf = numbering()
  if (step.kind === 'mean') {
    return all.map((names) =>
      step.layer.windows.map((window) => {
        // A mean does not see the order.
        const inOrder = [...window].sort((a, b) => names[a] - names[b])
        const read = readBy(inOrder, names)
        return read === undefined ? voidName : nameOf(read)
      })
    )
  }
  const { windows, outputs, biasAt } = step.layer
  const patchOf = numbering()
  return all.map((names) => {
    const patches = windows.map((window) => {
      const read = readBy(window, names)
      return read === undefined ? voidName : patchOf(read)
    })
    return Array.from({ length: outputs }, (_, output) =>
      patches.map((patch) => (patch === voidName && biasAt < 0 ? voidName : nameOf(`${output},${patch}`)))
    ).flat()
  })
}

/** The names of the values of units: those of their arguments, but void where they are shut. */
export const namesOfValues = (names: Names, isShut: (unit: number) => boolean): Names =>
  names.map((name, unit) => (isShut(unit) ? voidName : name))
