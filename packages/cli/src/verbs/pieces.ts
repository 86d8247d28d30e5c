import { join } from 'node:path'
import { entry, parseExact, type Rational, rational, subtract, toNumber, toText, zero } from '@nadir/arithmetic'
import { InputError, writeBytes } from '@nadir/formats'
import {
  activationCells,
  asOneHiddenLayer,
  type InputPlane,
  type LayerVerdict,
  type LinearRegion,
  linearRegions,
  type Obstacle,
  type Piece,
  type Problem,
  parameterCount,
  partialMinimum,
  pieceAt,
  toExact
} from '@nadir/landscape'
import { regionMap } from '@nadir/report'
import { Command } from 'commander'
import {
  type CommonOptions,
  type LoadedData,
  loadProblem,
  type ProblemOptions,
  problemLine,
  withCommonOptions,
  withProblemOptions
} from '../problem-options.ts'
import type { Verb } from '../program.ts'
import { type Answer, outputDirectory, paint, progress, type Session } from '../session.ts'

interface PiecesOptions extends ProblemOptions, CommonOptions {
  readonly box?: string
  readonly through?: string
  readonly cells?: boolean
}

export function piecesVerb(): Verb {
  const command = new Command('pieces')
    .description(
      'the piece of the loss that a point lies in, its walls, whether any layer alone can do better; linear regions'
    )
    .argument('<model>', '.onnx, .safetensors (with --network) or .json')
    .argument('<data>', '.csv with a header line')
    .option('--network <architecture>', 'for safetensors: "10-16-1 relu"')
    .option('--box <s0,s1,t0,t1>', 'part of the plane of inputs whose linear regions are listed')
    .option('--through <i,j,k>', 'the plane through three samples (numbers from 1), for more than two inputs')
    .option('--cells', 'count the activation cells of the parameters too (small data)')
  withCommonOptions(withProblemOptions(command)).addHelpText(
    'after',
    '\nExample:\n  nadir pieces model.onnx data.csv --target y --box -3,3,-3,3 --out pieces\n\nExit code: 0 every layer was decided, 1 some were not, 2 bad input.'
  )
  return {
    command,
    act: ([model, data], options, session) => act(model!, data!, options as unknown as PiecesOptions, session)
  }
}

async function act(modelPath: string, dataPath: string, options: PiecesOptions, session: Session): Promise<Answer> {
  const begun = session.now()
  const { problem, parameters, data } = await loadProblem(modelPath, dataPath, options)
  if (options.out !== undefined) await outputDirectory(options.out)
  const point = toExact(problem.network, parameters)
  const piece = pieceAt(problem, point)
  const head = [
    `${paint('bold', modelPath)} on ${dataPath}: ${problem.data.samples} samples, target ${data.columns.targets.join(', ')}`,
    problemLine(problem, parameterCount(problem.network)),
    ''
  ]
  if (piece.kind === 'obstacle') return undecided(head, piece)
  progress('layers, one by one')
  const verdicts = partialMinimum(piece)
  const plane = planeOf(problem, data, options)
  progress('linear regions')
  const found = plane && linearRegions(problem.network, point, plane.plane)
  const regions = found?.kind === 'regions' ? found.regions : undefined
  const cells = options.cells ? countCells(problem) : undefined
  const figure = plane && regions && options.out !== undefined ? join(options.out, 'regions.svg') : null
  if (figure && plane && regions) await writeBytes(figure, drawing(plane, regions))
  const layers = 'kind' in verdicts ? [] : verdicts
  const all = layers.length > 0 && layers.every(({ kind }) => kind === 'minimum')
  const some = layers.some(({ kind }) => kind === 'descent')
  const decided = layers.length > 0 && layers.every(({ kind }) => kind !== 'undecided')
  const maps = regions && new Set(regions.map((r) => r.outputs.flat().join())).size
  return {
    exitCode: decided || some ? 0 : 1,
    json: {
      walls: piece.walls.map(({ layer, unit, sample }) => ({ layer: layer + 1, unit: unit + 1, sample: sample + 1 })),
      adjacentPieces: `${2n ** BigInt(piece.walls.length)}`,
      partialMinimum: all ? true : some ? false : 'unknown',
      layers: layers.map(layerJson),
      undecided: 'kind' in verdicts ? { reason: verdicts.reason, tryNext: verdicts.tryNext } : null,
      regions:
        regions && plane ? { count: regions.length, affineFunctions: maps, box: plane.plane.box.map(toText) } : null,
      activationCells: cells ?? null,
      figure,
      seconds: Math.round(session.now() - begun) / 1000
    },
    text: [
      ...head,
      ...wallLines(piece),
      '',
      ...('kind' in verdicts
        ? [`  layers  undecided: ${verdicts.reason}`, `          next: ${verdicts.tryNext}`]
        : verdicts.map(layerLine)),
      ...(all
        ? [
            '',
            `  ${paint('green', 'PARTIAL MINIMUM, proved')}: no layer alone does better; several at once may (nadir certify)`
          ]
        : some
          ? ['', `  ${paint('bold', 'not a partial minimum, proved')}`]
          : []),
      ...(regions && plane
        ? [
            '',
            `  ${regions.length} linear regions in the box ${plane.plane.box.map((r) => toNumber(r)).join(', ')} (${maps} different affine functions)`
          ]
        : []),
      ...(cells
        ? [`  ${cells.unit} activation cells of one unit's parameters, ${cells.network} open cells of all parameters`]
        : []),
      ...(figure ? [`  ${figure}`] : []),
      ''
    ].join('\n')
  }
}

