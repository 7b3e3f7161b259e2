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
  '^(node:)?(assert|async_hooks|buffer|child_process|cluster|console|crypto|dgram|dns|events|fs|http|http2|' +
  'https|module|net|os|path|perf_hooks|process|querystring|readline|repl|stream|string_decoder|timers|tls|tty|' +
  'url|util|v8|vm|wasi|worker_threads|zlib)(/|$)'
const tensorflow = packages('@tensorflow')[0]
const onnx = 'node_modules/onnxruntime-'
/** Calls the functions of native libraries. */
const foreign = packages('koffi')[0]
const electron = ['node_modules/electron/', '^electron$']
const vuePackages = packages('vue', '@vue', 'vue-router')
const componentLibrary = packages('reka-ui', '@tanstack/vue-virtual')

/** Folders of main that know nothing of the studio's nouns: what each may reach besides itself and src-shared. */
const grounds = {
  maths: { may: ['^src-main/compute/tf\\.ts$'], says: 'Pure functions over numbers and tensors.' },
  model: {
    may: [
      '^src-main/(maths|compute)/',
      '^src-main/places/resources-folder\\.ts$',
      builtins,
      ...packages('@huggingface/tokenizers'),
    ],
    says: 'model knows maths, compute and shared, and where its vocabularies lie.',
  },
  data: {
    may: [
      '^src-main/model/(tokenizers|rendering)',
      builtins,
      ...packages(
        'papaparse',
        '@types/papaparse',
        'hyparquet',
        'hyparquet-compressors',
        'hyparquet-writer',
        'fzstd',
        '@openpgp/unbzip2-stream',
        'xz-decompress',
      ),
    ],
    says: 'data turns files into records and batches; of model it knows tokenizers and how they render turns.',
  },
  rewards: {
    may: [
      '^src-main/(data|model|maths|compute)/',
      '^src-main/places/resources-folder\\.ts$',
      builtins,
      ...packages('wink-nlp', 'wink-eng-lite-web-model', '@jitl', 'quickjs-emscripten-core'),
    ],
    says: 'rewards say how good a completion is, by word lists that lie with the program; they store nothing.',
  },
  trainers: {
    may: ['^src-main/(rewards|data|model|maths|compute)/'],
    says: 'A trainer knows no SQL, no file, no window.',
  },
  evaluation: {
    may: ['^src-main/(rewards|data|model|maths|compute)/'],
    says: 'Evaluation knows no SQL, no file, no window.',
  },
  store: {
    may: [builtins, ...packages('better-sqlite3', '@types/better-sqlite3')],
    says: 'SQL lives here and knows nothing else of main.',
  },
}

/** What all of compute speaks of: tensors, programs, parameters, sessions, and what goes wrong. */
const computeWords = [
  'device-failure',
  'no-telemetry',
  'eight-bit-parameters',
  'eight-bits',
  'engine',
  'in-turn',
  'ledger',
  'machine-memory',
  'numerical-error',
  'parameter-blocks',
  'parameters',
  'placement',
  'session',
  'tf',
  'without-eight-bits',
]
/** Folders of compute from the ground up: which others each may reach, besides itself and compute's words. */
const computeFolders = {
  graph: { may: [], says: 'A graph and its algebra know no operator of ONNX.' },
  lower: { may: ['graph'], says: 'Rows know graphs and what ONNX has.' },
  recording: { may: ['graph', 'lower'], says: 'A recording asks the rows what to write down.' },
  training: { may: ['graph', 'recording'], says: 'What train steps share knows no device.' },
  providers: { may: ['graph', 'lower'], says: 'Providers run lowered models from host memory.' },
  cpu: {
    may: ['graph', 'lower', 'recording', 'training', 'providers'],
    says: 'The compiled engine runs on the CPU, and on providers that take host memory.',
  },
  webgpu: {
    may: ['graph', 'lower', 'recording', 'training', 'providers'],
    says: 'The engine whose numbers stay on the device knows no other.',
  },
  tensorflow: { may: ['recording', 'training'], says: 'The eager engine lowers nothing.' },
  selftest: {
    may: ['recording', 'tensorflow'],
    says: 'The self-test is given the engine it tests, and knows the one it compares with.',
  },
}

/** The studio's own folders, from the ground up: each may import those before it, the grounds and src-shared. */
const nouns = [
  'places',
  'changes',
  'border',
  'team',
  'hub',
  'datasets',
  'checkpoints',
  'launch',
  'processes',
  'endpoint',
  'runs',
  'trl',
  'labels',
  'arena',
  'devices',
  'cluster',
  'sample-project',
]
const ground = `^src-main/(compute|${Object.keys(grounds).join('|')})/`
const entries = '^src-main/(app|preload|headless|cli|demo|compute-process|cluster-run|reading-thread)\\.ts$'

