import type { Network, Point } from '@nadir/landscape'

/** A network with its parameters. */
export interface Model {
  readonly network: Network
  readonly parameters: Point
}

/** A model as a file holds it; `notes` says in plain sentences where the reading is not word for word. */
export interface DecodedModel extends Model {
  readonly notes: readonly string[]
}

/** A model as a file; `notes` says what was rounded on the way, and by how much. */
export interface EncodedModel {
  readonly bytes: Uint8Array
  readonly notes: readonly string[]
}
