import { writeSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { isatty } from 'node:tty'
import { InputError } from '@nadir/formats'

/** What every verb gets besides its own options. */
export interface Session {
  /** True once the user has asked to stop. */
  readonly interrupted: () => boolean
  readonly now: () => number
}

/** What a verb answers: its exit code and, for --json, one JSON document. */
export interface Answer {
  readonly exitCode: 0 | 1 | 2
  readonly json: unknown
  /** The lines for a person. */
  readonly text: string
}

const colours = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, blue: 34, cyan: 36 } as const

/** Paints text when standard output is a terminal and NO_COLOR is not set. */
export function paint(colour: keyof typeof colours, text: string): string {
  if (!isatty(1) || (process.env.NO_COLOR ?? '') !== '') return text
  return `\u001b[${colours[colour]}m${text}\u001b[0m`
}

let last: number | undefined
let shown = false

/** Progress on standard error: one line that rewrites itself on a terminal, plain lines (at most one a second) elsewhere. */
export function progress(line: string): void {
  const now = performance.now()
  // Counted from the first call, so that a slow start of the process shows nothing.
  last ??= now
  if (isatty(2)) {
    if (now - last < 50) return
    writeSync(2, `\r\u001b[K${line.slice(0, 110)}`)
    shown = true
  } else {
    if (now - last < 1000) return
    writeSync(2, `${line}\n`)
  }
  last = now
}

/** Removes the line that rewrites itself. */
export function endProgress(): void {
  if (shown) writeSync(2, '\r\u001b[K')
  shown = false
}

/** The directory of --out, made if need be. @throws InputError */
export async function outputDirectory(path: string): Promise<string> {
  await mkdir(path, { recursive: true }).catch(() => {
    throw new InputError(`${path}: cannot be made a directory`)
  })
  return path
}
