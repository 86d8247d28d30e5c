import { BinaryReader, WireType } from '@bufbuild/protobuf/wire'
import { InputError } from '../errors.ts'
import { mostNodes } from '../limits.ts'

/** A TensorProto: its numbers still as stored. */
export interface OnnxTensor {
  readonly name: string
  readonly dims: readonly number[]
  readonly type: number
  /** Are the numbers in another file? Then `outside` says where: location, offset, length. */
  readonly external: boolean
  readonly outside: ReadonlyMap<string, string>
  /** At most one of these holds the numbers, by element type. */
  readonly raw: Uint8Array | undefined
  readonly floats: readonly number[]
  readonly doubles: readonly number[]
  readonly integers: readonly number[]
  /** Byte offset in the file. */
  readonly offset: number
}

/** An AttributeProto; of the values only the one that `name` calls for is set in a sound file. */
export interface OnnxAttribute {
  readonly float: number | undefined
  readonly integer: number | undefined
  readonly text: string | undefined
  readonly tensor: OnnxTensor | undefined
  readonly floats: readonly number[]
  readonly integers: readonly number[]
}

/** A NodeProto. An empty name among inputs or outputs is one left out. */
export interface OnnxNode {
  readonly name: string
  readonly operator: string
  readonly domain: string
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly attributes: ReadonlyMap<string, OnnxAttribute>
  readonly offset: number
}

/** A ValueInfoProto: element type and dimensions where stated; a dimension that is a name or missing is undefined. */
export interface OnnxValue {
  readonly name: string
  readonly type: number | undefined
  readonly dims: readonly (number | undefined)[] | undefined
}

export interface OnnxGraph {
  readonly nodes: readonly OnnxNode[]
  readonly initializers: readonly OnnxTensor[]
  readonly inputs: readonly OnnxValue[]
  readonly outputs: readonly OnnxValue[]
}

export interface OnnxModel {
  readonly opset: number | undefined
  readonly graph: OnnxGraph
}

/** TensorProto.DataType: the ones that occur here. */
export const elementTypes = { float32: 1, int32: 6, int64: 7, bool: 9, float16: 10, float64: 11, bfloat16: 16 } as const

const wireNames = ['a varint', '8 bytes', 'a length', 'a group', 'a group end', '4 bytes']

/**
 * The message in the bytes of an ONNX file, down to what a network needs; unknown fields are skipped. Field numbers are
 * those of the ONNX schema (onnx.proto, versions 3 to 13 of the format). @throws InputError with the byte offset
 */
export function decodeMessages(bytes: Uint8Array, name: string): OnnxModel {
  const reader = new BinaryReader(bytes)
  try {
    return readModel(reader, bytes.length, name)
  } catch (error) {
    if (error instanceof InputError) throw error
    const at = Math.min(reader.pos, bytes.length)
    throw new InputError(`${name}: byte ${at}: not an ONNX file, or a damaged one (${(error as Error).message})`)
  }
}

type Fields = Readonly<Record<number, (wire: WireType) => void>>

/** Fields until `end`; a field that runs past it is an error. */
function readFields(reader: BinaryReader, end: number, fields: Fields): void {
  while (reader.pos < end) {
    const [number, wire] = reader.tag()
    const read = fields[number]
    if (read) read(wire)
    else reader.skip(wire, number)
  }
  if (reader.pos !== end) throw new Error('a field runs past the end of its message')
}

function wanted(wire: WireType, ...allowed: readonly WireType[]): void {
  if (!allowed.includes(wire)) throw new Error(`expected ${wireNames[allowed[0]]}, found ${wireNames[wire]}`)
}

/** The end of a length-delimited field, the reader at its start. */
function lengthDelimited(reader: BinaryReader, wire: WireType): number {
  wanted(wire, WireType.LengthDelimited)
  const length = reader.uint32()
  const end = reader.pos + length
  if (end > reader.len) throw new Error(`a field of ${length} bytes runs past the end of the file`)
  return end
}

/** A nested message: `read` is called with its end. */
const message = <T>(reader: BinaryReader, wire: WireType, read: (end: number) => T): T =>
  read(lengthDelimited(reader, wire))

function text(reader: BinaryReader, wire: WireType): string {
  wanted(wire, WireType.LengthDelimited)
  return reader.string()
}

/** A signed 64-bit integer; beyond 2^53 rounded, which no valid dimension or count reaches. */
function integer(reader: BinaryReader, wire: WireType): number {
  wanted(wire, WireType.Varint)
  return Number(reader.int64())
}

function float(reader: BinaryReader, wire: WireType): number {
  wanted(wire, WireType.Bit32)
  return reader.float()
}

/** A repeated scalar field, packed or not, appended to `into`. */
function scalars(reader: BinaryReader, wire: WireType, single: WireType, into: number[], read: () => number): void {
  wanted(wire, WireType.LengthDelimited, single)
  if (wire === single) {
    into.push(read())
    return
  }
  const end = lengthDelimited(reader, wire)
  while (reader.pos < end) into.push(read())
  if (reader.pos !== end) throw new Error('a packed field runs past its end')
}
const integers = (reader: BinaryReader, wire: WireType, into: number[]): void =>
  scalars(reader, wire, WireType.Varint, into, () => Number(reader.int64()))

function readModel(reader: BinaryReader, end: number, name: string): OnnxModel {
  let opset: number | undefined
  let graph: OnnxGraph | undefined
  readFields(reader, end, {
    7: (w) => {
      if (graph) throw new Error('a second graph')
      graph = message(reader, w, (e) => readGraph(reader, e))
    },
    8: (w) =>
      message(reader, w, (e) => {
        let domain = ''
        let version: number | undefined
        readFields(reader, e, {
          1: (v) => {
            domain = text(reader, v)
          },
          2: (v) => {
            version = integer(reader, v)
          }
        })
        if (domain === '' || domain === 'ai.onnx') opset = version
      })
  })
  if (!graph) throw new InputError(`${name}: byte ${end}: not an ONNX model (it holds no graph)`)
  return { opset, graph }
}

