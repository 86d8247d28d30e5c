import type { Layer, Network } from '@nadir/landscape'
import { isIdentity, parseActivation } from './activation-text.ts'
import { InputError } from './errors.ts'

const widest = 1_000_000
const deepest = 1000

/**
 * The fully connected network that `10-16-1 relu`, `2-8-8-1 leaky-relu:1/100`, `4-3-3-2 linear` or
 * `2-4-1 relu, no biases` names: sizes, then the activation after every layer but the last (`linear`: none).
 * Inverse of `networkName` on such networks. @throws InputError saying what was expected
 */
export function parseNetwork(text: string): Network {
  const fail = (reason: string): never => {
    throw new InputError(`network "${text}": ${reason}; write sizes and an activation, such as "10-16-1 relu"`)
  }
  const m = /^\s*(\d+(?:\s*-\s*\d+)*)\s+(\S.*?)\s*(?:,\s*(no biases|no bias))?\s*$/i.exec(text)
  if (!m) return fail('not understood')
  const sizes = m[1].split('-').map(Number)
  if (sizes.length < 2) return fail('at least two sizes are needed')
  if (sizes.length > deepest) return fail(`more than ${deepest} sizes`)
  const odd = sizes.find((s) => s < 1 || s > widest)
  if (odd !== undefined) return fail(`size ${odd} is not between 1 and ${widest}`)
  const word = m[2].toLowerCase()
  const activation = word === 'linear' ? undefined : parseActivation(word, `network "${text}"`)
  const layers = sizes.slice(1).flatMap((outputs, k): Layer[] => {
    const dense: Layer = { kind: 'dense', outputs, bias: m[3] === undefined }
    const last = k === sizes.length - 2
    return last || !activation || isIdentity(activation) ? [dense] : [dense, { kind: 'activation', activation }]
  })
  return { inputs: [sizes[0]], layers }
}
