import {
  addIntervals,
  type DoubleInterval,
  divideIntervals,
  encloseExponential,
  exactInterval,
  multiplyIntervals,
  nearly,
  subtractIntervals,
  toNumber
} from '@nadir/arithmetic'
import { decayMask } from '../loss/approximate-loss.ts'
import type { Activation } from '../network/activation.ts'
import type { Problem } from '../problem.ts'
import { type EnclosedActivation, encloseActivation } from './enclosed-activation.ts'
import { fanIn, incomingIndices, type LayeredNetwork, weightIndex } from './layered.ts'
import type { MatrixNear } from './verified-signs.ts'

/** Why no Hessian was enclosed at a point. */
export interface NoEnclosure {
  readonly kind: 'on-kink' | 'not-enclosed' | 'too-large'
  readonly reason: string
}

type Row = readonly DoubleInterval[]
const zero = exactInterval(0)
const one = exactInterval(1)
const sum = (terms: Row): DoubleInterval => terms.reduce(addIntervals, zero)
const dot = (a: Row, b: Row): DoubleInterval => sum(a.map((x, k) => multiplyIntervals(x, b[k]!)))
const sigmoid: Activation = { kind: 'smooth', name: 'sigmoid' }

/** The numbers of one layer at one sample: what it is applied to (1 for the bias last), and its activation at every unit. */
interface LayerAt {
  readonly incoming: Row
  readonly units: readonly EnclosedActivation[]
}

/**
 * The Hessian of the loss at exactly these doubles, between two matrices, for dense networks with smooth activations (two slopes too, off their kinks) and the squared, logistic or cross-entropy loss. Enclosed, with outward rounding throughout; `work` limits the number of products of intervals.
 */
export function enclosedHessian(
  problem: Problem,
  network: LayeredNetwork,
  theta: Float64Array,
  work = 2e7
): MatrixNear | NoEnclosure {
  const { data, loss } = problem
  const size = network.parameters
  const units = network.layers.reduce((count, { outputs }) => count + outputs, 0)
  if (loss !== 'squared' && loss !== 'logistic' && loss !== 'cross-entropy')
    return { kind: 'not-enclosed', reason: `no enclosures for the ${loss} loss` }
  if (data.samples * (size * size + units * units * units) > work)
    return { kind: 'too-large', reason: `${size} parameters on ${data.samples} samples take too long to enclose` }
  const low = new Float64Array(size * size)
  const high = new Float64Array(size * size)
  const add = (row: number, column: number, value: DoubleInterval): void => {
    const at = row >= column ? row * size + column : column * size + row
    const total = addIntervals({ low: low[at]!, high: high[at]! }, value)
    low[at] = total.low
    high[at] = total.high
  }
  for (let i = 0; i < data.samples; i++) {
    let layers: readonly LayerAt[] | NoEnclosure
    try {
      layers = forward(problem, network, theta, i)
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      return { kind: 'not-enclosed', reason: `sample ${i}: ${error.message}` }
    }
    if ('reason' in layers) return layers
    addSample(problem, network, theta, i, layers, add)
  }
  const decay = nearly(toNumber(problem.weightDecay))
  for (const [k, decays] of decayMask(problem).entries())
    if (decays !== 0 && problem.weightDecay.numerator !== 0n) add(k, k, decay)
  return nearMatrix(low, high, size)
}

function forward(
  { data }: Problem,
  network: LayeredNetwork,
  theta: Float64Array,
  sample: number
): readonly LayerAt[] | NoEnclosure {
  const layers: LayerAt[] = []
  const d = data.inputCount
  let values: Row = Array.from(data.approximateInputs.subarray(sample * d, (sample + 1) * d), nearly)
  for (const [l, layer] of network.layers.entries()) {
    const incoming = layer.biasAt === undefined ? values : [...values, one]
    const units: EnclosedActivation[] = []
    for (let u = 0; u < layer.outputs; u++) {
      const z = dot(
        incomingIndices(layer, u).map((k) => exactInterval(theta[k]!)),
        incoming
      )
      const unit = layer.activation ? encloseActivation(layer.activation, z) : { value: z, slope: one, bend: zero }
      if (!unit)
        return {
          kind: 'on-kink',
          reason: `sample ${sample} is too near a kink of unit ${u} of layer ${l + 1} to be enclosed`
        }
      units.push(unit)
    }
    layers.push({ incoming, units })
    values = units.map(({ value }) => value)
  }
  return layers
}

