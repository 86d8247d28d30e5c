/** Allowed imports; see ARCHITECTURE.md. The order of the folders is the order of the sentence there. */
const packageOf = (name) => `^packages/${name}/src`

/** Folders of packages/landscape/src that may be imported from the given ones: each layer sees the layers before it. */
const layers = [
  ['network', 'data', 'loss'],
  ['problem\\.ts', 'point\\.ts', 'traits\\.ts', 'random\\.ts'],
  ['cells', 'curvature'],
  ['verdict\\.ts', 'optimality', 'pieces'],
  ['certification', 'descent', 'training'],
  ['improvement', 'constructions', 'continuous-risk', 'global', 'kinks'],
  ['certify\\.ts', 'certify-deep\\.ts', 'certify-nearby\\.ts', 'improve\\.ts'],
  ['index\\.ts']
]
const landscape = (names) => `^packages/landscape/src/(${names.join('|')})`

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    {
      name: 'no-circles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } }
    },
    {
      name: 'checker-imports-nothing',
      comment: 'The checker shares nothing with the producer and depends on nothing.',
      severity: 'error',
      from: { path: packageOf('checker'), pathNot: '(\\.test\\.ts|/main\\.ts|/testing/)' },
      to: { pathNot: packageOf('checker') }
    },
    {
      name: 'checker-command-imports-node-only',
      severity: 'error',
      from: { path: `${packageOf('checker')}/main\\.ts$` },
      to: { pathNot: packageOf('checker'), dependencyTypesNot: ['core'] }
    },
    {
      name: 'only-command-line-and-tests-use-the-checker',
      severity: 'error',
      from: { path: '^packages/(arithmetic|landscape|formats|report)/src', pathNot: '\\.test\\.ts$' },
      to: { path: packageOf('checker') }
    },
    {
      name: 'arithmetic-imports-nothing',
      severity: 'error',
      from: { path: packageOf('arithmetic'), pathNot: '\\.test\\.ts$' },
      to: { pathNot: packageOf('arithmetic') }
    },
    {
      name: 'landscape-imports-arithmetic-and-kernels',
      severity: 'error',
      from: { path: packageOf('landscape'), pathNot: '\\.test\\.ts$' },
      to: { path: '^packages/', pathNot: '^packages/(landscape|arithmetic|kernels)/' }
    },
    {
      name: 'formats-and-report-do-not-meet',
      severity: 'error',
      from: { path: '^packages/(formats|report)/src', pathNot: '\\.test\\.ts$' },
      to: { path: '^packages/', pathNot: '^packages/(arithmetic|landscape|$1)/' }
    },
    {
      name: 'pure-packages-know-no-platform',
      severity: 'error',
      from: { path: '^packages/(arithmetic|landscape|report)/src', pathNot: '\\.test\\.ts$' },
      to: { dependencyTypes: ['core'] }
    },
    ...layers.slice(0, -1).map((names, k) => ({
      name: `landscape-layer-${k + 1}-looks-back-only`,
      severity: 'error',
      from: { path: landscape(names), pathNot: '\\.test\\.ts$' },
      to: { path: landscape(layers.slice(k + 1).flat()), dependencyTypesNot: ['type-only'] }
    }))
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(/dist/|/node_modules/|\\.generated\\.)' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.node.json' },
    enhancedResolveOptions: { conditionNames: ['nadir-source', 'import', 'default'], exportsFields: ['exports'] }
  }
}
