import { defineConfig } from 'tsdown'

// Benchmarks are bundled like the command line, so that they measure what users run.
export default defineConfig({
  entry: ['*.ts', '!measure.ts', '!workloads.ts', '!*.config.ts'],
  outDir: '../out/benchmarks',
  platform: 'node',
  dts: false,
  fixedExtension: false,
  deps: { alwaysBundle: [/^@nadir\//, 'nadir-checker'] },
  inputOptions: { resolve: { conditionNames: ['nadir-source', 'import', 'default'] } }
})
