import { join } from 'node:path'
import { entry, parseExact, type Rational } from '@nadir/arithmetic'
import {
  decodePieces,
  encodeModelJson,
  InputError,
  parseActivation,
  readBytes,
  readModel,
  withSuggestion,
  writeBytes,
  writeModel,
  writeTable
} from '@nadir/formats'
import {
  type ConstructedPoint,
  type Construction,
  type ConstructionRequest,
  certificateText,
  type Dataset,
  dataset,
  type ExactPoint,
  type Network,
  parameterCount,
  randomStream,
  relu,
  type Theorem,
  theorems,
  toExact
} from '@nadir/landscape'
import { Command, InvalidArgumentError, Option } from 'commander'
import { checkDocument } from 'nadir-checker'
import { exactNumberJson, readable } from '../numbers.ts'
import {
  type CommonOptions,
  dataFiles,
  type LoadedData,
  loadData,
  type ProblemOptions,
  parseCount,
  problemLine,
  withCommonOptions,
  withProblemOptions
} from '../problem-options.ts'
import type { Verb } from '../program.ts'
import { type Answer, outputDirectory, paint, progress, type Session } from '../session.ts'

interface ConstructOptions extends ProblemOptions, CommonOptions {
  readonly hidden: string
  readonly activation: string
  readonly count: number
  readonly image?: readonly [number, number, number]
  readonly kernel: readonly [number, number]
  readonly pool: readonly [number, number]
}

/** Reads this many sizes, each at least 1. */
const sizes = (length: number) => (text: string) => {
  const counts = text.split(',').map(Number)
  if (counts.length !== length || counts.some((k) => !Number.isInteger(k) || k < 1 || k > 1e6))
    throw new InvalidArgumentError(`expected ${length} sizes separated by commas.`)
  return counts
}

/** Numbers that some theorem knows, with what they mean. */
const numbersOfTheorems = Object.assign({}, ...theorems.map(({ numbers }) => numbers)) as Record<string, string>

export function constructVerb(): Verb {
  const command = new Command('construct')
    .description('the points that a theorem promises, on your data, each with a proof; and a strictly better one')
    .argument('<theorem>', 'its name; nadir theorems lists them')
    .argument(
      '[data]',
      `${dataFiles}; some theorems bring data of their own, lattice takes a model or a .json list of affine pieces`
    )
    .option('--hidden <sizes>', 'hidden layer sizes, such as 16 or 16,16', '8')
    .addOption(
      new Option(
        '--activation <name>',
        'relu, leaky-relu:1/10, abs, two-slope:a,b; tanh, gelu, quadratic, ...'
      ).default('relu')
    )
    .option('--count <number>', 'how many different points', parseCount, 1)
    .option('--image <channels,height,width>', 'read the inputs as an image, for convolutions', sizes(3))
    .option('--kernel <height,width>', 'window of a convolution', sizes(2), [3, 3])
    .option('--pool <height,width>', 'window of the averages after it', sizes(2), [2, 2])
  for (const [name, meaning] of Object.entries(numbersOfTheorems)) command.option(`--${name} <number>`, meaning)
  withCommonOptions(withProblemOptions(command)).addHelpText(
    'after',
    '\nExample:\n  nadir construct yun2019-relu data.csv --target y --hidden 8 --count 3 --out out\n\nExit code: 0 built and every proof accepted, 1 a hypothesis fails (it is named) or a proof is missing, 2 bad input.'
  )
  return {
    command,
    act: ([id, data], options, session) => act(id!, data, options as unknown as ConstructOptions, options, session)
  }
}

