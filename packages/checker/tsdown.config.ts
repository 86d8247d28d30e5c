import { defineConfig } from 'tsdown'

export default defineConfig([
  { entry: ['src/index.ts'], platform: 'neutral', dts: true, fixedExtension: false },
  { entry: ['src/main.ts'], platform: 'node', dts: false, clean: false, fixedExtension: false }
])
