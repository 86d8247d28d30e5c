import type { Rational } from '@nadir/arithmetic'
import { InputError } from '../errors.ts'
import { decodeText } from '../text.ts'
import { parseJson } from './json.ts'
import { writtenTensor } from './layer-json.ts'
import { asArray, asCount, isObject } from './shape-of-json.ts'

/** Affine pieces, the coefficients of the inputs and then the constant; the function is the greatest over the sets of the least piece of a set. Exact. */
export interface WrittenPieces {
  readonly pieces: readonly (readonly Rational[])[]
  readonly sets: readonly (readonly number[])[]
}

/**
 * The list of affine pieces in a file { "pieces": [["1/2", 3], ...], "sets": [[0, 1], [2]] }; without sets every piece is a set of its own, and the function the
 * greatest of the pieces. Undefined for a file without "pieces". @throws InputError
 */
export function decodePieces(bytes: Uint8Array, name: string): WrittenPieces | undefined {
  const json = parseJson(decodeText(bytes, name), name)
  if (!isObject(json) || !json.has('pieces')) return undefined
  const { shape, entries } = writtenTensor(json.get('pieces'), 2, `${name}: pieces`)
  const [count, width] = shape as readonly [number, number]
  if (width < 2) throw new InputError(`${name}: pieces: expected the coefficients of the inputs and then a constant`)
  const pieces = Array.from({ length: count }, (_, j) => entries.slice(j * width, (j + 1) * width))
  if (!json.has('sets')) return { pieces, sets: pieces.map((_, j) => [j]) }
  const sets = asArray(json.get('sets'), `${name}: sets`).map((set, s) =>
    asArray(set, `${name}: sets[${s}]`).map((item, k) => {
      const where = `${name}: sets[${s}][${k}]`
      const piece = asCount(item, 0, where)
      if (piece >= count) throw new InputError(`${where}: expected a piece from 0 to ${count - 1}, found ${piece}`)
      return piece
    })
  )
  if (sets.length === 0 || sets.some((set) => set.length === 0))
    throw new InputError(`${name}: sets: expected at least one set, and in each at least one piece`)
  return { pieces, sets }
}
