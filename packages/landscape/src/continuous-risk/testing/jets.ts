import {
  addIntervals,
  type DoubleInterval,
  divideIntervals,
  exactInterval,
  multiplyIntervals,
  subtractIntervals
} from '@nadir/arithmetic'

/** A function value and its derivative, both enclosed. */
export interface Jet {
  readonly value: DoubleInterval
  readonly slope: DoubleInterval
}

export const constantJet = (x: DoubleInterval): Jet => ({ value: x, slope: exactInterval(0) })
export const addJets = (f: Jet, g: Jet): Jet => ({
  value: addIntervals(f.value, g.value),
  slope: addIntervals(f.slope, g.slope)
})
export const subtractJets = (f: Jet, g: Jet): Jet => ({
  value: subtractIntervals(f.value, g.value),
  slope: subtractIntervals(f.slope, g.slope)
})
export const multiplyJets = (f: Jet, g: Jet): Jet => ({
  value: multiplyIntervals(f.value, g.value),
  slope: addIntervals(multiplyIntervals(f.slope, g.value), multiplyIntervals(f.value, g.slope))
})
export function divideJets(f: Jet, g: Jet): Jet {
  const value = divideIntervals(f.value, g.value)
  return { value, slope: divideIntervals(subtractIntervals(f.slope, multiplyIntervals(value, g.slope)), g.value) }
}
