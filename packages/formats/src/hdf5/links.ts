import { mostEntries } from '../limits.ts'
import type { Hdf5Bytes } from './bytes.ts'

/** Names and addresses in a group of the older kind: a B-tree of symbol nodes, names in a local heap. */
export function groupLinks(file: Hdf5Bytes, table: number): ReadonlyMap<string, number> {
  const heap = file.unsigned(table + 8, 8)
  file.signature(heap, 'HEAP')
  const names = file.unsigned(heap + 24, 8)
  const namesSize = file.unsigned(heap + 8, 8)
  file.slice(names, namesSize)
  const links = new Map<string, number>()
  const seen = new Set<number>()
  const open = [file.unsigned(table, 8)]
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (seen.size === seen.add(node).size || seen.size > mostEntries) file.fail(node, 'a group that holds itself')
    if (file.bytes[node] === 0x54) {
      file.signature(node, 'TREE')
      const count = file.unsigned(node + 6, 2)
      // Last first, so that they come off the stack in their order.
      for (let k = count - 1; k >= 0; k--) open.push(file.unsigned(node + 24 + 8 + 16 * k, 8))
      continue
    }
    file.signature(node, 'SNOD')
    const count = file.unsigned(node + 6, 2)
    for (let k = 0; k < count; k++) {
      const entry = node + 8 + 40 * k
      const offset = file.unsigned(entry, 8)
      if (!(offset < namesSize)) file.fail(entry, 'a name outside the names')
      links.set(file.text(names + offset, namesSize - offset), file.unsigned(entry + 8, 8))
    }
  }
  return links
}

/** Name and address of a link message; undefined for a soft or external link. */
export function linkOf(file: Hdf5Bytes, at: number): readonly [string, number] | undefined {
  const flags = file.unsigned(at + 1, 1)
  let place = at + 2
  const type = flags & 8 ? file.unsigned(place++, 1) : 0
  if (flags & 4) place += 8
  if (flags & 16) place++
  const size = 1 << (flags & 3)
  const length = file.unsigned(place, size)
  place += size
  return type === 0 ? [file.text(place, length), file.unsigned(place + length, 8)] : undefined
}
