import { InputError } from './errors.ts'

/** @throws InputError naming the tensor and the entry when one is NaN or infinite */
export function assertFinite(values: Float64Array, where: string): void {
  const bad = values.findIndex((x) => !Number.isFinite(x))
  if (bad >= 0) throw new InputError(`${where}: entry ${bad} is ${values[bad]}, which is not a number to compute with`)
}

/** The transpose of a row-major matrix with `rows` rows. */
export function transposed(values: Float64Array, rows: number): Float64Array {
  const columns = rows === 0 ? 0 : values.length / rows
  const out = new Float64Array(values.length)
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) out[j * rows + i] = values[i * columns + j]
  return out
}

/** Tensors one after the other. */
export function concatenated(tensors: readonly Float64Array[]): Float64Array {
  const out = new Float64Array(tensors.reduce((n, t) => n + t.length, 0))
  let start = 0
  for (const t of tensors) {
    out.set(t, start)
    start += t.length
  }
  return out
}
