import { readFileSync } from 'node:fs'
import { entry, multiply, overCommonDenominator, rational, subtract, toNumber, toText } from '@nadir/arithmetic'
import {
  certificateText,
  dataset,
  decideDeep,
  deepCertificate,
  type ExactPoint,
  empiricalRisk,
  evaluate,
  evaluateExactly,
  type Layer,
  type Network,
  type Problem,
  parameterShapes,
  randomStream,
  relu,
  tensorSize,
  toFloat
} from '@nadir/landscape'
import fc from 'fast-check'
import { checkDocument } from 'nadir-checker'
import { describe, expect, test } from 'vitest'
import { exactGradient } from '../../packages/landscape/src/optimality/exact-gradient.ts'
import { exact, exactMatrix, type Texts } from '../landscape/matrices.ts'
import { activations, builtPoints, claimsOf, construct } from './building.ts'

const { kinds } = JSON.parse(readFileSync(new URL('../reference/constructions.json', import.meta.url), 'utf8'))

type LayerJson =
  | { kind: 'conv'; K: string[][][]; b: string[] }
  | { kind: 'gap' }
  | { kind: 'dense'; W: string[][]; b: string[]; relu: boolean }

interface Instance {
  id: string
  X: string[][][]
  Y: Texts
  points: { id: string; net: { layers: LayerJson[] }; risk_sq: string; local_min: boolean }[]
}

/** Signals as images of height 1; valid convolutions with rectifiers, a mean over all positions, dense layers. */
function read({ X, Y }: Instance, layers: readonly LayerJson[]): { problem: Problem; point: ExactPoint } {
  let length = X[0]![0]!.length
  const out: Layer[] = []
  const tensors: string[][] = []
  for (const layer of layers) {
    if (layer.kind === 'gap') {
      out.push({ kind: 'average-pool', size: [1, length], stride: [1, length] }, { kind: 'flatten' })
      continue
    }
    const activation: Layer = { kind: 'activation', activation: relu }
    if (layer.kind === 'conv') {
      const taps = layer.K[0]![0]!.length
      out.push(
        { kind: 'conv', outputs: layer.K.length, size: [1, taps], stride: [1, 1], padding: [0, 0, 0, 0], bias: true },
        activation
      )
      length -= taps - 1
      tensors.push(layer.K.flat(2), layer.b)
    } else {
      out.push({ kind: 'dense', outputs: layer.W.length, bias: true }, ...(layer.relu ? [activation] : []))
      tensors.push(layer.W.flat(), layer.b)
    }
  }
  const network: Network = { inputs: [X[0]!.length, 1, X[0]![0]!.length], layers: out }
  const data = dataset(exactMatrix(X.map((channels) => channels.flat())), exactMatrix(Y))
  return {
    problem: empiricalRisk({ network, data }),
    point: { kind: 'exact', tensors: tensors.map((all) => overCommonDenominator(all.map(exact))) }
  }
}

describe.each(['gated_jump_cnn', 'conv_gap_cell_minima'])('reference points: %s', (kind) => {
  const instances = kinds[kind].instances as Instance[]
  test.each(instances.flatMap((instance) => instance.points.map((point) => ({ ...point, instance }))))(
    '$id',
    ({ net, instance, risk_sq, local_min }) => {
      const { problem, point } = read(instance, net.layers)
      const evaluation = evaluateExactly(problem, point)
      expect(toText(multiply(evaluation.loss, rational(2n, BigInt(instance.X.length))))).toBe(risk_sq)
      const decision = decideDeep(evaluation)
      if (local_min) expect(decision.kind).toBe('local-minimum')
      const certificate = deepCertificate(evaluation, decision)
      expect(checkDocument(certificateText(certificate!))).toMatchObject({ outcome: 'accepted', claim: decision.kind })
    }
  )
})

const integers = (length: number, size: number) =>
  fc.array(fc.integer({ min: -size, max: size }), { minLength: length, maxLength: length })

