import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('../../packages/cli/dist/main.js', import.meta.url))
const examples = fileURLToPath(new URL('../../examples', import.meta.url))

export const example = (name: string): string => join(examples, name)

/** A new empty folder with these files in it. */
export function folder(files: Readonly<Record<string, string | Uint8Array>> = {}): string {
  const path = mkdtempSync(join(tmpdir(), 'nadir-'))
  for (const [name, content] of Object.entries(files)) writeFileSync(join(path, name), content)
  return path
}

export const filesIn = (path: string): string[] => readdirSync(path).sort()

/** Runs the built command in a folder. */
export function nadir(args: readonly string[], cwd: string): { code: number | null; out: string; error: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' }
  })
  return { code: status, out: stdout, error: stderr }
}

/** Runs the built command for a reader that takes one line and leaves; what it says to the other stream. */
export function errorsWhenReaderLeaves(args: readonly string[]): string {
  const command = `"${process.execPath}" "${main}" ${args.join(' ')} | head -n 1`
  return spawnSync('sh', ['-c', command], { encoding: 'utf8' }).stderr
}
