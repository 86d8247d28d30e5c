import { open, readFile, rename, rm, stat } from 'node:fs/promises'
import { basename, extname } from 'node:path'
import type { Table } from '@nadir/landscape'
import { decodeTable } from './csv/decode.ts'
import { type Cell, encodeTable } from './csv/encode.ts'
import { InputError } from './errors.ts'
import { decodeModelJson, encodeModelJson } from './json/model-json.ts'
import { largestFile } from './limits.ts'
import type { DecodedModel, EncodedModel, Model } from './model.ts'
import { decodeOnnx } from './onnx/decode.ts'
import { encodeOnnx } from './onnx/encode.ts'
import { decodeSafetensors } from './safetensors/decode.ts'
import { encodeSafetensors } from './safetensors/encode.ts'

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or directory',
  EISDIR: 'is a directory',
  ENOTDIR: 'a part of the path is not a directory',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOSPC: 'no space left'
}
const reasonOf = (error: unknown): string => {
  const { code, message } = error as NodeJS.ErrnoException
  return reasons[code ?? ''] ?? message
}

/** The bytes of a file. @throws InputError when it cannot be read or is larger than 1 GiB */
export async function readBytes(path: string): Promise<Uint8Array> {
  try {
    const { size } = await stat(path)
    if (size > largestFile) throw new InputError(`${path}: ${size} bytes are too many`)
    return await readFile(path)
  } catch (error) {
    if (error instanceof InputError) throw error
    throw new InputError(`${path}: ${reasonOf(error)}`)
  }
}

/** Writes beside the path, then renames: a file of that name is complete or as it was. @throws InputError */
export async function writeBytes(path: string, bytes: Uint8Array | string): Promise<void> {
  const beside = `${path}.${process.pid}.part`
  try {
    const file = await open(beside, 'w')
    try {
      await file.writeFile(bytes)
    } finally {
      await file.close()
    }
    await rename(beside, path)
  } catch (error) {
    await rm(beside, { force: true })
    throw new InputError(`${path}: cannot be written: ${reasonOf(error)}`)
  }
}

const extensions = '.onnx, .safetensors and .json'

/**
 * The model in a file, by its extension: `.onnx`, `.safetensors` (architecture from `network`, from the file itself or
 * from NAME.json beside it) or `.json` (nadir's own format). @throws InputError
 */
export async function readModel(
  path: string,
  options: { readonly network?: string | undefined } = {}
): Promise<DecodedModel> {
  const extension = extname(path).toLowerCase()
  if (!['.onnx', '.safetensors', '.json'].includes(extension))
    throw new InputError(`${path}: models are read from ${extensions}`)
  const bytes = await readBytes(path)
  if (bytes.length === 0) throw new InputError(`${path}: the file is empty`)
  const name = basename(path)
  if (extension === '.onnx') return decodeOnnx(bytes, name)
  if (extension === '.json') return decodeModelJson(bytes, name)
  const beside = `${path.slice(0, -extension.length)}.json`
  const description = options.network === undefined ? await readIfThere(beside) : undefined
  return decodeSafetensors(bytes, name, {
    network: options.network,
    description: description && { bytes: description, name: basename(beside) }
  })
}

async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    await stat(path)
  } catch {
    return undefined
  }
  return readBytes(path)
}

/** Writes a model in the format of the extension; returns the notes on what was rounded. @throws InputError */
export async function writeModel(path: string, model: Model): Promise<readonly string[]> {
  const encoders: Readonly<Record<string, (model: Model) => EncodedModel>> = {
    '.onnx': encodeOnnx,
    '.safetensors': encodeSafetensors,
    '.json': encodeModelJson
  }
  const encode = encoders[extname(path).toLowerCase()]
  if (!encode) throw new InputError(`${path}: models are written to ${extensions}`)
  const { bytes, notes } = encode(model)
  await writeBytes(path, bytes)
  return notes
}

/** The table in a CSV file, every cell exact. @throws InputError with row and column */
export async function readTable(path: string): Promise<Table> {
  if (extname(path).toLowerCase() !== '.csv') throw new InputError(`${path}: data are read from .csv`)
  return decodeTable(await readBytes(path), basename(path))
}

/** Writes a CSV file. @throws InputError */
export const writeTable = (path: string, columns: readonly string[], rows: Iterable<readonly Cell[]>): Promise<void> =>
  writeBytes(path, encodeTable(columns, rows))
