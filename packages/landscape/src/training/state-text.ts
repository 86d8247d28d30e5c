import type { StateValue, TrainingState } from './trainer.ts'

const kinds = { Float64Array, Int32Array, Int8Array, Uint8Array } as const

/** A state as JSON; doubles keep every bit (NaN, infinities and -0 too). */
export const stateText = (state: TrainingState): string => JSON.stringify(plain(state as unknown as StateValue))

/** The state of `stateText`. @throws SyntaxError or TypeError for other texts */
export function stateFromText(text: string): TrainingState {
  const value = revived(JSON.parse(text) as Plain)
  const state = value as unknown as TrainingState
  if (!(state?.theta instanceof Float64Array) || typeof state.step !== 'number' || typeof state.loss !== 'number')
    throw new TypeError('not the state of a training run')
  return state
}

type Plain = number | string | boolean | null | readonly Plain[] | { readonly [key: string]: Plain }

function plain(value: StateValue): Plain {
  if (typeof value === 'number')
    return Number.isFinite(value) && !Object.is(value, -0)
      ? value
      : { number: Object.is(value, -0) ? '-0' : `${value}` }
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value
  for (const [kind, type] of Object.entries(kinds))
    if (value instanceof type) return { [kind]: Array.from(value, (x) => plain(x)) }
  if (Array.isArray(value)) return (value as readonly StateValue[]).map(plain)
  const entries = Object.entries(value as { readonly [key: string]: StateValue }).filter(([, v]) => v !== undefined)
  return { record: Object.fromEntries(entries.map(([key, v]) => [key, plain(v)])) }
}

function revived(value: Plain): StateValue {
  if (value === null || typeof value !== 'object') return value
  if (Array.isArray(value)) return (value as readonly Plain[]).map(revived)
  const [kind, content] = Object.entries(value as { readonly [key: string]: Plain })[0]!
  if (kind === 'number') return Number(content)
  if (kind in kinds) {
    const numbers = (content as readonly Plain[]).map((x) => revived(x) as number)
    return new kinds[kind as keyof typeof kinds](numbers)
  }
  const entries = Object.entries(content as { readonly [key: string]: Plain })
  return Object.fromEntries(entries.map(([key, v]) => [key, revived(v)]))
}
