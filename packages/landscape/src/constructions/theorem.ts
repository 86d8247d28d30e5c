import { compare, type Rational } from '@nadir/arithmetic'
import type { Json } from '../certification/canonical.ts'
import type { Certificate, ValuedPoint } from '../certification/certificate.ts'
import type { Dataset } from '../data/dataset.ts'
import type { LossKind, Reduction } from '../loss/loss.ts'
import type { Activation } from '../network/activation.ts'
import type { Network } from '../network/network.ts'
import type { ExactPoint } from '../point.ts'
import type { Problem } from '../problem.ts'
import type { ClaimKind } from '../verdict.ts'

/** What a theorem is asked to build. */
export interface ConstructionRequest {
  /** The user's data; theorems that bring data of their own do without. */
  readonly data: Dataset | undefined
  /** The user's network, for theorems that rewrite one. */
  readonly model: { readonly network: Network; readonly point: ExactPoint } | undefined
  /** A function as the greatest over sets of the least of affine pieces, for theorems that rewrite one. */
  readonly pieces:
    | { readonly maps: readonly (readonly Rational[])[]; readonly sets: readonly (readonly number[])[] }
    | undefined
  /** Widths of the hidden layers, first to last. */
  readonly hidden: readonly number[]
  readonly activation: Activation
  readonly loss: LossKind
  readonly reduction: Reduction
  /** How many different points are wanted. */
  readonly count: number
  /** Doubles in [0, 1); the same seed gives the same construction. */
  readonly random: () => number
  /** Channels, height and width, where the inputs are to be read as an image. */
  readonly image: readonly [number, number, number] | undefined
  /** Windows of a convolution and of an average after it, height and width. */
  readonly windows: { readonly kernel: readonly [number, number]; readonly pool: readonly [number, number] }
  /** Numbers that only some theorems know, by name, such as `alpha`. */
  readonly numbers: Readonly<Record<string, Rational | undefined>>
}

/** A point that a theorem promises, with what was proved about it. */
export interface ConstructedPoint {
  /** What sets it apart from the others, in a few words. */
  readonly name: string
  readonly problem: Problem
  readonly point: ExactPoint
  readonly loss: Rational
  readonly claim: ClaimKind | 'spurious' | 'value' | 'local-minimum-nearby' | 'saddle-nearby'
  readonly certificate: Certificate | undefined
  /** What the proof rests on, or why there is none. */
  readonly reason: string
}

export type Construction =
  | {
      readonly kind: 'built'
      readonly points: readonly ConstructedPoint[]
      /** A point of the same network and data with a strictly smaller loss than the claimed spurious minima. */
      readonly better: ValuedPoint | undefined
      readonly notes: readonly string[]
      /** What else was found, by name. */
      readonly documents?: readonly { readonly name: string; readonly value: Json }[]
    }
  | Refusal

/** A hypothesis that does not hold, in the words of the theorem, and the number that breaks it. */
export interface Refusal {
  readonly kind: 'refused'
  readonly hypothesis: string
  readonly found: string
}

export const needsTwoSlopes = 'the activation is piecewise linear with two different slopes'

/** Why the activation has not two different slopes; undefined when it has. */
export const lacksTwoSlopes = (activation: Activation): string | undefined =>
  activation.kind === 'two-slope' && compare(activation.positive, activation.negative) !== 0
    ? undefined
    : `the activation is ${activation.kind === 'two-slope' ? 'linear' : activation.name}`

export const refuse = (hypothesis: string, found: string): Refusal => ({ kind: 'refused', hypothesis, found })

/** A theorem as a program. */
export interface Theorem {
  readonly id: string
  readonly title: string
  /** Authors, title, where. */
  readonly source: string
  readonly hypotheses: readonly string[]
  /** One line. */
  readonly conclusion: string
  /** A command that runs as it stands in the folder of the examples. */
  readonly example: string
  /** Whether it works on the user's data (`yours`), brings its own (`own`), takes the inputs only and chooses the targets (`inputs`), or rewrites a network, a list of affine pieces or a table (`model`). */
  readonly data: 'yours' | 'own' | 'inputs' | 'model'
  /** Names of the numbers that it knows, with what they mean. */
  readonly numbers: Readonly<Record<string, string>>
  readonly build: (request: ConstructionRequest) => Construction
}