function undecided(head: readonly string[], { reason, tryNext }: Obstacle): Answer {
  return {
    exitCode: 1,
    json: { walls: null, partialMinimum: 'unknown', undecided: { reason, tryNext } },
    text: [...head, `  undecided: ${reason}`, `  next: ${tryNext}`, ''].join('\n')
  }
}

const shown = 12

function wallLines({ walls }: Piece): string[] {
  if (walls.length === 0) return ['  inside one piece: no sample is on a kink of any unit']
  const list = walls
    .slice(0, shown)
    .map(({ layer, unit, sample }) => `layer ${layer + 1} unit #${unit + 1} sample ${sample + 1}`)
  return [
    `  on ${walls.length} walls, between at most 2^${walls.length} pieces`,
    ...list.map((wall) => `    ${wall}`),
    ...(walls.length > shown ? [`    and ${walls.length - shown} more`] : [])
  ]
}

function layerLine(verdict: LayerVerdict): string {
  const name = `  layer ${verdict.layer + 1}`
  if (verdict.kind === 'minimum')
    return `${name}  minimum, with multipliers in ${verdict.pieces.length === 1 ? 'its piece' : `${verdict.pieces.length} cases of sides`}`
  return verdict.kind === 'descent'
    ? `${name}  can do better alone: the loss falls along an exact direction`
    : `${name}  undecided: ${verdict.reason}`
}

function layerJson(verdict: LayerVerdict) {
  if (verdict.kind === 'minimum') return { layer: verdict.layer + 1, verdict: 'minimum', cases: verdict.pieces.length }
  return verdict.kind === 'descent'
    ? { layer: verdict.layer + 1, verdict: 'descent', direction: verdict.direction.map(String) }
    : { layer: verdict.layer + 1, verdict: 'undecided', reason: verdict.reason }
}

interface NamedPlane {
  readonly plane: InputPlane
  readonly labels: readonly [string, string]
  readonly samples: readonly (readonly [number, number])[]
}

/** The plane that was asked for; undefined for more than two inputs when none was. @throws InputError */
function planeOf(problem: Problem, data: LoadedData, options: PiecesOptions): NamedPlane | undefined {
  const { inputCount: d, samples, inputs } = problem.data
  const row = (i: number) => Array.from({ length: d }, (_, k) => entry(inputs, i * d + k))
  if (options.through !== undefined) {
    const three = options.through.split(',').map(Number)
    if (three.length !== 3 || three.some((i) => !Number.isInteger(i) || i < 1 || i > samples))
      throw new InputError(`--through ${options.through}: expected three sample numbers from 1 to ${samples}`)
    const [a, b, c] = three.map((i) => row(i - 1)) as [Rational[], Rational[], Rational[]]
    const box =
      boxOf(options.box) ?? ([rational(-1n, 2n), rational(3n, 2n), rational(-1n, 2n), rational(3n, 2n)] as const)
    return {
      plane: {
        origin: a,
        first: b.map((x, k) => subtract(x, a[k]!)),
        second: c.map((x, k) => subtract(x, a[k]!)),
        box
      },
      labels: [`sample ${three[0]} to sample ${three[1]}`, `to ${three[2]}`],
      samples: [
        [0, 0],
        [1, 0],
        [0, 1]
      ]
    }
  }
  if (d !== 2) {
    if (options.box !== undefined)
      throw new InputError('--box: for more than two inputs name a plane with --through i,j,k')
    return undefined
  }
  const places = Array.from({ length: samples }, (_, i) => row(i).map(toNumber) as [number, number])
  const range = (k: 0 | 1): [Rational, Rational] => {
    const values = places.map((p) => p[k])
    const [low, high] = [Math.min(...values), Math.max(...values)]
    const margin = Math.max(1, Math.ceil((high - low) / 10))
    return [rational(BigInt(Math.floor(low) - margin)), rational(BigInt(Math.ceil(high) + margin))]
  }
  return {
    plane: {
      origin: [zero, zero],
      first: [rational(1n), zero],
      second: [zero, rational(1n)],
      box: boxOf(options.box) ?? [...range(0), ...range(1)]
    },
    labels: [data.columns.inputs[0]!, data.columns.inputs[1]!],
    samples: places
  }
}

/** @throws InputError */
function boxOf(text: string | undefined): InputPlane['box'] | undefined {
  if (text === undefined) return undefined
  const numbers = text.split(',').map((part) => parseExact(part.trim()))
  const [s0, s1, t0, t1] = numbers
  if (numbers.length !== 4 || !s0 || !s1 || !t0 || !t1 || toNumber(s0) >= toNumber(s1) || toNumber(t0) >= toNumber(t1))
    throw new InputError(`--box ${text}: expected four numbers s0,s1,t0,t1 with s0 < s1 and t0 < t1`)
  return [s0, s1, t0, t1]
}

const drawing = ({ plane, labels, samples }: NamedPlane, regions: readonly LinearRegion[]): string =>
  regionMap({
    regions: regions.map(({ outline }) => outline),
    box: plane.box.map(toNumber) as [number, number, number, number],
    labels,
    samples
  })

const mostCells = 3000

/** @throws InputError when there would be too many */
function countCells(problem: Problem): { unit: number; network: string } {
  const view = asOneHiddenLayer(problem)
  if ('kind' in view) throw new InputError(`--cells: ${view.reason}`)
  let bound = 0
  let binomial = 1
  for (let k = 0; k < view.width && k < view.samples; k++) {
    bound += 2 * binomial
    binomial = (binomial * (view.samples - 1 - k)) / (k + 1)
  }
  if (bound > mostCells)
    throw new InputError(
      `--cells: up to ${bound} cells for ${view.samples} samples are too many (${mostCells} at most); give fewer rows or columns`
    )
  const unit = activationCells(view).length
  return { unit, network: `${(2n * BigInt(unit)) ** BigInt(view.units)}` }
}
