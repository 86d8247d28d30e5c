/** The double that a 16-bit IEEE half float stands for: exact. */
export function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 31
  const fraction = bits & 1023
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY
  return sign * (exponent ? (1024 + fraction) * 2 ** (exponent - 25) : fraction * 2 ** -24)
}

const view = new DataView(new ArrayBuffer(4))

/** The double that a bfloat16 (the upper half of a float32) stands for: exact. */
export function bfloatToNumber(bits: number): number {
  view.setUint16(0, bits)
  return view.getFloat32(0)
}

/** Little-endian readers of the floating-point types, by bytes per number; every value is exactly a double. */
export const floatReaders = {
  float64: { bytes: 8, read: (v: DataView, at: number): number => v.getFloat64(at, true) },
  float32: { bytes: 4, read: (v: DataView, at: number): number => v.getFloat32(at, true) },
  float16: { bytes: 2, read: (v: DataView, at: number): number => halfToNumber(v.getUint16(at, true)) },
  bfloat16: { bytes: 2, read: (v: DataView, at: number): number => bfloatToNumber(v.getUint16(at, true)) }
} as const

export type FloatType = keyof typeof floatReaders

/** All the numbers in bytes that need not be aligned; a remainder shorter than one number is left out. */
export function floatsOf(bytes: Uint8Array, type: FloatType): Float64Array {
  const { bytes: size, read } = floatReaders[type]
  const v = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return Float64Array.from({ length: Math.floor(bytes.length / size) }, (_, i) => read(v, i * size))
}