/** F times gradient and Hessian of the loss in the outputs of a sample. */
function outputDerivatives(problem: Problem, outputs: Row, sample: number) {
  const { data, loss, reduction } = problem
  const m = data.targetCount
  const factor = reduction === 'mean' ? divideIntervals(one, exactInterval(data.samples)) : one
  const targets = Array.from(data.approximateTargets.subarray(sample * m, (sample + 1) * m), nearly)
  const scaled = (a: DoubleInterval) => multiplyIntervals(factor, a)
  const diagonal = (entries: Row) => entries.map((x, o) => entries.map((_, p) => (o === p ? scaled(x) : zero)))
  if (loss === 'squared')
    return {
      slopes: outputs.map((f, o) => scaled(subtractIntervals(f, targets[o]!))),
      curvature: diagonal(outputs.map(() => one))
    }
  if (loss === 'logistic') {
    const at = outputs.map((f) => encloseActivation(sigmoid, f)!)
    return {
      slopes: at.map(({ value }, o) => scaled(subtractIntervals(value, targets[o]!))),
      curvature: diagonal(at.map(({ slope }) => slope))
    }
  }
  const top = exactInterval(Math.max(...outputs.map(({ high }) => high)))
  const weights = outputs.map((f) => {
    const shifted = subtractIntervals(f, top)
    return { low: encloseExponential(shifted.low).low, high: encloseExponential(Math.min(0, shifted.high)).high }
  })
  const shares = weights.map((w) => divideIntervals(w, sum(weights)))
  return {
    slopes: shares.map((p, o) => scaled(subtractIntervals(p, targets[o]!))),
    curvature: shares.map((p, o) =>
      shares.map((q, k) => scaled(subtractIntervals(o === k ? p : zero, multiplyIntervals(p, q))))
    )
  }
}

/**
 * Adds the Hessian of one sample: with D_o(u) = d f_o / d z_u, Z_k(u) = d z_k / d z_u and r, C the derivatives in the outputs, the pair of the units u, u' has
 * M = sum C_op D_o(u) D_p(u') + sum over units k of (sum_o r_o d f_o / d a_k) sigma''(z_k) Z_k(u) Z_k(u'), times what they are applied to; and a weight into a later unit meets what the earlier unit does to its input.
 */
