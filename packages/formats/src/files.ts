import { readFileSync, realpathSync, statSync } from 'node:fs'
import { open, readFile, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, extname, isAbsolute, join, resolve, sep } from 'node:path'
import * as zlib from 'node:zlib'
import type { Table } from '@nadir/landscape'
import { decodeTable } from './csv/decode.ts'
import { type Cell, encodeTable } from './csv/encode.ts'
import { InputError } from './errors.ts'
import { decodeModelJson, encodeModelJson } from './json/model-json.ts'
import { decodeKeras } from './keras/decode.ts'
import { largestFile } from './limits.ts'
import type { DecodedModel, EncodedModel, Model } from './model.ts'
import { decodeNumpyModel, decodeNumpyTable } from './numpy/decode.ts'
import { decodeOnnx } from './onnx/decode.ts'
import { encodeOnnx } from './onnx/encode.ts'
import { decodeParquetTable } from './parquet/decode.ts'
import { decodePytorch } from './pytorch/decode.ts'
import type { Precision } from './rounding.ts'
import { decodeSafetensors } from './safetensors/decode.ts'
import { encodeSafetensors } from './safetensors/encode.ts'
import type { ArchitectureSource } from './tensors/decode.ts'

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
    const { buffer, byteOffset, byteLength } = await readFile(path)
    // A Buffer's own slice would not copy.
    return new Uint8Array(buffer, byteOffset, byteLength)
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

type Decode = (bytes: Uint8Array, name: string, source: ArchitectureSource) => DecodedModel

/** How models are read, by extension; those that carry no architecture take it from `--network` or a file beside. */
const modelReaders: Readonly<Record<string, { readonly decode: Decode; readonly bare?: true }>> = {
  '.onnx': { decode: (bytes, name) => decodeOnnx(bytes, name) },
  '.safetensors': { decode: decodeSafetensors, bare: true },
  '.pt': { decode: decodePytorch, bare: true },
  '.pth': { decode: decodePytorch, bare: true },
  '.npz': { decode: decodeNumpyModel, bare: true },
  '.npy': { decode: decodeNumpyModel, bare: true },
  '.h5': { decode: decodeKeras, bare: true },
  '.keras': { decode: decodeKeras, bare: true },
  '.json': { decode: decodeModelJson }
}
const modelWriters: Readonly<Record<string, (model: Model, precision?: Precision) => EncodedModel>> = {
  '.onnx': encodeOnnx,
  '.safetensors': (model) => encodeSafetensors(model),
  '.json': (model) => encodeModelJson(model)
}
const tableReaders: Readonly<Record<string, (bytes: Uint8Array, name: string) => Table>> = {
  '.csv': decodeTable,
  '.parquet': (bytes, name) => decodeParquetTable(bytes, name, zstandard),
  '.npy': decodeNumpyTable,
  '.npz': decodeNumpyTable
}

/** The extensions of files that are read and written. */
export const modelExtensions: readonly string[] = Object.keys(modelReaders)
export const writtenModelExtensions: readonly string[] = Object.keys(modelWriters)
export const tableExtensions: readonly string[] = Object.keys(tableReaders)

const listed = (names: readonly string[]): string =>
  names.length === 1 ? names[0] : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
const readerFor = <T>(readers: Readonly<Record<string, T>>, extension: string): T | undefined =>
  Object.hasOwn(readers, extension) ? readers[extension] : undefined

/**
 * The model in a file, by its extension: `.onnx`, `.json` (nadir's own format), or one of those that hold tensors only
 * (`.safetensors`, `.pt`, `.npz`, ...), whose architecture comes from `network`, from the file itself or from NAME.json
 * beside it. @throws InputError
 */
export async function readModel(
  path: string,
  options: { readonly network?: string | undefined } = {}
): Promise<DecodedModel> {
  const extension = extname(path).toLowerCase()
  const reader = readerFor(modelReaders, extension)
  if (!reader) throw new InputError(`${path}: models are read from ${listed(modelExtensions)}`)
  const bytes = await readBytes(path)
  if (bytes.length === 0) throw new InputError(`${path}: the file is empty`)
  const name = basename(path)
  if (extension === '.onnx') return decodeOnnx(bytes, name, externalReader(path))
  if (!reader.bare) return reader.decode(bytes, name, {})
  const beside = `${path.slice(0, -extension.length)}.json`
  const description = options.network === undefined ? await readIfThere(beside) : undefined
  return reader.decode(bytes, name, {
    network: options.network,
    description: description && { bytes: description, name: basename(beside) }
  })
}

/** Reads files beside a model, in its folder or below, wherever links lead. @throws InputError for any other place */
function externalReader(path: string): (location: string) => Uint8Array {
  const folder = dirname(resolve(path))
  return (location) => {
    const fail = (reason: string): never => {
      throw new InputError(`${basename(path)}: external data "${location}": ${reason}`)
    }
    if (
      location === '' ||
      isAbsolute(location) ||
      /^[a-z]:|\\|\0/i.test(location) ||
      location.split('/').includes('..')
    )
      fail('only files in the folder of the model are read')
    try {
      const inside = realpathSync(folder)
      const file = realpathSync(join(folder, location))
      if (!file.startsWith(`${inside}${sep}`)) fail('leads out of the folder of the model')
      const about = statSync(file)
      if (!about.isFile()) fail('is no file')
      if (about.size > largestFile) fail(`${about.size} bytes are too many`)
      const { buffer, byteOffset, byteLength } = readFileSync(file)
      return new Uint8Array(buffer, byteOffset, byteLength)
    } catch (error) {
      if (error instanceof InputError) throw error
      return fail(reasonOf(error))
    }
  }
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
export async function writeModel(
  path: string,
  model: Model,
  options: { readonly precision?: Precision | undefined } = {}
): Promise<readonly string[]> {
  const extension = extname(path).toLowerCase()
  const encode = readerFor(modelWriters, extension)
  if (!encode) throw new InputError(`${path}: models are written to ${listed(writtenModelExtensions)}`)
  if (options.precision === 'float32' && extension !== '.onnx')
    throw new InputError(`${path}: float32 is written to .onnx only; other formats keep more`)
  const { bytes, notes } = encode(model, options.precision)
  await writeBytes(path, bytes)
  return notes
}

/** The table in a file, by its extension, every cell exact. @throws InputError with row and column */
export async function readTable(path: string): Promise<Table> {
  const decode = readerFor(tableReaders, extname(path).toLowerCase())
  if (!decode) throw new InputError(`${path}: data are read from ${listed(tableExtensions)}`)
  return decode(await readBytes(path), basename(path))
}

/** Unpacks Zstandard where Node can: from version 22.15. */
function zstandard(packed: Uint8Array, length: number): Uint8Array {
  const unpack = (zlib as unknown as { zstdDecompressSync?: (b: Uint8Array, o: object) => Uint8Array })
    .zstdDecompressSync
  if (!unpack)
    throw new Error(
      'its pages are packed with zstd, which Node unpacks from version 22.15 on; snappy and gzip always work'
    )
  return unpack(packed, { maxOutputLength: length })
}

/** Writes a CSV file. @throws InputError */
export const writeTable = (path: string, columns: readonly string[], rows: Iterable<readonly Cell[]>): Promise<void> =>
  writeBytes(path, encodeTable(columns, rows))
