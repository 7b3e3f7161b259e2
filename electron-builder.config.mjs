/**
 * What people install: one description for Windows, macOS and Linux, read by scripts/package. The Debian package is
 * made of the same folder by Debian's own tool (scripts/package/debian-package.mjs).
 */
import fs from 'node:fs'
import path from 'node:path'

/** Only what runs: no sources, types, maps, tests, other builds of the same code, binaries of other systems. */
const leftOut = [
  '!node_modules/**/*.{map,ts,mts,cts,tsx,flow,c,cc,cpp,h,hpp,gyp,gypi,sh}',
  '!node_modules/**/{docs,doc,example,examples,test,tests,__tests__,coverage,player,benchmarks}/**/*',
  '!node_modules/**/{README,CHANGELOG,HISTORY,Changelog,readme}*',
  '!node_modules/**/.*',
  '!node_modules/**/*.min.js',
  '!node_modules/{@types,undici-types,node-addon-api}/**/*',
  '!node_modules/@huggingface/*/src/**/*',
  // Of TensorFlow.js Node loads one file of each package.
  '!node_modules/@tensorflow/*/{src,dist,scripts,.rollup.cache}/**/*',
  'node_modules/@tensorflow/*/dist/*.node.js',
  '!node_modules/core-js/**/*',
  // A gigabyte, and only for an NVIDIA GPU: people install it themselves (resources/docs/cuda.md).
  '!node_modules/@tensorflow/tfjs-node-gpu/**/*',
  '!node_modules/onnxruntime-node/{script,lib,bin}/**/*',
  'node_modules/onnxruntime-node/bin/napi-v6/${platform}/${arch}/**/*',
  '!node_modules/better-sqlite3/{deps,src,prebuilds,build}/**/*',
  // What it loads lies among its sources.
  '!node_modules/koffi/{src,vendor,lib}/**/*',
  'node_modules/koffi/src/**/*.{js,cjs}',
  '!node_modules/@koromix/*/musl_*/**/*',
]

/** Programs that are started without a window lie as files; the rest of the program is in the archive. */
const unpacked = ['node_modules/{onnxruntime-node,better-sqlite3,koffi,@koromix}/**/*']

const everywhere = {
  appId: 'io.github.rlhf-studio',
  productName: 'RLHF Studio',
  copyright: 'MIT licence',
  npmRebuild: false,
  publish: null,
  electronLanguages: ['en-US', 'en'],
  // What is read as files, by native code as well, lies beside the archive.
  extraResources: [
    { from: 'resources', to: 'resources', filter: ['**/*', '!docs/**'] },
    { from: '.cache/package/licences', to: 'licences' },
  ],
  asar: true,
  asarUnpack: unpacked,
  electronFuses: {
    // The command line and the server without a window are this same program, run as Node.
    runAsNode: true,
    enableNodeOptionsEnvironmentVariable: false,
    enableNodeCliInspectArguments: false,
    enableCookieEncryption: true,
    enableEmbeddedAsarIntegrityValidation: true,
    onlyLoadAppFromAsar: true,
    loadBrowserProcessSpecificV8Snapshot: false,
    grantFileProtocolExtraPrivileges: false,
  },
  // The application that the Electron of the tests starts with.
  afterPack: ({ appOutDir }) =>
    fs.rmSync(path.join(appOutDir, 'resources/app'), { recursive: true, force: true }),
}

const command = (file) => [{ from: `scripts/package/command/${file}`, to: `bin/${file}` }]

/**
 * @param sqliteBinary the one binary of SQLite's driver that goes in: its own, or what was compiled for the older
 *   Electron that tests run in
 */
export const configuration = ({
  sqliteBinary = 'node_modules/better-sqlite3/prebuilds/${platform}-${arch}.node',
  ...rest
} = {}) => ({
  ...everywhere,
  directories: { output: 'release', buildResources: 'scripts/package/icons' },
  files: ['out/**/*', '!out/main/demo.js', 'package.json', 'LICENSE', ...leftOut, sqliteBinary],
  win: { target: 'nsis', icon: 'icon.ico', extraResources: command('studio.cmd') },
  nsis: { oneClick: true, perMachine: false, include: 'scripts/package/command/installer.nsh' },
  mac: {
    target: ['dmg', 'zip'],
    icon: 'icon.icns',
    category: 'public.app-category.developer-tools',
    hardenedRuntime: true,
    extraResources: command('studio'),
  },
  linux: {
    target: ['AppImage'],
    icon: 'icon.png',
    executableName: 'rlhf-studio',
    syncDesktopName: true,
    category: 'Development',
    extraResources: command('studio'),
  },
  ...rest,
})

export default configuration()
