import { InputError, readBytes, writeBytes } from '@nadir/formats'
import { stateFromText, stateText, type TrainingState } from '@nadir/landscape'

/** One row of a history: phase, step, loss. */
export type HistoryRow = [string, number, number]

/** Where a run stands: enough to go on exactly as if it had not stopped. */
export interface Checkpoint {
  readonly state: TrainingState
  readonly history: HistoryRow[]
}

/** `task` names everything that the run depends on: another task is not resumed. */
export const writeCheckpoint = (path: string, task: string, { state, history }: Checkpoint): Promise<void> =>
  writeBytes(path, JSON.stringify({ format: 'nadir-checkpoint/1', task, state: stateText(state), history }))

/** @throws InputError when there is none, or when it belongs to another task */
export async function readCheckpoint(path: string, task: string): Promise<Checkpoint> {
  const text = new TextDecoder().decode(
    await readBytes(path).catch((error) => {
      if (error instanceof InputError)
        throw new InputError(`${error.message}: nothing to resume (a run that came to its end leaves no checkpoint)`)
      throw error
    })
  )
  try {
    const { format, task: its, state, history } = JSON.parse(text)
    if (format !== 'nadir-checkpoint/1') throw new TypeError('not a checkpoint')
    if (its !== task)
      throw new InputError(
        `${path}: belongs to other data or settings: ${difference(JSON.parse(its), JSON.parse(task))}`
      )
    return { state: stateFromText(state), history }
  } catch (error) {
    if (error instanceof InputError) throw error
    throw new InputError(`${path}: is not a checkpoint of nadir train`)
  }
}

/** The first setting in which two tasks differ, in words. */
function difference(its: Readonly<Record<string, unknown>>, own: Readonly<Record<string, unknown>>): string {
  const key = Object.keys({ ...its, ...own }).find((k) => JSON.stringify(its[k]) !== JSON.stringify(own[k]))!
  const show = (value: unknown) => (value === undefined ? 'nothing' : JSON.stringify(value))
  return `${key} was ${show(its[key])}, now it is ${show(own[key])}`
}
