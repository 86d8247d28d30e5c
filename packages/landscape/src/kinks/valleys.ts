import { symmetricEigen } from '@nadir/kernels'
import type { KinkNetwork } from './kink-network.ts'
import type { FirstOrder } from './linearise.ts'
import { dot } from './orthogonal.ts'
import { independentColumns } from './spanned-parameters.ts'
import type { Symmetry } from './symmetries.ts'
import { proposals } from './valley-proposals.ts'
import { type Scene, sceneOf, tolerance } from './valley-scene.ts'
import { type Proposal, type Solved, solve } from './valley-systems.ts'

/** A linear system for changes of some parameters of one dense layer, which keeps what the network does; named as in the rule kinks-valleys. */
export interface Valley {
  readonly kind: 'own' | 'through'
  readonly layer: number
  readonly parameters: readonly number[]
  readonly exceptions: readonly number[]
  /** A group and a sample each. */
  readonly rows: readonly (readonly [number, number])[]
}

/** Directions along which the loss does not change while all kinks stay kinks, and as many parameters that may be frozen instead. */
export interface Directions {
  readonly symmetries: readonly Symmetry[]
  readonly valleys: readonly Valley[]
  readonly frozen: readonly number[]
}

/**
 * All directions that the rule kinks-valleys has names for, as many as `wanted`; undefined where they are fewer, or where `stop` ends the search. Approximate but for the bounds, which are those of the gates that doubles see.
 */
export function directionsOf(
  network: KinkNetwork,
  theta: Float64Array,
  first: FirstOrder,
  symmetries: readonly Symmetry[],
  wanted: number,
  stop: () => boolean
): Directions | undefined {
  const scene = sceneOf(network, theta, first)
  const span = emptySpan(network.parameters)
  const kept = symmetries.filter(({ field }) => span.add(field))
  const valleys: Valley[] = []
  for (const proposal of proposals(scene)) {
    if (span.size() >= wanted || stop()) break
    const valley = addValley(scene, proposal, span)
    if (valley) valleys.push(valley)
  }
  if (span.size() !== wanted) return undefined
  const rows = span.rows()
  const frozen = independentColumns(rows, wanted, network.parameters, wanted).sort((a, b) => a - b)
  return { symmetries: kept, valleys, frozen }
}

/** Vectors that grow in number, with an orthonormal basis of what they span. */
function emptySpan(length: number) {
  const basis: Float64Array[] = []
  const vectors: Float64Array[] = []
  /** What is left of a vector of length 1 off the span. */
  const left = (vector: Float64Array): Float64Array => {
    const rest = unitOf(vector)
    for (let pass = 0; pass < 2; pass++)
      for (const b of basis) {
        let along = 0
        for (let k = 0; k < length; k++) along += b[k]! * rest[k]!
        for (let k = 0; k < length; k++) rest[k] = rest[k]! - along * b[k]!
      }
    return rest
  }
  return {
    size: () => basis.length,
    left,
    add: (vector: Float64Array): boolean => {
      const rest = left(vector)
      if (!(Math.hypot(...rest) > tolerance)) return false
      basis.push(unitOf(rest))
      vectors.push(unitOf(vector))
      return true
    },
    rows: () => Float64Array.from(vectors.flatMap((v) => [...v]))
  }
}

type Span = ReturnType<typeof emptySpan>

function unitOf(vector: Float64Array): Float64Array {
  const norm = Math.hypot(...vector)
  return norm > 0 ? vector.map((x) => x / norm) : vector.slice()
}

/** The valley of a proposal, or the part of it that is not in the span yet, which is added to it; undefined where its rank is not that of its bounds, or where it adds nothing. */
function addValley(scene: Scene, proposal: Proposal, span: Span): Valley | undefined {
  const solved = solve(scene, proposal)
  if (!solved) return undefined
  const d = solved.fields.length
  const rests = solved.fields.map(span.left)
  const products = Float64Array.from({ length: d * d }, (_, at) => dot(rests[Math.floor(at / d)]!, rests[at % d]!))
  const { values, vectors } = symmetricEigen(products, d)
  const known = values.filter((x) => !(x > tolerance)).length
  if (known === d) return undefined
  if (known === 0) return accept(proposal, solved, span)
  // Places of which as many are left out as combinations of the fields lie in the span already.
  const size = proposal.places.length
  const combinations = new Float64Array(known * size)
  for (let w = 0; w < known; w++)
    for (const [f, field] of solved.fields.entries())
      for (const [s, { parameter }] of proposal.places.entries())
        combinations[w * size + s] = combinations[w * size + s]! + vectors[w * d + f]! * field[parameter]!
  const out = new Set(independentColumns(combinations, known, size, known))
  const smaller = { ...proposal, places: proposal.places.filter((_, s) => !out.has(s)) }
  const part = solve(scene, smaller)
  return part?.fields.length === d - known ? accept(smaller, part, span) : undefined
}

function accept(
  { kind, layer, places, exceptions }: Proposal,
  { rows, fields }: Solved,
  span: Span
): Valley | undefined {
  if (!fields.every(span.add)) return undefined
  return {
    kind,
    layer,
    parameters: places.map(({ parameter }) => parameter).sort((a, b) => a - b),
    exceptions,
    rows: [...rows].sort(([g, i], [h, j]) => g - h || i - j)
  }
}
