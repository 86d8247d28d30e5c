import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire'

/** A tensor for a test graph; `stored` says in which field of the message its numbers stand. */
export interface TestTensor {
  readonly type: 'float32' | 'float64' | 'int64'
  readonly dims: readonly number[]
  readonly values: readonly number[]
  readonly stored?: 'raw' | 'field'
  /** Numbers in another file: location, offset, length. */
  readonly outside?: Readonly<Record<string, string>>
}
type TestAttribute =
  | { readonly int: number }
  | { readonly float: number }
  | { readonly text: string }
  | { readonly ints: readonly number[] }
  | { readonly tensor: TestTensor }
/** Operator, inputs, outputs, attributes. */
export type TestNode = readonly [string, readonly string[], readonly string[], Readonly<Record<string, TestAttribute>>?]

export interface TestGraph {
  readonly nodes: readonly TestNode[]
  readonly tensors: Readonly<Record<string, TestTensor>>
  readonly input?: readonly (number | string)[] | undefined
  readonly inputType?: number
  readonly output?: string
  readonly opset?: number
  readonly domain?: string
}

const types = { float32: 1, float64: 11, int64: 7 }
type Write = (w: BinaryWriter) => void

const message = (w: BinaryWriter, field: number, write: Write): void => {
  w.tag(field, WireType.LengthDelimited).fork()
  write(w)
  w.join()
}
const text = (w: BinaryWriter, field: number, value: string) => w.tag(field, WireType.LengthDelimited).string(value)
const int = (w: BinaryWriter, field: number, value: number) => w.tag(field, WireType.Varint).int64(value)

function tensor(w: BinaryWriter, name: string, { type, dims, values, stored, outside }: TestTensor): void {
  message(w, 1, (packed) => {
    for (const n of dims) packed.int64(n)
  })
  int(w, 2, types[type])
  text(w, 8, name)
  if (outside) {
    for (const [key, value] of Object.entries(outside))
      message(w, 13, (entry) => {
        text(entry, 1, key)
        text(entry, 2, value)
      })
    int(w, 14, 1)
    return
  }
  if (stored === 'field') {
    // Both spellings of repeated numbers occur: packed floats, and here single doubles and integers.
    if (type === 'float32') message(w, 4, (p) => values.map((x) => p.float(x)))
    else for (const x of values) type === 'float64' ? w.tag(10, WireType.Bit64).double(x) : int(w, 7, x)
    return
  }
  const raw = new BinaryWriter()
  for (const x of values) {
    if (type === 'float32') raw.float(x)
    else if (type === 'float64') raw.double(x)
    else raw.fixed64(BigInt.asUintN(64, BigInt(x)))
  }
  w.tag(9, WireType.LengthDelimited).bytes(raw.finish())
}

function attribute(w: BinaryWriter, name: string, a: TestAttribute): void {
  text(w, 1, name)
  if ('int' in a) int(w, 3, a.int)
  else if ('float' in a) w.tag(2, WireType.Bit32).float(a.float)
  else if ('text' in a) text(w, 4, a.text)
  else if ('ints' in a) message(w, 8, (p) => a.ints.map((n) => p.int64(n)))
  else message(w, 5, (t) => tensor(t, '', a.tensor))
}

/** The bytes of an ONNX file with this graph, written apart from the writer of the package. */
export function onnxFile(graph: TestGraph): Uint8Array {
  const w = new BinaryWriter()
  // Fields in an order of its own, and one that no schema knows.
  message(w, 8, (o) => {
    text(o, 1, '')
    int(o, 2, graph.opset ?? 17)
  })
  text(w, 999, 'unknown')
  int(w, 1, 8)
  message(w, 7, (g) => {
    for (const [name, t] of Object.entries(graph.tensors)) message(g, 5, (m) => tensor(m, name, t))
    for (const [k, [operator, inputs, outputs, attributes]] of graph.nodes.entries())
      message(g, 1, (n) => {
        for (const [name, a] of Object.entries(attributes ?? {})) message(n, 5, (m) => attribute(m, name, a))
        text(n, 4, operator)
        text(n, 3, `node_${k}`)
        if (graph.domain) text(n, 7, graph.domain)
        for (const name of inputs) text(n, 1, name)
        for (const name of outputs) text(n, 2, name)
      })
    message(g, 11, (v) => {
      text(v, 1, 'input')
      const { input } = graph
      message(v, 2, (t) =>
        message(t, 1, (s) => {
          int(s, 1, graph.inputType ?? 11)
          if (input)
            message(s, 2, (d) => {
              for (const n of input) message(d, 1, (e) => (typeof n === 'number' ? int(e, 1, n) : text(e, 2, n)))
            })
        })
      )
    })
    message(g, 12, (v) => text(v, 1, graph.output ?? 'output'))
  })
  return w.finish()
}