function addSample(
  problem: Problem,
  network: LayeredNetwork,
  theta: Float64Array,
  sample: number,
  layers: readonly LayerAt[],
  add: (row: number, column: number, value: DoubleInterval) => void
): void {
  const outputs = layers.at(-1)!.units.map(({ value }) => value)
  const { slopes, curvature } = outputDerivatives(problem, outputs, sample)
  const weightOf = (l: number, k: number, u: number) => exactInterval(theta[weightIndex(network.layers[l]!, k, u)]!)
  // From the outputs down: of every output by what every unit gives, and by its argument.
  const byValue: Row[][] = layers.map(() => [])
  const byArgument: Row[][] = layers.map(() => [])
  for (let l = layers.length - 1; l >= 0; l--) {
    const { units } = layers[l]!
    byValue[l] = outputs.map((_, o) =>
      units.map((_, u) =>
        l === layers.length - 1
          ? exactInterval(o === u ? 1 : 0)
          : sum(
              layers[l + 1]!.units.map((_, k) => multiplyIntervals(byArgument[l + 1]![o]![k]!, weightOf(l + 1, k, u)))
            )
      )
    )
    byArgument[l] = byValue[l]!.map((row) => row.map((x, u) => multiplyIntervals(x, units[u]!.slope)))
  }
  const weighed = (rows: readonly Row[], u: number) =>
    dot(
      slopes,
      rows.map((row) => row[u]!)
    )
  const bends = layers.map(({ units }, l) =>
    units.map(({ bend }, u) => multiplyIntervals(weighed(byValue[l]!, u), bend))
  )
  const deltas = layers.map(({ units }, l) => units.map((_, u) => weighed(byArgument[l]!, u)))
  // reach[b][l][k][q]: of the argument of unit k of layer l by that of unit q of layer b, l >= b.
  const reach = layers.map(({ units }, b) => {
    const rows: Row[][] = []
    rows[b] = units.map((_, k) => units.map((_, q) => exactInterval(k === q ? 1 : 0)))
    for (let l = b + 1; l < layers.length; l++)
      rows[l] = layers[l]!.units.map((_, k) =>
        units.map((_, q) =>
          sum(
            layers[l - 1]!.units.map((unit, e) =>
              multiplyIntervals(weightOf(l, k, e), multiplyIntervals(unit.slope, rows[l - 1]![e]![q]!))
            )
          )
        )
      )
    return rows
  })
  for (const [l, layer] of network.layers.entries())
    for (let b = 0; b <= l; b++) {
      const below = network.layers[b]!
      for (let u = 0; u < layer.outputs; u++) {
        const rows = incomingIndices(layer, u)
        for (let q = 0; q < below.outputs; q++) {
          if (b === l && q > u) continue
          const columns = incomingIndices(below, q)
          const pair = pairOf(l, u, b, q)
          for (let x = 0; x < fanIn(layer); x++) {
            const scaled = multiplyIntervals(pair, layers[l]!.incoming[x]!)
            const carried =
              b < l && x < layer.inputs
                ? multiplyIntervals(
                    deltas[l]![u]!,
                    multiplyIntervals(layers[l - 1]!.units[x]!.slope, reach[b]![l - 1]![x]![q]!)
                  )
                : zero
            const both = addIntervals(scaled, carried)
            for (let y = 0; y < fanIn(below); y++) {
              if (b === l && q === u && y > x) continue
              add(rows[x]!, columns[y]!, multiplyIntervals(both, layers[b]!.incoming[y]!))
            }
          }
        }
      }
    }

  function pairOf(l: number, u: number, b: number, q: number): DoubleInterval {
    let total = zero
    for (const [o, row] of curvature.entries())
      for (const [p, c] of row.entries())
        if (c !== zero)
          total = addIntervals(
            total,
            multiplyIntervals(c, multiplyIntervals(byArgument[l]![o]![u]!, byArgument[b]![p]![q]!))
          )
    for (let p = l; p < layers.length; p++)
      for (const [k, bend] of bends[p]!.entries()) {
        if (bend.low === 0 && bend.high === 0) continue
        if (p === l && k !== u) continue
        total = addIntervals(
          total,
          multiplyIntervals(bend, multiplyIntervals(reach[l]![p]![k]![u]!, reach[b]![p]![k]![q]!))
        )
      }
    return total
  }
}

/** The matrix in the middle, and a bound of the Frobenius norm of what is left. */
function nearMatrix(low: Float64Array, high: Float64Array, size: number): MatrixNear {
  const matrix = new Float64Array(size * size)
  let squares = 0
  for (let a = 0; a < size; a++)
    for (let b = 0; b <= a; b++) {
      const at = a * size + b
      const middle = low[at]! / 2 + high[at]! / 2
      matrix[at] = middle
      matrix[b * size + a] = middle
      const reach = Math.max(high[at]! - middle, middle - low[at]!)
      squares += (a === b ? 1 : 2) * reach * reach
    }
  // The factor covers the rounding of the differences and of the sum.
  return { matrix, size, radius: 1.001 * Math.sqrt(squares) + 1e-300 }
}
