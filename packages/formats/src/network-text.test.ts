import { rational } from '@nadir/arithmetic'
import { type Layer, leakyRelu, type Network, networkName, relu } from '@nadir/landscape'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isIdentity, parseActivation } from './activation-text.ts'
import { InputError } from './errors.ts'
import { parseNetwork } from './network-text.ts'
import { activations, fractions } from './testing/arbitrary-network.ts'

test('parseNetwork inverts networkName', () => {
  const size = fc.integer({ min: 1, max: 1000 })
  const activation = fc.option(
    activations(fractions).filter((a) => !isIdentity(a)),
    { nil: undefined }
  )
  fc.assert(
    fc.property(
      size,
      fc.array(size, { minLength: 1, maxLength: 5 }),
      fc.boolean(),
      activation,
      (inputs, sizes, bias, a) => {
        const layers = sizes.flatMap((outputs, k): Layer[] => {
          const dense: Layer = { kind: 'dense', outputs, bias }
          return k === sizes.length - 1 || !a ? [dense] : [dense, { kind: 'activation', activation: a }]
        })
        const network: Network = { inputs: [inputs], layers }
        expect(parseNetwork(networkName(network))).toEqual(network)
      }
    )
  )
})

test('names are read as people write them', () => {
  const { layers } = parseNetwork(' 10 - 16-1  ReLU ')
  expect(layers).toEqual([
    { kind: 'dense', outputs: 16, bias: true },
    { kind: 'activation', activation: relu },
    { kind: 'dense', outputs: 1, bias: true }
  ])
  expect(parseNetwork('4-3-3-2 linear, no biases').layers).toEqual(
    [3, 3, 2].map((outputs) => ({ kind: 'dense', outputs, bias: false }))
  )
  expect(parseActivation('leaky-relu:0.01')).toEqual(leakyRelu())
  expect(parseActivation('leaky-relu')).toEqual(leakyRelu(rational(1n, 100n)))
})

test('what is not understood is said in one line', () => {
  const message = (text: string): string => {
    try {
      parseNetwork(text)
    } catch (error) {
      expect(error).toBeInstanceOf(InputError)
      return (error as Error).message
    }
    throw new Error(`accepted ${text}`)
  }
  expect(message('10-16-1 rellu')).toContain('(did you mean relu?)')
  expect(message('10-16-1')).toContain('such as "10-16-1 relu"')
  expect(message('10 relu')).toContain('at least two sizes')
  expect(message('10-0-1 relu')).toContain('size 0')
  expect(message('10-99999999999-1 relu')).toContain('size 99999999999')
  expect(message('2-2-1 two-slope:1')).toContain('two-slope:POSITIVE,NEGATIVE')
  expect(message('2-2-1 leaky-relu:x')).toContain('"x"')
  expect(message('2-2-1 leaky-relu:1:2')).toContain('"1:2"')
  expect(message('2-2-1 tanh:1')).toContain('takes no slopes')
  expect(message('')).toContain('not understood')
})