async function act(
  id: string,
  dataPath: string | undefined,
  options: ConstructOptions,
  given: Readonly<Record<string, unknown>>,
  session: Session
): Promise<Answer> {
  const theorem = theorems.find((one) => one.id === id)
  if (!theorem)
    throw new InputError(
      withSuggestion(
        `no theorem ${id}`,
        'theorems',
        id,
        theorems.map((one) => one.id)
      )
    )
  if (options.weightDecay.numerator !== 0n)
    throw new InputError('--weight-decay: constructions are without weight decay')
  if (options.count < 1) throw new InputError('--count 0: expected at least one point')
  const isModel = theorem.data === 'model' && dataPath !== undefined && !dataPath.toLowerCase().endsWith('.csv')
  const pieces = isModel && dataPath.toLowerCase().endsWith('.json') ? await loadPieces(dataPath) : undefined
  const model = isModel && !pieces ? await loadModel(dataPath) : undefined
  const data = dataPath === undefined || isModel ? undefined : await loadData(dataPath, options)
  if (!data && !model && !pieces && theorem.data !== 'own')
    throw new InputError(
      theorem.data === 'model'
        ? `${id} needs a network, a list of pieces or a table: nadir construct ${id} model.onnx`
        : `${id} needs a data file: nadir construct ${id} data.csv`
    )
  if (options.out !== undefined) await outputDirectory(options.out)
  const begun = session.now()
  progress(`building ${id}`)
  const construction = theorem.build({
    data: data && dataset(data.columns.X, data.columns.Y),
    model,
    pieces,
    hidden: hiddenSizes(options.hidden),
    activation: parseActivation(options.activation.toLowerCase(), '--activation') ?? relu,
    loss: options.loss,
    reduction: options.reduction,
    count: options.count,
    random: randomStream(options.seed),
    image: options.image,
    windows: { kernel: options.kernel, pool: options.pool },
    numbers: numbersOf(theorem, given)
  })
  if (construction.kind === 'refused') return refused(theorem, construction)
  const verified = construction.points.map((point) => ({ point, ...verify(point) }))
  const files = await write(options.out, theorem, construction, data)
  const seconds = Math.round(session.now() - begun) / 1000
  return {
    exitCode: verified.every(({ accepted }) => accepted) ? 0 : 1,
    json: {
      theorem: id,
      points: verified.map(({ point, accepted }, k) => ({
        model: files.points[k]?.model ?? null,
        certificate: files.points[k]?.certificate ?? null,
        claim: point.claim,
        accepted,
        loss: exactNumberJson(point.loss),
        name: point.name,
        parameters: ownModel(point.problem.network, point.point)
      })),
      better: construction.better
        ? {
            model: files.better,
            loss: exactNumberJson(construction.better.loss),
            parameters: ownModel(construction.points[0]!.problem.network, construction.better.point)
          }
        : null,
      notes: construction.notes,
      documents: Object.fromEntries((construction.documents ?? []).map(({ name, value }) => [name, value])),
      seconds
    },
    text: lines(theorem, construction, verified, files, seconds)
  }
}

/** A function as a list of affine pieces; undefined for a file of another kind. */
async function loadPieces(path: string): Promise<ConstructionRequest['pieces']> {
  const written = decodePieces(await readBytes(path), path)
  return written && { maps: written.pieces, sets: written.sets }
}

async function loadModel(path: string): Promise<{ readonly network: Network; readonly point: ExactPoint }> {
  const { network, parameters } = await readModel(path)
  return { network, point: toExact(network, parameters) }
}

function hiddenSizes(text: string): number[] {
  if (!/^\d{1,6}([-,]\d{1,6})*$/.test(text))
    throw new InputError(`--hidden ${text}: expected sizes such as 16 or 16,16`)
  const sizes = text.split(/[-,]/).map(Number)
  if (sizes.includes(0)) throw new InputError(`--hidden ${text}: a layer without units`)
  return sizes
}

/** The numbers given for this theorem. @throws InputError for a number that it does not know, or that is none */
function numbersOf(theorem: Theorem, options: Readonly<Record<string, unknown>>): Record<string, Rational> {
  const numbers: Record<string, Rational> = {}
  for (const name of Object.keys(numbersOfTheorems)) {
    const text = options[name]
    if (text === undefined) continue
    if (!(name in theorem.numbers)) throw new InputError(`--${name}: ${theorem.id} knows no such number`)
    const value = parseExact(String(text))
    if (!value) throw new InputError(`--${name} ${text}: expected a decimal or a fraction`)
    numbers[name] = value
  }
  return numbers
}

/** What the independent checker says about the certificate of a point. */
function verify({ certificate, claim }: ConstructedPoint): { readonly accepted: boolean; readonly outcome: string } {
  if (!certificate) return { accepted: false, outcome: 'no proof' }
  const outcome = checkDocument(certificateText(certificate), { kind: claim })
  if (outcome.outcome === 'accepted') return { accepted: true, outcome: 'accepted' }
  const why = outcome.outcome === 'rejected' ? `${outcome.step}: ${outcome.reason}` : outcome.feature
  return { accepted: false, outcome: `${outcome.outcome}, ${why}` }
}

