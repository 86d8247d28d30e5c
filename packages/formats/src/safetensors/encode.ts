import { parameterShapes, tensorSize } from '@nadir/landscape'
import { describeNetwork } from '../json/model-json.ts'
import type { EncodedModel, Model } from '../model.ts'
import { roundingNotes, roundToDoubles } from '../rounding.ts'
import { architectureKey } from './decode.ts'

/**
 * A safetensors file of doubles: tensors named as by PyTorch's Sequential (`0.weight`, `0.bias`, `2.weight`, ...), the
 * architecture in `__metadata__`. Exact parameters are rounded, and `notes` says by how much.
 */
export function encodeSafetensors({ network, parameters }: Model): EncodedModel {
  const { values, largestChange } = roundToDoubles(parameters)
  const header: Record<string, unknown> = { __metadata__: { [architectureKey]: describeNetwork(network) } }
  let end = 0
  for (const t of parameterShapes(network)) {
    const start = end
    end += 8 * tensorSize(t)
    header[`${t.layer}.${t.role}`] = { dtype: 'F64', shape: t.shape, data_offsets: [start, end] }
  }
  const text = new TextEncoder().encode(JSON.stringify(header))
  const padded = 8 * Math.ceil(text.length / 8)
  const bytes = new Uint8Array(8 + padded + end).fill(0x20, 8, 8 + padded)
  const view = new DataView(bytes.buffer)
  view.setBigUint64(0, BigInt(padded), true)
  bytes.set(text, 8)
  for (const [i, x] of values.entries()) view.setFloat64(8 + padded + 8 * i, x, true)
  return { bytes, notes: roundingNotes('parameters', largestChange) }
}
