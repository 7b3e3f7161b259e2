/** Who may import whom. A folder's row names what it may reach; everything else is refused. */

const packages = (...names) => names.map((name) => `node_modules/${name}/`)
/** A row: files under `from` may import only what matches `may`. */
const only = (name, from, may, comment) => ({
  name,
  comment,
  severity: 'error',
  from: { path: from },
  to: { pathNot: may, couldNotResolve: false },
})
/** A row: files under `from` (and not in `except`) never import `to`. */
const never = (name, from, to, comment, except) => ({
  name,
  comment,
  severity: 'error',
  from: except ? { path: from, pathNot: except } : { path: from },
  to: { path: to },
})
const builtins =
  '^(node:)?(assert|async_hooks|buffer|child_process|cluster|console|crypto|dgram|dns|events|fs|http|http2|https|module|net|os|path|perf_hooks|process|querystring|readline|repl|stream|string_decoder|timers|tls|tty|url|util|v8|vm|wasi|worker_threads|zlib)(/|$)'
const tensorflow = packages('@tensorflow')[0]
const onnx = 'node_modules/onnxruntime-'
/** Calls the functions of native libraries. */
const foreign = packages('koffi')[0]
const vuePackages = packages('vue', '@vue', 'vue-router')
const componentLibrary = packages('reka-ui', '@tanstack/vue-virtual')

module.exports = {
  forbidden: [
    only(
      'shared-is-alone',
      '^src-shared/',
      ['^src-shared/', ...packages('zod')],
      'src-shared says what can be said: zod and itself.',
    ),
    only(
      'compute-below-all',
      '^src-main/compute/',
      ['^src-main/compute/', tensorflow, onnx, foreign, builtins, '^src-shared/(records|result)\\.ts$'],
      'compute knows TensorFlow.js and ONNX Runtime, and of the rest only the record of a device.',
    ),
    never(
      'foreign-calls-in-two-files',
      '^src-',
      foreign,
      'A wrong signature ends the process: onnx-runtime.ts declares them, and a lane calls one of them.',
      '^src-main/compute/(onnx-runtime|lanes)\\.ts$',
    ),
    only(
      'maths-is-pure',
      '^src-main/maths/',
      ['^src-main/maths/', '^src-main/compute/tf\\.ts$'],
      'maths is pure functions over numbers and tensors.',
    ),
    only(
      'model',
      '^src-main/model/',
      [
        '^src-main/(model|maths|compute)/',
        '^src-shared/',
        '^src-main/resources-folder\\.ts$',
        builtins,
        ...packages('@huggingface/tokenizers', '@huggingface/jinja'),
      ],
      'model knows maths, compute and shared.',
    ),
    only(
      'data',
      '^src-main/data/',
      [
        '^src-main/data/',
        '^src-main/model/tokenizers/',
        '^src-shared/',
        builtins,
        ...packages('papaparse', '@types/papaparse', 'hyparquet', 'hyparquet-compressors'),
      ],
      'data turns files into records and batches; of model it knows tokenizers.',
    ),
    only(
      'rewards',
      '^src-main/rewards/',
      [
        '^src-main/(rewards|data|model|maths|compute)/',
        '^src-shared/',
        ...packages('vader-sentiment', 'wink-nlp', 'wink-eng-lite-web-model'),
      ],
      'rewards say how good a completion is; they store nothing.',
    ),
    only(
      'trainers',
      '^src-main/trainers/',
      ['^src-main/(trainers|rewards|data|model|maths|compute)/', '^src-shared/'],
      'A trainer knows no SQL, no file, no window.',
    ),
    only(
      'evaluation',
      '^src-main/evaluation/',
      ['^src-main/(evaluation|rewards|data|model|maths|compute)/', '^src-shared/'],
      'Evaluation knows no SQL, no file, no window.',
    ),
    only(
      'store',
      '^src-main/store/',
      ['^src-main/store/', '^src-shared/', builtins, ...packages('better-sqlite3', '@types/better-sqlite3')],
      'SQL lives here and knows nothing else of main.',
    ),
    never(
      'one-sqlite-file',
      '^src-',
      'node_modules/(@types/)?better-sqlite3/',
      'store/database.ts is the one file that names the SQLite driver.',
      '^src-main/store/database\\.ts$',
    ),
    never(
      'compute-owns-tensors',
      '^src-',
      [tensorflow, onnx],
      'Only compute names TensorFlow.js and ONNX Runtime packages.',
      '^src-main/compute/',
    ),
    never(
      'electron-in-two-files',
      '^src-',
      ['node_modules/electron/', '^electron$'],
      'Electron is app.ts and preload.ts; all else runs without it.',
      '^src-main/(app|preload)\\.ts$',
    ),
    never('main-is-not-the-page', '^src-main/', '^src-renderer/', 'Main never imports the page.'),
    never(
      'page-is-not-main',
      '^src-renderer/',
      ['^src-main/', builtins, 'node_modules/electron/', '^electron$', tensorflow],
      'The page speaks to main over the contract only.',
    ),
    only(
      'components',
      '^src-renderer/components/',
      ['^src-renderer/(components|composables|charts)/', '^src-shared/', ...vuePackages, ...componentLibrary],
      'A component takes props and emits events: no store, no api.',
    ),
    only(
      'composables',
      '^src-renderer/composables/',
      ['^src-renderer/composables/', '^src-renderer/api\\.ts$', '^src-shared/', ...vuePackages],
      'A composable owns one effect.',
    ),
    only(
      'stores',
      '^src-renderer/stores/',
      [
        '^src-renderer/(stores|composables)/',
        '^src-renderer/api\\.ts$',
        '^src-shared/',
        ...packages('pinia'),
        ...vuePackages,
      ],
      'A store caches what is on screen: no component, no view.',
    ),
    only(
      'charts',
      '^src-renderer/charts/',
      ['^src-renderer/charts/', '^src-shared/', ...packages('chart.js')],
      'Charts know no framework.',
    ),
    never('tests-are-leaves', '^(src-|scripts/)', '^tests/', 'Nothing imports a test.'),
    {
      name: 'no-circles',
      comment: 'Two files that need each other are one file.',
      severity: 'error',
      from: { path: '^src-' },
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'resolvable',
      comment: 'An import that leads nowhere.',
      severity: 'error',
      from: { path: '^src-' },
      to: { couldNotResolve: true, pathNot: '^(electron$|virtual:)' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'default', 'types'],
      extensions: ['.ts', '.vue', '.mjs', '.js', '.json', '.d.ts'],
    },
  },
}