const refused = (theorem: Theorem, { hypothesis, found }: Extract<Construction, { kind: 'refused' }>): Answer => ({
  exitCode: 1,
  json: { theorem: theorem.id, refused: { hypothesis, found }, points: [], better: null },
  text: `${theorem.id} does not apply: it needs "${hypothesis}", but here: ${found}\n`
})

const ownModel = (network: Network, parameters: ExactPoint): unknown =>
  JSON.parse(new TextDecoder().decode(encodeModelJson({ network, parameters }).bytes))

interface Files {
  readonly points: readonly {
    readonly model: string
    readonly certificate: string | null
    readonly data: string | null
  }[]
  readonly better: string | null
}

async function write(
  directory: string | undefined,
  theorem: Theorem,
  { points, better, documents = [] }: Extract<Construction, { kind: 'built' }>,
  data: LoadedData | undefined
): Promise<Files> {
  if (directory === undefined) return { points: [], better: null }
  const model = async (name: string, network: Network, parameters: ExactPoint): Promise<string> => {
    for (const extension of ['.safetensors', '.json', '.onnx'])
      await writeModel(join(directory, `${name}${extension}`), { network, parameters })
    return join(directory, `${name}.onnx`)
  }
  for (const { name, value } of documents)
    await writeBytes(join(directory, `${name}.json`), `${JSON.stringify(value)}\n`)
  const written = []
  for (const [k, { problem, point, certificate }] of points.entries()) {
    const name = `point-${k + 1}`
    const own = theorem.data === 'yours' ? null : join(directory, `${name}-data.csv`)
    if (own) await writeData(own, problem.data, data)
    if (certificate) await writeBytes(join(directory, `${name}-certificate.json`), certificateText(certificate))
    written.push({
      model: await model(name, problem.network, point),
      certificate: certificate ? join(directory, `${name}-certificate.json`) : null,
      data: own
    })
  }
  return { points: written, better: better ? await model('better', points[0]!.problem.network, better.point) : null }
}

async function writeData(
  path: string,
  { inputs, targets, ...data }: Dataset,
  given: LoadedData | undefined
): Promise<void> {
  const { samples, inputCount: d, targetCount: m } = data
  const names = given
    ? [...given.columns.inputs, ...given.columns.targets]
    : [...Array.from({ length: d }, (_, k) => `x${k + 1}`), ...Array.from({ length: m }, (_, o) => `y${o + 1}`)]
  await writeTable(
    path,
    names,
    Array.from({ length: samples }, (_, i) => [
      ...Array.from({ length: d }, (_, k) => entry(inputs, i * d + k)),
      ...Array.from({ length: m }, (_, o) => entry(targets, i * m + o))
    ])
  )
}

function lines(
  theorem: Theorem,
  { points, better, notes }: Extract<Construction, { kind: 'built' }>,
  verified: readonly { readonly point: ConstructedPoint; readonly accepted: boolean; readonly outcome: string }[],
  files: Files,
  seconds: number
): string {
  const { problem } = points[0]!
  const out = [
    `${paint('bold', theorem.id)}: ${theorem.conclusion}`,
    `${problem.data.samples} samples, ${problemLine(problem, parameterCount(problem.network))}`,
    ''
  ]
  for (const [k, { point, accepted, outcome }] of verified.entries()) {
    const claim = point.claim.toUpperCase().replaceAll('-', ' ')
    out.push(
      `  ${k + 1}. ${paint(accepted ? 'green' : 'red', claim)}, ${accepted ? 'proof accepted by the checker' : outcome}: loss ${point.claim.endsWith('-nearby') ? 'at most ' : ''}${readable(point.loss)}`,
      `     ${point.name}; ${point.reason}`
    )
    const file = files.points[k]
    if (file) out.push(`     ${[file.model, file.certificate, file.data].filter((name) => name !== null).join('  ')}`)
  }
  const isBound = problem.network.layers.some(
    (layer) =>
      layer.kind === 'activation' && layer.activation.kind === 'smooth' && layer.activation.name !== 'quadratic'
  )
  if (better)
    out.push(
      '',
      `  better: loss ${isBound ? 'at most ' : ''}${readable(better.loss)}${files.better ? `  ${files.better}` : ''}`
    )
  for (const note of notes) out.push(`  note: ${note}`)
  if (files.points.length === 0) out.push('  add --out DIR to write the networks and the certificates')
  return [...out, paint('dim', `  ${seconds.toFixed(1)} s`), ''].join('\n')
}
