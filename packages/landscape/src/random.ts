import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'

/** A stream of doubles in [0, 1) from a seed; the same seed gives the same stream everywhere. */
export function randomStream(seed: number): () => number {
  const generator = xoroshiro128plus(seed)
  return () => {
    const high = generator.next() >>> 5
    const low = generator.next() >>> 6
    return (high * 67108864 + low) / 9007199254740992
  }
}
