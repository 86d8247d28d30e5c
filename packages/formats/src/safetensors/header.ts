import { InputError } from '../errors.ts'
import { parseJson } from '../json/json.ts'
import { asArray, asCount, asObject, asText } from '../json/shape-of-json.ts'
import { decodeText } from '../text.ts'

/** One tensor of a safetensors file: where its bytes stand, counted from the start of the file. */
export interface TensorEntry {
  readonly name: string
  readonly type: string
  readonly shape: readonly number[]
  readonly start: number
  readonly end: number
}

/** The header of a safetensors file: tensors in the order of their bytes, and the free texts beside them. */
export interface SafetensorsHeader {
  readonly tensors: readonly TensorEntry[]
  readonly metadata: ReadonlyMap<string, string>
}

const largestHeader = 100_000_000
const bitsOf: Readonly<Record<string, number>> = {
  BOOL: 8,
  U8: 8,
  I8: 8,
  F8_E5M2: 8,
  F8_E4M3: 8,
  I16: 16,
  U16: 16,
  F16: 16,
  BF16: 16,
  I32: 32,
  U32: 32,
  F32: 32,
  F64: 64,
  I64: 64,
  U64: 64
}

/** The header, every offset checked: in range, without overlap, without gap. @throws InputError with the byte offset */
export function decodeHeader(bytes: Uint8Array, name: string): SafetensorsHeader {
  if (bytes.length < 8)
    throw new InputError(`${name}: byte 0: too short for a safetensors file (${bytes.length} bytes)`)
  const length = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true)
  if (length > BigInt(Math.min(largestHeader, bytes.length - 8)))
    throw new InputError(`${name}: byte 0: a header of ${length} bytes does not fit into ${bytes.length} bytes`)
  const data = 8 + Number(length)
  const header = `${name}: header (at byte 8)`
  const json = parseJson(decodeText(bytes.subarray(8, data), header), header)
  const metadata = new Map<string, string>()
  const tensors: TensorEntry[] = []
  for (const [key, value] of asObject(json, header)) {
    const where = `${header}: "${key}"`
    if (key === '__metadata__') {
      for (const [word, text] of asObject(value, where)) metadata.set(word, asText(text, `${where}.${word}`))
      continue
    }
    const entry = asObject(value, where, ['dtype', 'shape', 'data_offsets'])
    const type = asText(entry.get('dtype'), `${where}.dtype`)
    if (!Object.hasOwn(bitsOf, type)) throw new InputError(`${where}: unknown dtype "${type}"`)
    const shape = asArray(entry.get('shape'), `${where}.shape`).map((n, i) => asCount(n, 0, `${where}.shape[${i}]`))
    const offsets = asArray(entry.get('data_offsets'), `${where}.data_offsets`)
    if (offsets.length !== 2) throw new InputError(`${where}.data_offsets: expected 2 numbers, found ${offsets.length}`)
    const [start, end] = offsets.map((n, i) => data + asCount(n, 0, `${where}.data_offsets[${i}]`))
    const needed = (shape.reduce((a, b) => a * b, 1) * bitsOf[type]) / 8
    if (end - start !== needed)
      throw new InputError(`${where}: shape [${shape.join(', ')}] of ${type} needs ${needed} bytes, not ${end - start}`)
    tensors.push({ name: key, type, shape, start, end })
  }
  tensors.sort((a, b) => a.start - b.start || a.end - b.end)
  let at = data
  for (const t of tensors) {
    if (t.end > bytes.length)
      throw new InputError(
        `${name}: byte ${t.start}: tensor "${t.name}" ends at byte ${t.end}, past the end (${bytes.length})`
      )
    if (t.start !== at)
      throw new InputError(
        `${name}: byte ${t.start}: tensor "${t.name}" should begin at byte ${at}, after the one before it`
      )
    at = t.end
  }
  if (at !== bytes.length) throw new InputError(`${name}: byte ${at}: ${bytes.length - at} bytes belong to no tensor`)
  return { tensors, metadata }
}
