import { InputError } from '../errors.ts'
import { mostEntries } from '../limits.ts'
import { elementCount } from '../tensors/named-tensor.ts'
import { type Hdf5Bytes, hdf5Bytes, nowhere } from './bytes.ts'
import { type Dataset, readDataset } from './dataset.ts'
import { readDataspace, readDatatype, textAt } from './datatype.ts'
import { groupLinks, linkOf } from './links.ts'

/** A message of an object header: its type, and where its body stands. */
export interface Message {
  readonly type: number
  readonly at: number
  readonly size: number
}

/** A group (with links to others) or a dataset, and the texts among its attributes. */
export interface Hdf5Object {
  readonly links: ReadonlyMap<string, number>
  readonly attributes: ReadonlyMap<string, readonly string[]>
  readonly dataset: Dataset | undefined
}

/** An open file: its root, and any object by the path from the root. */
export interface Hdf5File {
  readonly root: Hdf5Object
  readonly follow: (object: Hdf5Object, ...path: readonly string[]) => Hdf5Object | undefined
}

const mostMessages = 10_000

/** The messages of an object header of version 1 or 2, over all its blocks. */
function messagesOf(file: Hdf5Bytes, at: number): readonly Message[] {
  const messages: Message[] = []
  const blocks: { readonly from: number; readonly to: number }[] = []
  const second = file.bytes[at] === 0x4f
  let ordered = false
  if (second) {
    file.signature(at, 'OHDR')
    const flags = file.unsigned(at + 5, 1)
    ordered = (flags & 4) !== 0
    const from = at + 6 + (flags & 32 ? 16 : 0) + (flags & 16 ? 4 : 0)
    const size = 1 << (flags & 3)
    const length = file.unsigned(from, size)
    blocks.push({ from: from + size, to: from + size + length })
  } else {
    if (file.unsigned(at, 1) !== 1) file.fail(at, 'expected an object header, a damaged HDF5 file')
    blocks.push({ from: at + 16, to: at + 16 + file.unsigned(at + 8, 4) })
  }
  const head = second ? (ordered ? 6 : 4) : 8
  for (const block of blocks) {
    for (let k = block.from; k + head <= block.to; ) {
      const type = file.unsigned(k, second ? 1 : 2)
      const size = file.unsigned(k + (second ? 1 : 2), 2)
      const body = k + head
      file.slice(body, size)
      if (messages.push({ type, at: body, size }) > mostMessages) file.fail(at, `more than ${mostMessages} messages`)
      if (type === 16) {
        const [from, length] = [file.unsigned(body, 8), file.unsigned(body + 8, 8)]
        file.slice(from, length)
        if (second) file.signature(from, 'OCHK')
        blocks.push(second ? { from: from + 4, to: from + length - 4 } : { from, to: from + length })
      }
      k = body + size
    }
  }
  return messages
}

/** Name and texts of an attribute; undefined when it holds no texts. */
function attribute(file: Hdf5Bytes, at: number): readonly [string, readonly string[]] | undefined {
  const version = file.unsigned(at, 1)
  if (version < 1 || version > 3) file.fail(at, `attribute version ${version} is not known`)
  const sizes = [2, 4, 6].map((k) => file.unsigned(at + k, 2))
  const padded = version === 1 ? sizes.map((n) => 8 * Math.ceil(n / 8)) : sizes
  const name = at + (version === 3 ? 9 : 8)
  const type = readDatatype(file, name + padded[0])
  const shape = readDataspace(file, name + padded[0] + padded[1])
  if (type.kind !== 'text') return undefined
  const values = name + padded[0] + padded[1] + padded[2]
  const count = elementCount(shape)
  if (!(count <= mostEntries)) file.fail(at, `${count} texts are too many`)
  file.slice(values, count * type.size)
  return [
    file.text(name, sizes[0]),
    Array.from({ length: count }, (_, k) => textAt(file, type, values + k * type.size))
  ]
}

function readObject(file: Hdf5Bytes, at: number): Hdf5Object {
  const messages = messagesOf(file, at)
  const of = (type: number): Message | undefined => messages.find((m) => m.type === type)
  const attributes = new Map<string, readonly string[]>()
  for (const message of messages) {
    const found = message.type === 12 ? attribute(file, message.at) : undefined
    if (found) attributes.set(found[0], found[1])
  }
  const attributeInfo = of(21)
  if (attributeInfo) {
    const flags = file.unsigned(attributeInfo.at + 1, 1)
    if (file.unsigned(attributeInfo.at + 2 + (flags & 1 ? 2 : 0), 8) !== nowhere)
      file.fail(attributeInfo.at, 'attributes in a heap of their own are not read (written with libver="latest")')
  }
  const linkInfo = of(2)
  if (linkInfo) {
    const flags = file.unsigned(linkInfo.at + 1, 1)
    if (file.unsigned(linkInfo.at + 2 + (flags & 1 ? 8 : 0), 8) !== nowhere)
      file.fail(linkInfo.at, 'groups in a heap of their own are not read (written with libver="latest")')
  }
  const links = new Map<string, number>()
  const table = of(17)
  if (table) for (const [name, to] of groupLinks(file, table.at)) links.set(name, to)
  for (const message of messages) {
    const link = message.type === 6 ? linkOf(file, message.at) : undefined
    if (link) links.set(link[0], link[1])
  }
  return { links, attributes, dataset: of(8) && readDataset(file, of) }
}

/** Does the file begin as HDF5 does? */
const isHdf5 = (bytes: Uint8Array): boolean =>
  [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a].every((byte, k) => bytes[k] === byte)

/**
 * The objects of an HDF5 file as h5py writes it by default: groups, texts as attributes, datasets in one piece or in
 * chunks. Every place is checked, every object is read at most a bounded number of times. @throws InputError
 */
export function openHdf5(bytes: Uint8Array, name: string): Hdf5File {
  const file = hdf5Bytes(bytes, name)
  if (!isHdf5(bytes)) throw new InputError(`${name}: byte 0: not an HDF5 file`)
  const version = file.unsigned(8, 1)
  if (version > 3) file.fail(8, `superblock version ${version} is not known`)
  const sizes = version < 2 ? 13 : 9
  if (file.unsigned(sizes, 1) !== 8 || file.unsigned(sizes + 1, 1) !== 8)
    file.fail(sizes, 'only addresses of 8 bytes are read')
  const base = file.unsigned(version < 2 ? 24 + 4 * version : 12, 8)
  if (base !== 0) file.fail(12, `the file begins at byte ${base} of itself, which is not read`)
  let opened = 0
  const open = (at: number): Hdf5Object => {
    if (++opened > mostEntries) file.fail(at, `more than ${mostEntries} objects`)
    return readObject(file, at)
  }
  const follow = (from: Hdf5Object, ...path: readonly string[]): Hdf5Object | undefined => {
    let object: Hdf5Object | undefined = from
    for (const word of path) {
      const to: number | undefined = object.links.get(word)
      if (to === undefined) return undefined
      object = open(to)
    }
    return object
  }
  return { root: open(file.unsigned(version < 2 ? 64 + 4 * version : 36, 8)), follow }
}
