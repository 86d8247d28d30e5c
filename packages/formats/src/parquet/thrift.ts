/** A value of Thrift's compact protocol; a structure is its fields by their numbers. */
export type ThriftValue = number | boolean | Uint8Array | readonly ThriftValue[] | ThriftStructure
export type ThriftStructure = ReadonlyMap<number, ThriftValue>

const deepest = 16

/**
 * The structure at byte `start`, and the byte after it. A list has at most as many items as there are bytes left.
 * Integers beyond 2^53 are rounded, which no valid count or offset reaches. @throws Error for damaged bytes
 */
export function readThrift(
  bytes: Uint8Array,
  start: number,
  end: number
): { readonly value: ThriftStructure; readonly end: number } {
  let at = start
  const byte = (): number => {
    if (at >= end) throw new Error('a structure runs past its end')
    return bytes[at++]
  }
  const block = (length: number): Uint8Array => {
    if (!(length <= end - at)) throw new Error(`${length} bytes run past the end`)
    at += length
    return bytes.subarray(at - length, at)
  }
  const unsigned = (): number => {
    let value = 0
    for (let k = 0; k < 10; k++) {
      const next = byte()
      value += (next & 127) * 2 ** (7 * k)
      if (next < 128) return value
    }
    throw new Error('an integer of more than 64 bits')
  }
  const signed = (): number => {
    const n = unsigned()
    return n % 2 === 0 ? n / 2 : -(n + 1) / 2
  }
  const list = (depth: number): readonly ThriftValue[] => {
    const head = byte()
    const length = head >> 4 === 15 ? unsigned() : head >> 4
    if (length > end - at) throw new Error(`a list of ${length} items runs past the end`)
    const type = head & 15
    // Truth is part of the type of a field, but a byte of its own in a list.
    return Array.from({ length }, () => (type <= 2 ? byte() === 1 : item(type, depth + 1)))
  }
  const item = (type: number, depth: number): ThriftValue => {
    if (depth > deepest) throw new Error('structures are nested too deeply')
    if (type === 1 || type === 2) return type === 1
    if (type === 3) return byte()
    if (type >= 4 && type <= 6) return signed()
    if (type === 7) return block(8)
    if (type === 8) return block(unsigned())
    if (type === 9 || type === 10) return list(depth)
    if (type === 12) return structure(depth)
    throw new Error(`type ${type} is not known`)
  }
  const structure = (depth: number): ThriftStructure => {
    const fields = new Map<number, ThriftValue>()
    for (let id = 0; ; ) {
      const head = byte()
      if (head === 0) return fields
      id = head >> 4 ? id + (head >> 4) : signed()
      fields.set(id, item(head & 15, depth + 1))
    }
  }
  return { value: structure(0), end: at }
}

export const numberField = (s: ThriftStructure | undefined, id: number): number | undefined => {
  const value = s?.get(id)
  return typeof value === 'number' ? value : undefined
}
export const structureField = (s: ThriftStructure | undefined, id: number): ThriftStructure | undefined => {
  const value = s?.get(id)
  return value instanceof Map ? (value as ThriftStructure) : undefined
}
/** The structures in a list; empty when there is no list. */
export const structuresField = (s: ThriftStructure | undefined, id: number): readonly ThriftStructure[] => {
  const value = s?.get(id)
  return Array.isArray(value) ? value.filter((v): v is ThriftStructure => v instanceof Map) : []
}
export const textOf = (value: ThriftValue | undefined): string =>
  value instanceof Uint8Array ? new TextDecoder().decode(value) : ''
