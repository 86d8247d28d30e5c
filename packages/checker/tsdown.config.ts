import { defineConfig } from 'tsdown'

// The command is the library and a few lines of its own: both share one chunk.
export default defineConfig({
  entry: ['src/index.ts', 'src/main.ts'],
  platform: 'neutral',
  tsconfig: '../../tsconfig.node.json',
  dts: { entry: 'src/index.ts' },
  fixedExtension: false,
  outputOptions: { chunkFileNames: 'check.js' },
  deps: { neverBundle: [/^node:/] }
})
