import { join } from 'node:path'
import { InputError, writeBytes, writeModel } from '@nadir/formats'
import {
  type CurvatureKind,
  type Point,
  type Problem,
  type Pruned,
  prune,
  type SpectrumOptions,
  spectrum,
  toFloat
} from '@nadir/landscape'
import { Command, InvalidArgumentError, Option } from 'commander'
import {
  type CommonOptions,
  dataFiles,
  loadProblem,
  modelFiles,
  type ProblemOptions,
  parseCount,
  withCommonOptions,
  withProblemOptions
} from '../problem-options.ts'
import type { Verb } from '../program.ts'
import { type Answer, outputDirectory, progress, type Session } from '../session.ts'
import { spectrumCard } from '../spectrum-card.ts'
import { writeSpectrum } from '../spectrum-files.ts'
import { spectrumJson, type WrittenSpectrum } from '../spectrum-json.ts'
import { keepUnfinished, readUnfinished, runKey } from '../spectrum-resume.ts'

interface SpectrumVerbOptions extends ProblemOptions, CommonOptions {
  readonly curvature: CurvatureKind
  readonly largest: number
  readonly smallest: number
  readonly steps: number
  readonly probes: number
  readonly reach: number
  readonly denseLimit: number
  readonly perLayer?: boolean
  readonly prune?: string
}

const positive = (text: string): number => {
  const value = Number(text)
  if (!(value > 0) || !Number.isFinite(value)) throw new InvalidArgumentError('expected a positive number.')
  return value
}

export function spectrumVerb(): Verb {
  const command = new Command('spectrum')
    .description('the eigenvalues of the Hessian at this point, and why it is singular, cause by cause')
    .argument('<model>', modelFiles)
    .argument('<data>', dataFiles)
    .option('--network <architecture>', 'for files without an architecture: "10-16-1 relu"')
    .addOption(
      new Option('--curvature <kind>', 'which matrix')
        .choices(['hessian', 'gauss-newton', 'fisher', 'empirical-fisher'])
        .default('hessian')
    )
    .option('--largest <number>', 'so many of the largest eigenvalues', parseCount, 10)
    .option('--smallest <number>', 'so many of the smallest', parseCount, 10)
    .option('--steps <number>', 'Lanczos steps of the density of a large network', parseCount, 100)
    .option('--probes <number>', 'random probes of that density', parseCount, 4)
    .option('--dense-limit <number>', 'up to so many parameters the whole matrix is formed', parseCount, 1500)
    .option('--per-layer', 'large networks: the ends of the spectrum of each layer too')
    .option('--reach <distance>', 'samples this near to a kink are counted', positive, 1e-5)
    .option('--prune <file>', 'write the network without superfluous units (.json keeps it exact)')
  withCommonOptions(withProblemOptions(command)).addHelpText(
    'after',
    '\nExample:\n  nadir spectrum model.onnx data.csv --target y --out out --prune smaller.json\n\n' +
      'Stopped work (--time-limit, Ctrl-C) is continued by the same command with the same --out.\n' +
      'Exit code: 0 done, 1 this network is not covered, 2 bad input.'
  )
  return {
    command,
    act: ([model, data], options, session) => act(model!, data!, options as unknown as SpectrumVerbOptions, session)
  }
}

