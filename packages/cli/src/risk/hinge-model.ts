import { entry, overCommonDenominator, type Rational, zero } from '@nadir/arithmetic'
import { InputError, readModel, writeModel } from '@nadir/formats'
import { activationName, type HingeNetwork, type Network, networkName, relu, toExact } from '@nadir/landscape'

const architecture = (width: number): Network => ({
  inputs: [1],
  layers: [
    { kind: 'dense', outputs: width, bias: true },
    { kind: 'activation', activation: relu },
    { kind: 'dense', outputs: 1, bias: true }
  ]
})

/** The parameters in a model file whose network is c + sum of v max(w x + b, 0); missing biases are 0. Exact. @throws InputError */
export async function readHingeNetwork(path: string): Promise<HingeNetwork> {
  const { network, parameters } = await readModel(path)
  const [hidden, activation, output] = network.layers
  const fits =
    network.layers.length === 3 &&
    network.inputs.length === 1 &&
    network.inputs[0] === 1 &&
    hidden?.kind === 'dense' &&
    activation?.kind === 'activation' &&
    activationName(activation.activation) === 'relu' &&
    output?.kind === 'dense' &&
    output.outputs === 1
  if (!fits)
    throw new InputError(
      `${path}: expected one input, one hidden ReLU layer, one output; found ${networkName(network)}`
    )
  const { tensors } = toExact(network, parameters)
  const [w, b] = [tensors[0]!, hidden.bias ? tensors[1]! : undefined]
  const [v, c] = [tensors[hidden.bias ? 2 : 1]!, output.bias ? tensors.at(-1)! : undefined]
  return {
    units: Array.from({ length: hidden.outputs }, (_, j) => ({
      w: entry(w, j),
      b: b ? entry(b, j) : zero,
      v: entry(v, j)
    })),
    c: c ? entry(c, 0) : zero
  }
}

/** Writes the parameters as a model file; the notes tell what was rounded. */
export function writeHingeNetwork(path: string, { units, c }: HingeNetwork): Promise<readonly string[]> {
  const tensor = (values: readonly Rational[]) => overCommonDenominator(values)
  const parameters = {
    kind: 'exact' as const,
    tensors: [
      tensor(units.map(({ w }) => w)),
      tensor(units.map(({ b }) => b)),
      tensor(units.map(({ v }) => v)),
      tensor([c])
    ]
  }
  return writeModel(path, { network: architecture(units.length), parameters })
}
