import { InputError } from './errors.ts'
import { largestText } from './limits.ts'

/** The text of UTF-8 bytes, a byte order mark removed. @throws InputError when the bytes are not UTF-8, or too many */
export function decodeText(bytes: Uint8Array, name: string): string {
  if (bytes.length > largestText) throw new InputError(`${name}: ${bytes.length} bytes is too long for a text file`)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new InputError(`${name}: not a text file (its bytes are not UTF-8)`)
  }
}
