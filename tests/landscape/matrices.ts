import { overCommonDenominator, parseExact, type Rational } from '@nadir/arithmetic'
import { type Activation, dataset, type ExactPoint, empiricalRisk, type Network, type Problem } from '@nadir/landscape'

/*
 * Networks and data as reference instances write them: matrices of texts, one weight and perhaps one bias for each layer.
 */

export type Texts = readonly (readonly (string | number)[])[]

export const exact = (text: string | number): Rational => {
  const value = parseExact(String(text))
  if (value === undefined) throw new Error(`${text} is no exact number`)
  return value
}

export const exactMatrix = (texts: Texts): Rational[][] => texts.map((row) => row.map(exact))
export const transposed = (texts: Texts): (string | number)[][] => texts[0]!.map((_, k) => texts.map((row) => row[k]!))

const vector = (texts: readonly (string | number)[]) => overCommonDenominator(texts.map(exact))

export interface LayerTexts {
  readonly W: Texts
  readonly b?: readonly (string | number)[] | undefined
}

/** The dense network of these layers with an activation between every two; without an activation the layers follow one another. */
export function denseNetwork(layers: readonly LayerTexts[], activation?: Activation): Network {
  return {
    inputs: [layers[0]!.W[0]!.length],
    layers: layers.flatMap(({ W, b }, l) => [
      { kind: 'dense' as const, outputs: W.length, bias: b !== undefined },
      ...(activation && l < layers.length - 1 ? [{ kind: 'activation' as const, activation }] : [])
    ])
  }
}

export const pointOf = (layers: readonly LayerTexts[]): ExactPoint => ({
  kind: 'exact',
  tensors: layers.flatMap(({ W, b }) => [vector(W.flat()), ...(b ? [vector(b)] : [])])
})

/** Rows of X and Y are samples. */
export const problemOf = (network: Network, X: Texts, Y: Texts): Problem =>
  empiricalRisk({ network, data: dataset(exactMatrix(X), exactMatrix(Y)) })
