/** Bytes packed by Snappy, to exactly `length` of them. @throws Error for damaged bytes */
export function unpackSnappy(packed: Uint8Array, length: number): Uint8Array {
  let at = 0
  const byte = (): number => {
    if (at >= packed.length) throw new Error('a packed page ends too early')
    return packed[at++]
  }
  const little = (size: number): number => {
    let value = 0
    for (let k = 0; k < size; k++) value += byte() * 256 ** k
    return value
  }
  let declared = 0
  for (let k = 0; ; k++) {
    const next = byte()
    declared += (next & 127) * 2 ** (7 * k)
    if (next < 128) break
    if (k === 4) throw new Error('a packed page without a length')
  }
  if (declared !== length) throw new Error(`a packed page of ${declared} bytes, declared as ${length}`)
  const out = new Uint8Array(length)
  let to = 0
  const room = (size: number): void => {
    if (size > length - to) throw new Error('a packed page holds more than it declares')
  }
  while (at < packed.length) {
    const tag = byte()
    const kind = tag & 3
    if (kind === 0) {
      // A literal: up to 60 bytes by the tag, or a length of one to four bytes.
      const size = (tag >> 2 < 60 ? tag >> 2 : little((tag >> 2) - 59)) + 1
      room(size)
      if (size > packed.length - at) throw new Error('a packed page ends too early')
      out.set(packed.subarray(at, at + size), to)
      at += size
      to += size
      continue
    }
    const size = kind === 1 ? ((tag >> 2) & 7) + 4 : (tag >> 2) + 1
    const back = kind === 1 ? (tag >> 5) * 256 + byte() : little(kind === 2 ? 2 : 4)
    if (back < 1 || back > to) throw new Error('a packed page refers to before its start')
    room(size)
    // One by one: the piece may overlap what it makes.
    for (let k = 0; k < size; k++, to++) out[to] = out[to - back]
  }
  if (to !== length) throw new Error(`a packed page holds ${to} bytes, declared as ${length}`)
  return out
}