module.exports = {
  forbidden: [
    only('shared-is-alone', '^src-shared/', ['^src-shared/', ...packages('zod')], 'zod and itself.'),
    only(
      'compute-below-all',
      '^src-main/compute/',
      [
        '^src-main/compute/',
        tensorflow,
        onnx,
        foreign,
        builtins,
        '^src-shared/(records/.*|records|result)\\.ts$',
      ],
      'compute knows TensorFlow.js and ONNX Runtime, and of the rest only the record of a device.',
    ),
    only(
      'compute-words',
      `^src-main/compute/(${computeWords.join('|')})\\.ts$`,
      [
        `^src-main/compute/(${computeWords.join('|')})\\.ts$`,
        '^src-main/compute/graph/graph\\.ts$',
        '^src-shared/',
        tensorflow,
        builtins,
      ],
      'What all of compute speaks of knows none of its folders but the shape of a graph.',
    ),
    ...Object.entries(computeFolders).map(([folder, { may, says }]) =>
      only(
        `compute-${folder}`,
        `^src-main/compute/${folder}/`,
        [
          `^src-main/compute/(${[folder, ...may].join('|')})/`,
          folder === 'graph'
            ? '^src-main/compute/parameters\\.ts$'
            : `^src-main/compute/(${computeWords.join('|')})\\.ts$`,
          '^src-shared/',
          tensorflow,
          onnx,
          foreign,
          builtins,
        ],
        says,
      ),
    ),
    ...Object.entries(grounds).map(([folder, { may, says }]) =>
      only(
        folder,
        `^src-main/${folder}/`,
        [`^src-main/${folder}/`, ...(folder === 'maths' ? [] : ['^src-shared/']), ...may],
        says,
      ),
    ),
    ...nouns.map((folder, index) =>
      only(
        folder,
        `^src-main/${folder}/`,
        [
          `^src-main/(${nouns.slice(0, index + 1).join('|')})/`,
          ...(folder === 'places' || folder === 'changes' ? [] : [ground]),
          '^src-shared/',
          '^package\\.json$',
          builtins,
          ...packages('ws', '@types/ws', 'zod', '@huggingface/hub'),
        ],
        `${folder} knows the folders below it: ${nouns.slice(0, index).join(', ') || 'none'}.`,
      ),
    ),
    never(
      'handlers-and-studio',
      '^src-main/(handlers/|studio\\.ts$)',
      [entries, '^src-main/(cli|demo)/'],
      'Handlers and the studio know no entry.',
    ),
    only(
      'entries',
      entries,
      ['^src-main/', '^src-shared/', '^package\\.json$', builtins, ...electron, ...packages('commander')],
      'Entries know main and shared.',
    ),
    only(
      'cli-and-demo',
      '^src-main/(cli|demo)/',
      [
        '^src-main/(?!app|preload|headless)',
        '^src-shared/',
        '^package\\.json$',
        builtins,
        ...packages('commander'),
      ],
      'The command line and the demo know main and shared.',
    ),
    never(
      'foreign-calls-in-two-files',
      '^src-',
      foreign,
      'A wrong signature ends the process: onnx-functions.ts declares them, and a lane calls one of them.',
      '^src-main/compute/cpu/(onnx-functions|lanes)\\.ts$',
    ),
    never(
      'one-sqlite-file',
      '^src-',
      'node_modules/(@types/)?better-sqlite3/',
      'store/database.ts is the one file that names the SQLite driver.',
      '^src-main/store/database\\.ts$',
    ),
    never(
      'one-hub-folder',
      '^src-',
      'node_modules/@huggingface/hub/',
      'Only hub speaks to a hub: what leaves the machine leaves from there.',
      '^src-main/hub/',
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
      electron,
      'Electron is app.ts and preload.ts; all else runs without it.',
      '^src-main/(app|preload)\\.ts$',
    ),
    never('main-is-not-the-page', '^src-main/', '^src-renderer/', 'Main never imports the page.'),
    never(
      'page-is-not-main',
      '^src-renderer/',
      ['^src-main/', builtins, ...electron, tensorflow],
      'The page speaks to main over the contract only.',
    ),
    only(
      'views',
      '^src-renderer/views/',
      [
        '^src-renderer/(views|components|stores|composables|words|charts)/',
        '^src-shared/',
        ...vuePackages,
        ...packages('pinia'),
      ],
      'A room puts components and stores together; it asks main for nothing itself.',
    ),
    only(
      'components',
      '^src-renderer/components/',
      [
        '^src-renderer/(components|composables|words|charts)/',
        '^src-shared/',
        ...vuePackages,
        ...componentLibrary,
      ],
      'A component takes props and emits events: no store, no api.',
    ),
    only(
      'composables',
      '^src-renderer/composables/',
      [
        '^src-renderer/(composables|words)/',
        '^src-renderer/api\\.ts$',
        '^src-shared/',
        ...vuePackages,
        // types of what the build puts in
        '^node_modules/vite/client\\.d\\.ts$',
      ],
      'A composable owns one effect.',
    ),
    only(
      'words',
      '^src-renderer/words/',
      ['^src-renderer/words/', '^src-shared/', ...packages('marked')],
      'Words know records alone, and read the Markdown that models write.',
    ),
    only(
      'stores',
      '^src-renderer/stores/',
      [
        '^src-renderer/(stores|composables|words)/',
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
    never(
      'page-alone-is-apart',
      '^src-',
      '^src-renderer/dev/',
      'Sample records and the gallery are no part of the studio that is built.',
      '^src-renderer/dev/',
    ),
    only(
      'dev',
      '^src-renderer/dev/',
      ['^src-renderer/', '^src-shared/', ...vuePackages, ...componentLibrary, ...packages('pinia')],
      'The page on sample records knows the page and no main.',
    ),
    never(
      'dev-is-not-shipped',
      '^src-renderer/',
      '^src-renderer/dev/',
      'The page that people get knows no sample records.',
      '^src-renderer/dev/',
    ),
    never('tests-are-leaves', '^(src-|scripts/)', '^tests/', 'Nothing imports a test.'),
    {
      name: 'no-circles',
      comment: 'Two files that need each other are one file, types included.',
      severity: 'error',
      from: { path: '^src-' },
      to: { circular: true },
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