async function act(
  modelPath: string,
  dataPath: string,
  options: SpectrumVerbOptions,
  session: Session
): Promise<Answer> {
  const begun = session.now()
  requireSensible(options)
  const { problem, parameters, data, notes } = await loadProblem(modelPath, dataPath, options)
  if (options.out !== undefined) await outputDirectory(options.out)
  const limit = options.timeLimit === undefined ? Number.POSITIVE_INFINITY : options.timeLimit * 1000
  const { curvature, largest, smallest, steps, probes, denseLimit, perLayer = false, reach, seed } = options
  const chosen = { curvature, largest, smallest, steps, probes, denseLimit, perLayer, reach, seed }
  const key = options.out === undefined ? '' : runKey(problem, toFloat(parameters).values, chosen)
  const resume = options.out === undefined ? undefined : await readUnfinished(options.out, key)
  const setting: SpectrumOptions = {
    ...chosen,
    resume,
    stop: () => session.interrupted() || session.now() - begun > limit,
    progress: progressBar(session)
  }
  const result = spectrum(problem, parameters, setting)
  const seconds = () => Math.round(session.now() - begun) / 1000
  if (result.kind === 'obstacle')
    return {
      exitCode: 1,
      json: { undecided: result.reason, tryNext: result.tryNext, seconds: seconds() },
      text: `the curvature of this network is not covered: ${result.reason}\n  next: ${result.tryNext}\n`
    }
  const smaller = await writePruned(options.prune, problem, parameters)
  const files = options.out === undefined ? [] : await writeSpectrum(options.out, problem, result)
  const written: WrittenSpectrum = {
    files,
    pruned: smaller.path,
    unfinished: options.out === undefined ? null : await keepUnfinished(options.out, key, result.rest)
  }
  if (options.out !== undefined) files.unshift(join(options.out, 'spectrum.json'))
  const document = spectrumJson(problem, result, smaller.pruned, written, seconds())
  if (options.out !== undefined) await writeBytes(files[0]!, `${JSON.stringify(document, null, 2)}\n`)
  const remarks = [...notes, ...smaller.notes, ...(resume ? ['went on from where the last run was stopped'] : [])]
  const names = { model: modelPath, data: dataPath }
  return {
    exitCode: 0,
    json: document,
    text: spectrumCard(problem, result, smaller.pruned, written, names, data, remarks, seconds())
  }
}

function requireSensible({ largest, smallest, steps, probes, prune: path }: SpectrumVerbOptions): void {
  if (steps < 1) throw new InputError('--steps: expected at least one step')
  if (probes < 1) throw new InputError('--probes: expected at least one probe')
  if (largest < 1 || smallest < 1) throw new InputError('--largest and --smallest: expected at least one eigenvalue')
  if (path !== undefined && !/\.(onnx|safetensors|json)$/i.test(path))
    throw new InputError(`--prune ${path}: expected a name ending in .onnx, .safetensors or .json`)
}

/** `density  [######......]  212/400  about 3 min left`. */
function progressBar(session: Session): (stage: string, done: number, total: number) => void {
  let stageBegun = session.now()
  let shown = ''
  let first = 0
  return (stage, done, total) => {
    if (stage !== shown) {
      shown = stage
      stageBegun = session.now()
      first = done
    }
    if (total <= 1) {
      progress(stage)
      return
    }
    const full = Math.round((20 * done) / total)
    const elapsed = session.now() - stageBegun
    const left = done > first && elapsed > 3000 ? (elapsed * (total - done)) / (done - first) / 1000 : undefined
    const rest =
      left === undefined ? '' : `  at most ${left < 90 ? `${Math.ceil(left)} s` : `${Math.ceil(left / 60)} min`} left`
    progress(`${stage.padEnd(10)} [${'#'.repeat(full)}${'.'.repeat(20 - full)}]  ${done}/${total}${rest}`)
  }
}

/** The network without superfluous units, where --prune asks for it and there are such. */
async function writePruned(
  path: string | undefined,
  problem: Problem,
  parameters: Point
): Promise<{ pruned: Pruned | undefined; path: string | null; notes: readonly string[] }> {
  const nothing = { pruned: undefined, path: null, notes: [] }
  if (path === undefined) return nothing
  const pruned = prune(problem, parameters)
  if (pruned.kind === 'obstacle') return { ...nothing, notes: [`not pruned: ${pruned.reason}`] }
  if (pruned.removed.length === 0) return { pruned, path: null, notes: [] }
  const notes = await writeModel(path, { network: pruned.network, parameters: pruned.point })
  const rounded =
    notes.length > 0 ? ['the equality of outputs is that of the exact fractions: a .json name keeps them'] : []
  return { pruned, path, notes: [...notes, ...rounded] }
}
