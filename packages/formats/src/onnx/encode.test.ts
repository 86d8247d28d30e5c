import { createRequire } from 'node:module'
import { toExact, toFloat } from '@nadir/landscape'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeModelJson } from '../json/model-json.ts'
import type { Model } from '../model.ts'
import { parseNetwork } from '../network-text.ts'
import { doubleSlopes, exactModels, floatModels, fractions } from '../testing/arbitrary-network.ts'
import { evaluatePlainly } from '../testing/plain-evaluation.ts'
import { decodeOnnx } from './decode.ts'
import { encodeOnnx } from './encode.ts'

test('any doubles read back bit for bit, in the same network', () => {
  fc.assert(
    fc.property(floatModels(doubleSlopes), (model) => {
      const { bytes, notes } = encodeOnnx(model)
      expect(notes.filter((n) => !n.startsWith('ONNX Runtime has no'))).toEqual([])
      const back = decodeOnnx(bytes, 'm.onnx')
      expect(back.network).toEqual(model.network)
      expect(back.parameters).toEqual(model.parameters)
    }),
    { numRuns: 150 }
  )
})

test('what is no double is rounded once, and that is said', () => {
  fc.assert(
    fc.property(exactModels(fractions), (model) => {
      const { bytes, notes } = encodeOnnx(model)
      const again = encodeOnnx(decodeOnnx(bytes, 'm.onnx'))
      expect(again.notes.filter((n) => !n.startsWith('ONNX Runtime has no'))).toEqual([])
      expect(again.bytes).toEqual(bytes)
      expect(
        notes.every((n) =>
          /^((parameters|slopes) rounded to the nearest doubles; the largest change is about \d|ONNX Runtime has no)/.test(
            n
          )
        )
      ).toBe(true)
    }),
    { numRuns: 50 }
  )
  const third = decodeModelJson(
    new TextEncoder().encode('{ "inputs": 1, "layers": [{ "dense": { "weight": [["1/3"], ["1/2"]] } }] }'),
    'm.json'
  )
  expect(encodeOnnx(third).notes).toEqual([
    'parameters rounded to the nearest doubles; the largest change is about 1.85e-17'
  ])
  expect(toExact(third.network, third.parameters)).toEqual(third.parameters)
})

test('float32 is each number rounded, and the change is stated', () => {
  fc.assert(
    fc.property(
      floatModels(doubleSlopes, fc.double({ min: -1e30, max: 1e30, noNaN: true })),
      ({ network, parameters }) => {
        fc.pre(network.layers.every((l) => l.kind !== 'activation' || l.activation.kind === 'smooth'))
        const { bytes, notes } = encodeOnnx({ network, parameters }, 'float32')
        const back = decodeOnnx(bytes, 'm.onnx')
        const values = toFloat(parameters).values
        expect(back.network).toEqual(network)
        expect(toFloat(back.parameters).values).toEqual(values.map(Math.fround))
        const changes = notes.some((n) =>
          /^parameters rounded to the nearest float32; the largest change is about \d/.test(n)
        )
        expect(changes).toBe(values.some((x) => Math.fround(x) !== x))
      }
    ),
    { numRuns: 50 }
  )
  const large = {
    network: parseNetwork('1-1 linear, no biases'),
    parameters: { kind: 'float', values: Float64Array.of(1e39) }
  } as const
  expect(() => encodeOnnx(large, 'float32')).toThrow('parameter 0 is too large to be written as a float32')
})

interface Runtime {
  readonly InferenceSession: {
    create(
      bytes: Uint8Array,
      options: object
    ): Promise<{ run(feeds: object): Promise<{ output: { data: Float64Array } }> }>
  }
  readonly Tensor: new (type: string, data: Float64Array | Float32Array, dims: readonly number[]) => object
}

/** ONNX Runtime, where onnxruntime-node is installed (here, or in the folder that ONNXRUNTIME_FOLDER names). */
function onnxRuntime(): Runtime | undefined {
  try {
    const folder = process.env['ONNXRUNTIME_FOLDER']
    return createRequire(folder ? `${folder}/package.json` : import.meta.url)('onnxruntime-node') as Runtime
  } catch {
    return undefined
  }
}
const runtime = onnxRuntime()

// Of these ONNX Runtime has no float64 kernel, or (gelu-tanh) one that agrees to ten digits only.
const withoutKernel = ['gelu-tanh', 'softplus', 'gelu', 'silu', 'elu', 'selu', 'arctan']
const runs = ({ network }: Model): boolean =>
  network.layers.every((l) =>
    l.kind === 'activation' && l.activation.kind === 'smooth'
      ? !withoutKernel.includes(l.activation.name)
      : l.kind !== 'conv' && l.kind !== 'average-pool'
  )

describe.skipIf(!runtime)('ONNX Runtime', () => {
  test('accepts the file and computes the same', async () => {
    const numbers = fc.double({ min: -1, max: 1, noNaN: true })
    await fc.assert(
      fc.asyncProperty(
        floatModels(
          doubleSlopes.filter((s) => s.numerator ** 2n < 100n * s.denominator ** 2n),
          numbers
        ).filter(runs),
        async (model) => {
          const { network, parameters } = model
          const size = network.inputs.reduce((a, b) => a * b, 1)
          const samples = [0, 1, 2].map((k) => Array.from({ length: size }, (_, i) => Math.sin(1 + i + 5 * k)))
          const session = await runtime!.InferenceSession.create(encodeOnnx(model).bytes, { logSeverityLevel: 4 })
          const input = new runtime!.Tensor('float64', Float64Array.from(samples.flat()), [3, ...network.inputs])
          const { output } = await session.run({ input })
          const ours = samples.flatMap((x) => evaluatePlainly(network, parameters, x))
          expect(output.data.length).toBe(ours.length)
          for (const [i, y] of ours.entries()) expect(Math.abs(output.data[i] - y)).toBeLessThan(1e-12 * (1 + y * y))
        }
      ),
      { numRuns: 40 }
    )
  })

  test('runs every layer in float32', async () => {
    const numbers = fc.double({ min: -1, max: 1, noNaN: true })
    const slopes = doubleSlopes.filter((s) => s.numerator ** 2n < 100n * s.denominator ** 2n)
    await fc.assert(
      fc.asyncProperty(floatModels(slopes, numbers), async ({ network, parameters }) => {
        const { bytes } = encodeOnnx({ network, parameters }, 'float32')
        // gelu-tanh is exact to ten digits there, and the rounded parameters are those of the file.
        const read = decodeOnnx(bytes, 'm.onnx')
        const size = network.inputs.reduce((a, b) => a * b, 1)
        const samples = [0, 1].map((k) => Array.from({ length: size }, (_, i) => Math.fround(Math.sin(1 + i + 5 * k))))
        const session = await runtime!.InferenceSession.create(bytes, { logSeverityLevel: 4 })
        const input = new runtime!.Tensor('float32', Float32Array.from(samples.flat()), [2, ...network.inputs])
        const { output } = await session.run({ input })
        const ours = samples.flatMap((x) => evaluatePlainly(read.network, read.parameters, x))
        expect(output.data.length).toBe(ours.length)
        const scale = 1 + Math.max(...ours.map(Math.abs))
        for (const [i, y] of ours.entries()) expect(Math.abs(output.data[i] - y)).toBeLessThan(1e-3 * scale)
      }),
      { numRuns: 60 }
    )
  })
})
