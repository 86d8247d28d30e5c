#!/usr/bin/env node
import { isMainThread, Worker, workerData } from 'node:worker_threads'
import { run } from './program.ts'

/**
 * The work runs in a worker thread, so that Ctrl-C is heard while it computes: the first one asks for what is proved so far, the second ends the
 * process. Files are written beside and renamed, so nothing is ever half written.
 */
if (isMainThread) {
  // Readers may leave early (a pager, head): what is still to be done is done all the same.
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error
    })
  const interrupted = new Int32Array(new SharedArrayBuffer(4))
  process.on('SIGINT', () => {
    if (Atomics.add(interrupted, 0, 1) > 0) process.exit(130)
    process.stderr.write('\nstopping with what is proved so far; Ctrl-C again to end at once\n')
  })
  const worker = new Worker(new URL(import.meta.url), {
    argv: process.argv.slice(2),
    workerData: { interrupted },
    resourceLimits: { maxOldGenerationSizeMb: 8192, stackSizeMb: 32 }
  })
  worker.on('error', (error) => {
    process.stderr.write(`nadir: internal error: ${error instanceof Error ? (error.stack ?? error.message) : error}\n`)
    process.exitCode = 70
  })
  worker.on('exit', (code) => {
    process.exitCode ??= code
  })
} else {
  const flag = (workerData as { interrupted: Int32Array }).interrupted
  process.exitCode = await run(process.argv.slice(2), () => Atomics.load(flag, 0) > 0)
}
