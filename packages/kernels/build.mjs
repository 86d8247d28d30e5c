// Compiles assembly/kernels.ts and writes the bytes into src/module.generated.ts. Needs the AssemblyScript compiler.
import { writeFileSync } from 'node:fs'
import asc from 'assemblyscript/asc'

const here = new URL('.', import.meta.url)
let bytes
const { error, stderr } = await asc.main(
  [
    'assembly/kernels.ts',
    '-O3',
    '--runtime',
    'stub',
    '--noAssert',
    '--enable',
    'simd',
    '--outFile',
    'kernels.wasm',
    '--baseDir',
    here.pathname
  ],
  {
    writeFile: (name, content) => {
      if (name.endsWith('.wasm')) bytes = content
    }
  }
)
if (error) throw new Error(`${error.message}\n${stderr}`)
const text = Buffer.from(bytes)
  .toString('base64')
  .replace(/.{1,110}/g, (line) => `  '${line}' +\n`)
  .replace(/ \+\n$/, '\n')
writeFileSync(
  new URL('src/module.generated.ts', here),
  `/** assembly/kernels.ts compiled, ${bytes.length} bytes; written by build.mjs. */\nexport const moduleText: string =\n${text}`
)
console.log(`${bytes.length} bytes`)
