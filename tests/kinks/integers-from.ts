/** A linear congruential generator: integers from 0 to below `count`. */
export const integersFrom = (start: number): ((count: number) => number) => {
  let state = (Math.imul(start, 2654435761) + 12345) >>> 0
  return (count) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 4294967296) * count)
  }
}
