import { createHash } from 'node:crypto'
import { rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { InputError, readBytes, writeBytes } from '@nadir/formats'
import type { Problem, UnfinishedSpectrum } from '@nadir/landscape'
import { version } from './version.ts'

const headName = 'unfinished.json'
const vectorsName = 'unfinished.bin'

/** What an unfinished run belongs to: it may be resumed by a command with the same key only. */
export function runKey(problem: Problem, theta: Float64Array, options: unknown): string {
  const hash = createHash('sha256')
  const { data } = problem
  const { network, loss, reduction, weightDecay, decayBiases } = problem
  const named = [version, network, loss, reduction, weightDecay, decayBiases, data.samples, data.inputCount, options]
  hash.update(JSON.stringify(named, (_, x) => (typeof x === 'bigint' ? String(x) : x)))
  for (const numbers of [theta, data.approximateInputs, data.approximateTargets])
    hash.update(new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength))
  return hash.digest('hex')
}

/** Writes what is left into the directory, or removes what an earlier run left there. The vectors first: without a head they are nothing. */
export async function keepUnfinished(
  directory: string,
  key: string,
  rest: UnfinishedSpectrum | undefined
): Promise<string | null> {
  const head = join(directory, headName)
  const vectors = join(directory, vectorsName)
  if (!rest) {
    await rm(head, { force: true })
    await rm(vectors, { force: true })
    return null
  }
  const { extremes, trace, rules, run } = rest
  const next = run?.next
  if (run) {
    const all = new Float64Array(run.vectors.length + (next?.length ?? 0))
    all.set(run.vectors)
    if (next) all.set(next, run.vectors.length)
    await writeBytes(vectors, new Uint8Array(all.buffer))
  }
  const document = {
    key,
    extremes,
    trace,
    rules: rules.map((r) => ({ ...r, nodes: Array.from(r.nodes), weights: Array.from(r.weights) })),
    run: run && { alpha: run.alpha, beta: run.beta, vectors: run.vectors.length, next: next?.length ?? 0 }
  }
  await writeBytes(head, `${JSON.stringify(document)}\n`)
  return head
}

/** What an earlier run with this key left in the directory. @throws InputError when it cannot be read */
export async function readUnfinished(directory: string, key: string): Promise<UnfinishedSpectrum | undefined> {
  const head = join(directory, headName)
  try {
    await stat(head)
  } catch {
    return undefined
  }
  const damaged = () => new InputError(`${head}: not what an unfinished run leaves; remove it to begin anew`)
  let document: ReturnType<typeof JSON.parse>
  try {
    document = JSON.parse(new TextDecoder().decode(await readBytes(head)))
  } catch {
    throw damaged()
  }
  if (document?.key !== key) return undefined
  if (!Array.isArray(document.rules)) throw damaged()
  const { run } = document
  let state: UnfinishedSpectrum['run']
  if (run) {
    const bytes = await readBytes(join(directory, vectorsName))
    if (bytes.byteLength !== 8 * (run.vectors + run.next)) throw damaged()
    const all = new Float64Array(bytes.slice().buffer)
    const next = run.next > 0 ? all.slice(run.vectors) : undefined
    state = { alpha: run.alpha, beta: run.beta, vectors: all.subarray(0, run.vectors), next }
  }
  return {
    extremes: document.extremes,
    trace: document.trace,
    rules: document.rules.map((r: { nodes: number[]; weights: number[] }) => ({
      ...r,
      nodes: Float64Array.from(r.nodes),
      weights: Float64Array.from(r.weights)
    })),
    run: state
  }
}
