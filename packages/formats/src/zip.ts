import { unzipSync } from 'fflate'
import { InputError } from './errors.ts'
import { largestFile, mostEntries } from './limits.ts'

/** Do the bytes begin as a zip archive does? */
export const isZip = (bytes: Uint8Array): boolean =>
  bytes[0] === 0x50 && bytes[1] === 0x4b && (bytes[2] === 3 || bytes[2] === 5) && bytes[3] === bytes[2] + 1

/**
 * The files of a zip archive by their names, in the order of its directory. Bounded: by what the directory declares, and
 * what is unpacked fills no more than that. @throws InputError
 */
export function unzip(bytes: Uint8Array, name: string): ReadonlyMap<string, Uint8Array> {
  let entries = 0
  let total = 0
  const order = new Set<string>()
  const most = Math.min(largestFile, 1100 * bytes.length)
  try {
    const files = unzipSync(bytes, {
      filter: (file) => {
        if (++entries > mostEntries) throw new InputError(`${name}: more than ${mostEntries} files in the archive`)
        total += Math.max(file.size, file.originalSize)
        // Deflate packs at most 1032 to 1: whoever declares more does not mean it.
        if (!(total <= most))
          throw new InputError(`${name}: "${file.name}" unpacks to ${file.originalSize} bytes, too many`)
        if (file.name.endsWith('/')) return false
        if (order.has(file.name)) throw new InputError(`${name}: the archive holds "${file.name}" twice`)
        order.add(file.name)
        return true
      }
    })
    return new Map(Array.from(order, (file) => [file, files[file]]))
  } catch (error) {
    if (error instanceof InputError) throw error
    throw new InputError(`${name}: not a zip archive, or a damaged one (${(error as Error).message})`)
  }
}
