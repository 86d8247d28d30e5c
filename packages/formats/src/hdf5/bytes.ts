import { InputError } from '../errors.ts'

/** Reads little-endian numbers of an HDF5 file, each place checked against its end. */
export interface Hdf5Bytes {
  readonly name: string
  readonly bytes: Uint8Array
  readonly unsigned: (at: number, size: number) => number
  readonly slice: (at: number, length: number) => Uint8Array
  /** The text up to a zero byte, or of all the bytes. */
  readonly text: (at: number, length?: number) => string
  readonly signature: (at: number, word: string) => void
  readonly fail: (at: number, message: string) => never
}

/** An address or length of 8 bytes with all bits set: there is none. */
export const nowhere = 2 ** 64

export function hdf5Bytes(bytes: Uint8Array, name: string): Hdf5Bytes {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const fail = (at: number, message: string): never => {
    throw new InputError(`${name}: byte ${at}: ${message}`)
  }
  const within = (at: number, length: number): number =>
    Number.isSafeInteger(at) && at >= 0 && length >= 0 && at + length <= bytes.length
      ? at
      : fail(at, `${length} bytes run past the end of the file (${bytes.length})`)
  const unsigned = (at: number, size: number): number => {
    within(at, size)
    if (size === 8) return Number(view.getBigUint64(at, true))
    return size === 4 ? view.getUint32(at, true) : size === 2 ? view.getUint16(at, true) : bytes[at]
  }
  const text = (at: number, length = bytes.length - at): string => {
    const all = bytes.subarray(within(at, length), at + length)
    const end = all.indexOf(0)
    return new TextDecoder().decode(end < 0 ? all : all.subarray(0, end))
  }
  return {
    name,
    bytes,
    unsigned,
    slice: (at, length) => bytes.subarray(within(at, length), at + length),
    text,
    signature: (at, word) => {
      for (let k = 0; k < word.length; k++)
        if (bytes[within(at, word.length) + k] !== word.charCodeAt(k))
          fail(at, `expected "${word}", a damaged HDF5 file`)
    },
    fail
  }
}
