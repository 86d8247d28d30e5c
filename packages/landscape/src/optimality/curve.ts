import type { Direction } from './direction.ts'

/** theta(t) = theta + sum of t^power direction, powers ascending from 1: a way out of a point that no straight line shows. Exact. */
export type Curve = readonly { readonly power: number; readonly direction: Direction }[]

export const straight = (direction: Direction): Curve => [{ power: 1, direction }]
