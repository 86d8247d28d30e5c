import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { extname, join } from 'node:path'
import {
  modelExtensions,
  onnxOperators,
  readModel,
  readTable,
  tableExtensions,
  writeModel,
  writeTable,
  writtenModelExtensions
} from '@nadir/formats'
import { networkName } from '@nadir/landscape'
import { expect, test } from 'vitest'

const here = new URL('.', import.meta.url).pathname
const examples = new URL('../../examples/', import.meta.url).pathname
const text = await readFile(new URL('../../SUPPORTED.md', import.meta.url), 'utf8')
const section = text.slice(text.indexOf('## Files'))

/** Extension, what is done with models of it, what with data. */
const rows = section
  .split('\n')
  .filter((line) => line.startsWith('| `.'))
  .flatMap((line) => {
    const [, names, model, data] = line.split('|').map((cell) => cell.trim())
    return names!.split(', ').map((name) => ({ extension: name.replaceAll('`', ''), model: model!, data: data! }))
  })
const extensions = (has: (row: (typeof rows)[number]) => boolean): string[] =>
  rows
    .filter(has)
    .map((row) => row.extension)
    .sort()

test('the table of files names the extensions that are read and written, and no others', () => {
  expect(extensions((row) => row.model.includes('read'))).toEqual([...modelExtensions].sort())
  expect(extensions((row) => row.model.includes('write'))).toEqual([...writtenModelExtensions].sort())
  expect(extensions((row) => row.data.includes('read'))).toEqual([...tableExtensions].sort())
  expect(extensions((row) => row.data.includes('write'))).toEqual(['.csv'])
})

test('the operators of ONNX are those that are read', () => {
  const listed = section.slice(section.indexOf('Operators of ONNX')).match(/`[A-Za-z]+`/g) ?? []
  expect(listed.map((word) => word.slice(1, -1))).toEqual([...onnxOperators])
})

const files = [
  ...(await readdir(here)).map((name) => join(here, name)),
  ...(await readdir(examples)).map((name) => join(examples, name))
]
const sizes = ['10-16-1 relu', '2-3-1 relu', '3-2-1 relu', '4-5-5-2 relu']

test.each([...modelExtensions])(
  'a model in a %s file is read, and written in every format that is',
  async (extension) => {
    const folder = await mkdtemp(join(tmpdir(), 'nadir-files-'))
    let models = 0
    for (const file of files.filter((name) => extname(name) === extension))
      for (const network of [undefined, ...sizes]) {
        const model = await readModel(file, { network }).catch(() => undefined)
        if (!model) continue
        models++
        for (const to of writtenModelExtensions) {
          const path = join(folder, `copy${to}`)
          await writeModel(path, model)
          const back = await readModel(path)
          expect(networkName(back.network)).toBe(networkName(model.network))
        }
        break
      }
    // nadir's own files are made here; of every other extension there are some.
    if (extension !== '.json') expect(models).toBeGreaterThan(0)
    await rm(folder, { recursive: true })
  }
)

test.each([...tableExtensions])('data in a %s file are read', async (extension) => {
  const tables = files.filter((name) => extname(name) === extension)
  const read = await Promise.all(tables.map((file) => readTable(file).catch(() => undefined)))
  expect(read.filter((table) => table !== undefined).length).toBeGreaterThan(0)
})

test('what the table does not name is refused in words', async () => {
  await expect(readModel(join(here, 'README.md'))).rejects.toThrow(
    `models are read from ${modelExtensions.slice(0, -1).join(', ')} and`
  )
  await expect(readTable(join(here, 'README.md'))).rejects.toThrow('data are read from')
  await expect(writeModel(join(here, 'x.pt'), {} as never)).rejects.toThrow(
    'models are written to .onnx, .safetensors and .json'
  )
  await expect(writeTable(join(here, 'no', 'x.csv'), ['a'], [[1]])).rejects.toThrow('no such file or directory')
})
