/**
 * What another machine needs of this program to run a training: the built entry and what it imports, its packages and
 * the files they read, for Linux on x64. Found by following imports, so that nothing of the page is in it.
 */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs'
import { basename, dirname, join, sep } from 'node:path'
import type { ZipEntry } from '../places/zip-writing'
import { resourcesFolder } from '../places/resources-folder'
import { clusterFailure } from './ray-http'

export interface ProgramPackage {
  readonly entries: readonly ZipEntry[]
  /** Of the entry, in the package. */
  readonly entry: string
}

export interface ProgramPlace {
  /** The built `cluster-run.js`. */
  readonly entry: string
  /** That holds node_modules. */
  readonly root: string
  /** Files that are read at run time. */
  readonly resources: string
}

/** @param folder of the built entries */
export function builtProgram(folder: string): ProgramPlace {
  let root = folder
  while (!existsSync(join(root, 'node_modules')) && root !== dirname(root)) root = dirname(root)
  return { entry: join(folder, 'cluster-run.js'), root, resources: resourcesFolder() }
}

/** Of resources, what a training reads, and by what their folder is known. */
const resourceNames = ['adamw.wasm', 'lexicons', 'tokenizers', 'datasets/SOURCES.md']
const builtFiles = /["'`](\.{1,2}\/[\w./-]+\.js)["'`]/g

/** @throws StudioFailure cluster-failed, where the packages here are those of another system */
export function programPackage({ entry, root, resources }: ProgramPlace): ProgramPackage {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    throw clusterFailure(
      `This studio runs on ${process.platform} ${process.arch}; its packages do not run on a cluster of Linux x64. ` +
        'Start the studio on a Linux machine (`npm start -- --headless`), or take the run there with ' +
        '`studio runs export`.',
    )
  const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    readonly dependencies: Readonly<Record<string, string>>
  }
  const { files, packages } = reached(entry, Object.keys(dependencies))
  const names = closureOf(packages, root)
  return {
    entry: `out/main/${basename(entry)}`,
    entries: [
      ...files.map((path) => packed(`out/main/${path.slice(dirname(entry).length + 1)}`, path)),
      ...resourceNames.flatMap((name) => filesBelow(resources, name, () => true, 'resources')),
      ...names.flatMap((name) => filesBelow(join(root, 'node_modules'), name, isNeeded, 'node_modules')),
      packed('package.json', join(root, 'package.json')),
    ],
  }
}

/** Of files that are as they were: what a cluster has is neither packed nor sent again. */
export function nameOfPackage(entries: readonly ZipEntry[]): string {
  const hash = createHash('sha1')
  for (const { name, path } of entries) {
    const { size, mtimeMs } = statSync(path)
    hash.update(`${name} ${size} ${mtimeMs}\n`)
  }
  return `_ray_pkg_${hash.digest('hex')}.zip`
}

/** Built files from an entry on, and those packages that they name, however they load them. */
function reached(
  entry: string,
  known: readonly string[],
): { readonly files: readonly string[]; readonly packages: ReadonlySet<string> } {
  const files = [entry]
  const packages = new Set<string>()
  for (const file of files) {
    const text = readFileSync(file, 'utf8')
    for (const [, named = ''] of text.matchAll(builtFiles)) {
      const next = join(dirname(file), named)
      if (existsSync(next) && !files.includes(next)) files.push(next)
    }
    for (const name of known) if (new RegExp(`["'\`]${name}["'\`/]`).test(text)) packages.add(name)
  }
  return { files, packages }
}

/** With what they need in turn; packages that are not there are built in, or need not be there. */
function closureOf(named: ReadonlySet<string>, root: string): readonly string[] {
  const names = [...named].filter((name) => existsSync(join(root, 'node_modules', name, 'package.json')))
  for (const name of names) {
    const { dependencies = {}, optionalDependencies = {} } = JSON.parse(
      readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8'),
    ) as { dependencies?: Record<string, string>; optionalDependencies?: Record<string, string> }
    for (const next of Object.keys({ ...dependencies, ...optionalDependencies }))
      if (!names.includes(next) && existsSync(join(root, 'node_modules', next, 'package.json')))
        names.push(next)
  }
  return names
}

function filesBelow(
  folder: string,
  name: string,
  isWanted: (path: string) => boolean,
  as: string,
): readonly ZipEntry[] {
  const top = join(folder, name)
  if (!existsSync(top)) return []
  if (statSync(top).isFile()) return [packed(`${as}/${name}`, top)]
  const entries = readdirSync(top, { recursive: true, withFileTypes: true }).filter((each) => each.isFile())
  return entries.flatMap((each) => {
    const path = join(each.parentPath, each.name)
    const inside = path
      .slice(folder.length + 1)
      .split(sep)
      .join('/')
    return isWanted(inside) ? [packed(`${as}/${inside}`, path)] : []
  })
}

const packed = (name: string, path: string): ZipEntry => ({ name, path, isPacked: true })

/** Of packages: no sources, no types, no maps, nothing of other systems and nothing that is there twice. */
const unneeded: readonly RegExp[] = [
  /\.(map|md|markdown|ts|mts|cts|flow|html|yml|yaml|c|cc|cpp|h|hpp|gyp|gypi|mk|a|o|tgz|sql|txt)$/i,
  /\/(test|tests|__tests__|docs?|examples?|benchmarks?|\.github)\//,
  /\/better-sqlite3\/(deps|src)\//,
  /\/better-sqlite3\/build\/(?!Release\/better_sqlite3\.node$)/,
  /\/prebuilds?\/(?!linux-x64)/,
  /onnxruntime-node\/bin\/napi-v\d+\/(?!linux\/x64\/)/,
  /onnxruntime-node\/.*(cuda|tensorrt|dawn|webgpu)/i,
  /koffi\/(build\/koffi\/(?!linux_x64)|vendor|doc|lib\/native)/,
  /koffi\/src\/.*\.(?!c?js$)\w+$/,
  /@koromix\/koffi-(?!linux-x64)/,
  /@tensorflow\/.*(\.min\.js|\.es2017\.|\.fesm\.|\/src\/)/,
  /\.min\.js$/,
]
const isNeeded = (path: string): boolean => !unneeded.some((pattern) => pattern.test(`/${path}`))