function readGraph(reader: BinaryReader, end: number): OnnxGraph {
  const nodes: OnnxNode[] = []
  const initializers: OnnxTensor[] = []
  const inputs: OnnxValue[] = []
  const outputs: OnnxValue[] = []
  const within = <T>(list: T[], item: T): void => {
    if (list.push(item) > mostNodes) throw new Error(`more than ${mostNodes} nodes or tensors`)
  }
  readFields(reader, end, {
    1: (w) =>
      within(
        nodes,
        message(reader, w, (e) => readNode(reader, e))
      ),
    5: (w) =>
      within(
        initializers,
        message(reader, w, (e) => readTensor(reader, e))
      ),
    11: (w) =>
      within(
        inputs,
        message(reader, w, (e) => readValue(reader, e))
      ),
    12: (w) =>
      within(
        outputs,
        message(reader, w, (e) => readValue(reader, e))
      )
  })
  return { nodes, initializers, inputs, outputs }
}

function readNode(reader: BinaryReader, end: number): OnnxNode {
  const offset = reader.pos
  const node = { name: '', operator: '', domain: '', inputs: [] as string[], outputs: [] as string[] }
  const attributes = new Map<string, OnnxAttribute>()
  readFields(reader, end, {
    1: (w) => {
      node.inputs.push(text(reader, w))
    },
    2: (w) => {
      node.outputs.push(text(reader, w))
    },
    3: (w) => {
      node.name = text(reader, w)
    },
    4: (w) => {
      node.operator = text(reader, w)
    },
    5: (w) => {
      const [key, attribute] = message(reader, w, (e) => readAttribute(reader, e))
      attributes.set(key, attribute)
    },
    7: (w) => {
      node.domain = text(reader, w)
    }
  })
  if (node.operator === '' || node.outputs.length === 0) throw new Error('a node without operator or output')
  return { ...node, attributes, offset }
}

function readAttribute(reader: BinaryReader, end: number): [string, OnnxAttribute] {
  let name = ''
  const attribute = {
    float: undefined as number | undefined,
    integer: undefined as number | undefined,
    text: undefined as string | undefined,
    tensor: undefined as OnnxTensor | undefined,
    floats: [] as number[],
    integers: [] as number[]
  }
  readFields(reader, end, {
    1: (w) => {
      name = text(reader, w)
    },
    2: (w) => {
      attribute.float = float(reader, w)
    },
    3: (w) => {
      attribute.integer = integer(reader, w)
    },
    4: (w) => {
      attribute.text = text(reader, w)
    },
    5: (w) => {
      attribute.tensor = message(reader, w, (e) => readTensor(reader, e))
    },
    7: (w) => scalars(reader, w, WireType.Bit32, attribute.floats, () => reader.float()),
    8: (w) => integers(reader, w, attribute.integers)
  })
  return [name, attribute]
}

function readTensor(reader: BinaryReader, end: number): OnnxTensor {
  const offset = reader.pos
  const tensor = { name: '', type: 0, external: false, raw: undefined as Uint8Array | undefined }
  const dims: number[] = []
  const floats: number[] = []
  const doubles: number[] = []
  const whole: number[] = []
  const outside = new Map<string, string>()
  readFields(reader, end, {
    1: (w) => integers(reader, w, dims),
    2: (w) => {
      tensor.type = integer(reader, w)
    },
    4: (w) => scalars(reader, w, WireType.Bit32, floats, () => reader.float()),
    5: (w) => integers(reader, w, whole),
    7: (w) => integers(reader, w, whole),
    8: (w) => {
      tensor.name = text(reader, w)
    },
    9: (w) => {
      wanted(w, WireType.LengthDelimited)
      tensor.raw = reader.bytes()
    },
    10: (w) => scalars(reader, w, WireType.Bit64, doubles, () => reader.double()),
    13: (w) =>
      message(reader, w, (e) => {
        const entry = { key: '', value: '' }
        readFields(reader, e, {
          1: (v) => {
            entry.key = text(reader, v)
          },
          2: (v) => {
            entry.value = text(reader, v)
          }
        })
        outside.set(entry.key, entry.value)
      }),
    14: (w) => {
      tensor.external = integer(reader, w) === 1
    }
  })
  return { ...tensor, outside, dims, floats, doubles, integers: whole, offset }
}

function readValue(reader: BinaryReader, end: number): OnnxValue {
  const value = { name: '', type: undefined as number | undefined }
  let dims: (number | undefined)[] | undefined
  const dimension = (e: number): void => {
    let size: number | undefined
    readFields(reader, e, {
      1: (w) => {
        size = integer(reader, w)
      }
    })
    dims?.push(size !== undefined && size > 0 ? size : undefined)
  }
  const shape = (e: number): void => {
    dims = []
    readFields(reader, e, { 1: (w) => message(reader, w, dimension) })
  }
  const tensorType = (e: number): void =>
    readFields(reader, e, {
      1: (w) => {
        value.type = integer(reader, w)
      },
      2: (w) => message(reader, w, shape)
    })
  readFields(reader, end, {
    1: (w) => {
      value.name = text(reader, w)
    },
    2: (w) => message(reader, w, (e) => readFields(reader, e, { 1: (v) => message(reader, v, tensorType) }))
  })
  return { ...value, dims }
}
