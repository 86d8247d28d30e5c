import { moduleText } from './module.generated.ts'

/** The part of the WebAssembly interface that is used here; the standard library has no type for it without a browser or Node. */
declare const WebAssembly: {
  Module: new (bytes: Uint8Array) => object
  Instance: new (module: object) => { readonly exports: unknown }
}

/** The routines of assembly/kernels.ts; pointers are byte offsets. */
interface Routines {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number }
  packRows(from: number, rows: number, depth: number, to: number): void
  packColumns(from: number, stride: number, depth: number, to: number): void
  sparseRows(
    rows: number,
    starts: number,
    places: number,
    values: number,
    dense: number,
    slabBytes: number,
    slabs: number,
    out: number
  ): void
  gatheredRows(
    rows: number,
    starts: number,
    places: number,
    offsets: number,
    left: number,
    dense: number,
    slabBytes: number,
    slabs: number,
    out: number
  ): void
  appendRow(row: number, length: number, places: number, values: number, count: number): number
  repeatRow(from: number, rows: number, to: number): void
  addColumnSums(from: number, rows: number, to: number): void
  entrywise(a: number, b: number, count: number, out: number): void
  addEntrywise(a: number, b: number, count: number, out: number): void
  dot(x: number, y: number, length: number): number
  addMultiple(to: number, x: number, factor: number, length: number): void
  dots(basis: number, count: number, length: number, w: number, out: number): void
  subtractCombination(basis: number, count: number, length: number, w: number, coefficients: number): void
  symmetricSweep(a: number, rowBytes: number, order: number, u: number, q: number, w: number, p: number): void
  rotate(x: number, y: number, count: number, c: number, s: number): void
  reflectRows(m: number, rowBytes: number, rows: number, u: number, count: number, factor: number): void
  addTiles(rows: number, columnPanels: number, depth: number, a: number, b: number, c: number, rowBytes: number): void
}

const pageBytes = 65536
let compiled: object | undefined

/** A fresh instance whose memory holds at least `bytes` bytes; it lives as long as it is referred to. */
export function newInstance(bytes: number): Routines {
  compiled ??= new WebAssembly.Module(decodeBase64(moduleText))
  const routines = new WebAssembly.Instance(compiled).exports as Routines
  const missing = bytes - routines.memory.buffer.byteLength
  if (missing > 0) routines.memory.grow(Math.ceil(missing / pageBytes))
  return routines
}

function decodeBase64(text: string): Uint8Array {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
  const length = text.replace(/=+$/, '').length
  const bytes = new Uint8Array(Math.floor((length * 3) / 4))
  for (let at = 0, buffer = 0, bits = 0, i = 0; i < length; i++) {
    buffer = ((buffer << 6) | alphabet.indexOf(text[i]!)) & 0xffffff
    bits += 6
    if (bits < 8) continue
    bits -= 8
    bytes[at++] = (buffer >> bits) & 0xff
  }
  return bytes
}
