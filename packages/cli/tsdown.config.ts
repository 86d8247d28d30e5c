import { defineConfig } from 'tsdown'

// Our own workspaces are bundled in; third-party packages stay dependencies.
const ours = [/^@nadir\//, 'nadir-checker']

export default defineConfig([
  {
    entry: ['src/index.ts'],
    platform: 'node',
    tsconfig: '../../tsconfig.node.json',
    // Types take longer than all the rest: they are made when the package is packed.
    dts: process.env.npm_lifecycle_event === 'prepack' && { eager: true },
    fixedExtension: false,
    deps: { alwaysBundle: ours },
    inputOptions: { resolve: { conditionNames: ['nadir-source', 'import', 'default'] } }
  },
  {
    entry: ['src/main.ts'],
    platform: 'node',
    dts: false,
    clean: false,
    fixedExtension: false,
    deps: { alwaysBundle: ours },
    inputOptions: { resolve: { conditionNames: ['nadir-source', 'import', 'default'] } }
  }
])
