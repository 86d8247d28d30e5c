import { affine } from '../network/dense-products.ts'
import type { MergedData } from './merged-data.ts'

/**
 * A point in scaled coordinates together with the cell it is taken to lie in: f(x) = c + sum_j kappa_j h(u_j . x~), u_j = |v_j| w~_j,
 * kappa_j = sign v_j. Approximate; mutable, owned by one descent.
 */
export interface CellState {
  readonly units: number
  /** units x width. */
  readonly u: Float64Array
  /** Output bias; stays 0 when the network has none. */
  c: number
  /** 1, -1, or 0 for a unit with outgoing weight 0. */
  readonly kappa: Int8Array
  /** side[j * samples + i] = 1 when sample i counts as positive for unit j. */
  readonly side: Uint8Array
  /** Kink classes of each unit, in the order they were met; their vectors are independent. */
  readonly kinks: number[][]
}

export const copyState = (s: CellState): CellState => ({
  units: s.units,
  u: s.u.slice(),
  c: s.c,
  kappa: s.kappa.slice(),
  side: s.side.slice(),
  kinks: s.kinks.map((k) => [...k])
})

/** u_j . x~_i for all units and samples: units x samples. */
export const preActivations = (data: MergedData, u: Float64Array, units: number, out: Float64Array): void =>
  affine(u, 0, -1, units, data.width, data.columns, data.samples, out)

/** Sides from the signs of the pre-activations of unit j; no kinks. */
export function setSides(data: MergedData, state: CellState, j: number): void {
  const { samples: n, width, x } = data
  for (let i = 0; i < n; i++) {
    let z = 0
    for (let k = 0; k < width; k++) z += state.u[j * width + k]! * x[i * width + k]!
    state.side[j * n + i] = z > 0 ? 1 : 0
  }
  state.kinks[j] = []
}