/** Small networks with convolutions, averages and dense layers, integer parameters, two samples. */
const imageCase = fc
  .record({
    image: fc.constantFrom([1, 3, 4], [2, 2, 5], [1, 1, 6]),
    kernel: fc.constantFrom([1, 2], [2, 2], [1, 1]),
    stride: fc.constantFrom([1, 1], [1, 2]),
    padding: fc.constantFrom([0, 0, 0, 0], [1, 0, 0, 2]),
    pool: fc.constantFrom([1, 2], [1, 1]),
    flatten: fc.boolean(),
    bias: fc.boolean()
  })
  .filter(({ image, kernel }) => kernel[0]! <= image[1]!)
  .chain(({ image, kernel, stride, padding, pool, flatten, bias }) => {
    const pair = (a: readonly number[]): [number, number] => [a[0]!, a[1]!]
    const network: Network = {
      inputs: image,
      layers: [
        {
          kind: 'conv',
          outputs: 2,
          size: pair(kernel),
          stride: pair(stride),
          padding: [padding[0]!, padding[1]!, padding[2]!, padding[3]!],
          bias
        },
        { kind: 'activation', activation: relu },
        { kind: 'average-pool', size: pair(pool), stride: [1, 1] },
        ...(flatten ? [{ kind: 'flatten' as const }] : []),
        { kind: 'dense', outputs: 2, bias: true }
      ]
    }
    const sizes = parameterShapes(network).map(tensorSize)
    const d = image[0] * image[1] * image[2]
    const tensors = fc.tuple(...sizes.map((size) => integers(size, 4)))
    return fc.record({ network: fc.constant(network), tensors, inputs: integers(2 * d, 5) })
  })
  .map(({ network, tensors, inputs }) => {
    const d = inputs.length / 2
    const rows = [inputs.slice(0, d), inputs.slice(d)].map((row) => row.map((x) => rational(BigInt(x), 2n)))
    const data = dataset(rows, [
      [rational(1n), rational(0n)],
      [rational(-1n), rational(2n)]
    ])
    const point: ExactPoint = {
      kind: 'exact',
      tensors: tensors.map((all) => overCommonDenominator(all.map((a) => rational(2n * BigInt(a) + 1n, 3n))))
    }
    return { problem: empiricalRisk({ network, data }), point }
  })

test('exact outputs are those of the evaluation in doubles', () => {
  fc.assert(
    fc.property(imageCase, ({ problem, point }) => {
      const { data, network } = problem
      const outputs = evaluateExactly(problem, point).values.at(-1)!
      const theta = toFloat(point).values
      for (const [i, row] of outputs.rows.entries()) {
        const input = data.approximateInputs.slice(i * data.inputCount, (i + 1) * data.inputCount)
        const floats = evaluate(network, theta, input)
        for (const [o, f] of row.entries())
          expect(toNumber(rational(f, outputs.denominator))).toBeCloseTo(floats[o]!, 9)
      }
    }),
    { numRuns: 100, seed: 21 }
  )
})

test('the exact gradient is the limit of difference quotients', () => {
  let differentiable = 0
  fc.assert(
    fc.property(imageCase, fc.nat(), ({ problem, point }, at) => {
      const gradient = exactGradient(evaluateExactly(problem, point))
      if (!gradient) return
      differentiable++
      const t = at % gradient.length
      const k = at % gradient[t]!.numerators.length
      const step = rational(1n, 1n << 60n)
      const lossAt = (sign: bigint) => {
        const { denominator, numerators } = point.tensors[t]!
        const moved = numerators.map((a, j) =>
          rational(a * step.denominator + (j === k ? sign * denominator : 0n), denominator * step.denominator)
        )
        const tensors = point.tensors.map((v, j) => (j === t ? overCommonDenominator(moved) : v))
        return evaluateExactly(problem, { kind: 'exact', tensors }).loss
      }
      const quotient = multiply(subtract(lossAt(1n), lossAt(-1n)), rational(step.denominator, 2n))
      expect(toNumber(quotient)).toBeCloseTo(toNumber(entry(gradient[t]!, k)), 6)
    }),
    { numRuns: 100, seed: 22 }
  )
  expect(differentiable).toBeGreaterThan(40)
})

test('liu2022-cnn: a local minimum for every partition', () => {
  let built = 0
  const cases = fc.record({
    shape: fc.constantFrom(
      { image: [1, 1, 4] as const, kernel: [1, 2] as const, pool: [1, 2] as const },
      { image: [1, 2, 2] as const, kernel: [1, 1] as const, pool: [2, 2] as const },
      { image: [2, 1, 3] as const, kernel: [1, 2] as const, pool: [1, 1] as const }
    ),
    outputs: fc.constantFrom(1, 2),
    activation: fc.constantFrom(...activations),
    seed: fc.integer({ min: 1, max: 1000 })
  })
  fc.assert(
    fc.property(cases, ({ shape: { image, kernel, pool }, outputs, activation, seed }) => {
      const random = randomStream(seed)
      const d = image[0] * image[1] * image[2]
      const row = (width: number) =>
        Array.from({ length: width }, () => rational(BigInt(Math.floor(9 * random())) - 4n, 2n))
      const data = dataset(
        Array.from({ length: 16 }, () => row(d)),
        Array.from({ length: 16 }, () => row(outputs))
      )
      const construction = construct('liu2022-cnn', {
        data,
        activation,
        image,
        windows: { kernel, pool },
        hidden: [outputs === 1 ? 4 : 6],
        random
      })
      if (construction.kind === 'refused') {
        expect(construction.hypothesis).toMatch(/groups|some group/)
        return
      }
      built++
      expect(claimsOf(builtPoints(construction))).toEqual(['spurious', 'spurious'])
    }),
    { numRuns: 30, seed: 23 }
  )
  expect(built).toBeGreaterThan(20)
})
