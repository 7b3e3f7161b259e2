/** The house itself: who imports whom, what the linter refuses, how folders, files and lines are kept. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { execFileSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { cruise, type ICruiseResult, type IFlattenedRuleSet, type ICruiseOptions } from 'dependency-cruiser'
import { ESLint } from 'eslint'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const root = path.join(import.meta.dirname, '..')
const config = createRequire(import.meta.url)(
  path.join(root, '.dependency-cruiser.cjs'),
) as IFlattenedRuleSet & { options: ICruiseOptions }

/** The studio's own folders from the ground up, in the order of the import rule. */
const nouns = (config.forbidden ?? []).flatMap(({ name, comment }) =>
  comment?.includes('knows the folders below it') ? [String(name)] : [],
)

/** A folder of main that knows a later one, or a handler. */
const upwards = nouns.flatMap((noun, index): (readonly [string, string, string])[] => {
  const next = nouns[index + 1]
  return [
    [`src-main/${noun}/a.ts`, '../handlers/here', noun],
    ...(next === undefined ? [] : [[`src-main/${noun}/a.ts`, `../${next}/here`, noun] as const]),
  ]
})

const downwards = nouns
  .slice(1)
  .map((noun, index) => [`src-main/${noun}/a.ts`, `../${nouns[index]}/here`] as const)

/** [file that imports, what it imports, the rule that refuses it] */
const refused: readonly (readonly [string, string, string])[] = [
  ['src-shared/a.ts', 'node:fs', 'shared-is-alone'],
  ['src-shared/a.ts', 'vue', 'shared-is-alone'],
  ['src-shared/a.ts', '../src-main/maths/gae', 'shared-is-alone'],
  ['src-main/compute/a.ts', '../maths/gae', 'compute-below-all'],
  ['src-main/maths/a.ts', 'node:fs', 'maths'],
  ['src-main/maths/a.ts', '../compute/engine', 'maths'],
  ['src-main/maths/a.ts', '@tensorflow/tfjs', 'compute-owns-tensors'],
  ['src-main/model/a.ts', '../store/runs', 'model'],
  ['src-main/data/a.ts', '../maths/gae', 'data'],
  ['src-main/data/a.ts', '../store/runs', 'data'],
  ['src-main/rewards/a.ts', '../store/runs', 'rewards'],
  ['src-main/trainers/a.ts', '../store/runs', 'trainers'],
  ['src-main/trainers/a.ts', 'node:fs', 'trainers'],
  ['src-main/trainers/a.ts', 'electron', 'trainers'],
  ['src-main/evaluation/a.ts', '../store/runs', 'evaluation'],
  ['src-main/store/a.ts', '../maths/gae', 'store'],
  ['src-main/store/a.ts', 'better-sqlite3', 'one-sqlite-file'],
  ['src-main/handlers/a.ts', 'onnxruntime-node', 'compute-owns-tensors'],
  ['src-main/compute/a.ts', 'koffi', 'foreign-calls-in-two-files'],
  ['src-main/handlers/a.ts', 'electron', 'electron-in-two-files'],
  ['src-main/handlers/a.ts', '../../src-renderer/stores/runs', 'main-is-not-the-page'],
  ['src-renderer/views/a.ts', '../../src-main/maths/gae', 'page-is-not-main'],
  ['src-renderer/views/a.ts', 'node:fs', 'page-is-not-main'],
  ['src-renderer/components/a.ts', '../stores/runs', 'components'],
  ['src-renderer/components/a.ts', '../api', 'components'],
  ['src-renderer/composables/a.ts', '../stores/runs', 'composables'],
  ['src-renderer/stores/a.ts', '../components/Button', 'stores'],
  ['src-renderer/charts/a.ts', 'vue', 'charts'],
  ['src-main/handlers/a.ts', '../../tests/helpers/tiny', 'tests-are-leaves'],
  ['src-main/handlers/a.ts', '../cli/here', 'handlers-and-studio'],
  ['src-main/handlers/a.ts', '../headless', 'handlers-and-studio'],
  ['src-main/studio.ts', './demo/here', 'handlers-and-studio'],
  ['src-main/headless.ts', 'vue', 'entries'],
  ['src-main/cli/a.ts', '../headless', 'cli-and-demo'],
  ['src-main/demo/a.ts', 'vue', 'cli-and-demo'],
  ['src-renderer/views/a.ts', '../api', 'views'],
  ['src-renderer/words/a.ts', '../api', 'words'],
  ['src-renderer/words/a.ts', 'vue', 'words'],
  ...upwards,
]

const allowed: readonly (readonly [string, string])[] = [
  ['src-shared/a.ts', 'zod'],
  ['src-main/compute/a.ts', '@tensorflow/tfjs'],
  ['src-main/compute/a.ts', 'node:fs'],
  ['src-main/maths/a.ts', '../compute/tf'],
  ['src-main/store/database.ts', 'better-sqlite3'],
  ['src-main/app.ts', 'electron'],
  ['src-main/handlers/a.ts', '../store/runs'],
  ['src-main/trainers/a.ts', '../maths/gae'],
  ['src-renderer/components/a.ts', 'vue'],
  ['src-renderer/stores/a.ts', '../api'],
  ['src-renderer/charts/a.ts', 'chart.js'],
  ['src-main/headless.ts', './studio'],
  ['src-main/cli/a.ts', 'commander'],
  ['src-renderer/views/a.ts', '../stores/runs'],
  ['src-renderer/views/a.ts', '../components/Button'],
  ...downwards,
]

const neighbours = [
  'src-main/maths/gae.ts',
  'src-main/compute/tf.ts',
  'src-main/compute/engine.ts',
  'src-main/store/runs.ts',
  'src-renderer/stores/runs.ts',
  'src-renderer/components/Button.ts',
  'src-renderer/api.ts',
  'tests/helpers/tiny.ts',
  'src-main/studio.ts',
  'src-main/headless.ts',
  ...[...nouns, 'handlers', 'cli', 'demo'].map((folder) => `src-main/${folder}/here.ts`),
]

const bare = 'export const here = 1\n'

describe('the import rule', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'studio-imports-'))
    symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'))
    for (const file of neighbours) write(file, bare)
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  function write(file: string, text: string): void {
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true })
    writeFileSync(path.join(folder, file), text)
  }

  /** Names of the rules that a file with this one import breaks. */
  async function broken(file: string, imported: string): Promise<readonly string[]> {
    write(file, `import * as it from '${imported}'\nexport const there = it\n`)
    const rules = await brokenBy([file])
    if (neighbours.includes(file)) write(file, bare)
    else rmSync(path.join(folder, file))
    return rules
  }

  async function brokenBy(files: string[]): Promise<readonly string[]> {
    const { tsConfig: _, ...options } = config.options
    const result = await cruise(
      files,
      { ...options, baseDir: folder, ruleSet: { forbidden: config.forbidden ?? [] }, validate: true },
      options.enhancedResolveOptions,
    )
    return (result.output as ICruiseResult).summary.violations.map((violation) => violation.rule.name)
  }

  it.each(refused)('refuses %s → %s by %s', async (file, imported, rule) => {
    expect(await broken(file, imported)).toContain(rule)
  })

  it.each(allowed)('allows %s → %s', async (file, imported) => {
    expect(await broken(file, imported)).toEqual([])
  })

  it('refuses a circle that only types close', async () => {
    write('src-main/maths/left.ts', `import type { Right } from './right'\nexport type Left = Right[]\n`)
    write('src-main/maths/right.ts', `import type { Left } from './left'\nexport type Right = Left | 1\n`)
    expect(await brokenBy(['src-main/maths/left.ts', 'src-main/maths/right.ts'])).toContain('no-circles')
  })

  it.each(['src-main/headless.ts', 'src-main/app.ts'])(
    'keeps TensorFlow.js out of what %s reads before its first window',
    async (entry) => {
      const { tsConfig: _, ...options } = config.options
      const { output } = await cruise([entry], { ...options, baseDir: root }, options.enhancedResolveOptions)
      const imports = new Map(
        (output as ICruiseResult).modules.map((each) => [each.source, each.dependencies]),
      )
      const read = [entry]
      for (const file of read) {
        const atOnce = (imports.get(file) ?? []).filter(
          ({ dynamic, dependencyTypes }) => !dynamic && !dependencyTypes.includes('type-only'),
        )
        read.push(...atOnce.map(({ resolved }) => resolved).filter((next) => !read.includes(next)))
      }
      expect(read).toContain('src-main/studio.ts')
      expect(read).not.toContain('src-main/compute/tf.ts')
    },
  )

  it('has a row for every folder of main and of the page', () => {
    const rows = (config.forbidden ?? []).map(({ from }) => new RegExp(String(from.path)))
    const folders = ['src-main', 'src-renderer'].flatMap((place) =>
      readdirSync(path.join(root, place), { withFileTypes: true })
        .filter((entry) => entry.isDirectory() && entry.name !== 'styles')
        .map((entry) => `${place}/${entry.name}/`),
    )
    const everything = (row: RegExp) => row.test('src-main/x/') || row.test('src-renderer/x/')
    const own = rows.filter((row) => !everything(row))
    expect(folders.filter((folder) => !own.some((row) => row.test(`${folder}a.ts`)))).toEqual([])
  })
})

describe('the lint rule', () => {
  it.each(['compute', 'maths', 'model', 'data', 'rewards', 'trainers', 'evaluation'])(
    'keeps chance and the clock out of src-main/%s',
    async (folder) => {
      const eslint = new ESLint({ cwd: root })
      const { rules } = (await eslint.calculateConfigForFile(
        path.join(root, 'src-main', folder, 'any.ts'),
      )) as { rules: Record<string, [number, ...{ object: string; property: string }[]]> }
      const [severity, ...names] = rules['no-restricted-properties'] ?? [0]
      expect(severity).toBe(2)
      expect(names.map((each) => `${each.object}.${each.property}`)).toEqual([
        'Math.random',
        'Date.now',
        'performance.now',
      ])
    },
  )
})

describe('the budgets', () => {
  const limits = async (file: string) => {
    const { rules } = (await new ESLint({ cwd: root }).calculateConfigForFile(path.join(root, file))) as {
      rules: Record<string, [number, number | Record<string, unknown>]>
    }
    const limitOf = ([severity, limit]: [number, number | Record<string, unknown>]) =>
      severity === 2 ? (typeof limit === 'number' ? limit : (limit['max'] ?? limit['code'])) : undefined
    return ['max-len', 'max-lines', 'max-lines-per-function', 'max-params', 'max-depth'].map((rule) =>
      limitOf(rules[rule] ?? [0, 0]),
    )
  }

  it.each([
    ['src-main/launch/any.ts', [120, 300, 40, 5, 4]],
    ['src-renderer/components/runs/Any.vue', [120, 300, 40, 5, 4]],
    ['scripts/any.mjs', [120, 300, 40, 5, 4]],
    ['src-main/trainers/any.ts', [120, 350, 90, 5, 4]],
  ])('of %s are errors: a line, a file, a function, parameters, depth', async (file, expected) => {
    expect(await limits(file)).toEqual(expected)
  })
})

describe('the layout', () => {
  const folders = ['src-main', 'src-renderer', 'src-shared']
  const entries = folders.flatMap((folder) =>
    readdirSync(path.join(root, folder), { recursive: true, withFileTypes: true }).map((entry) => ({
      name: entry.name,
      place: path.relative(root, path.join(entry.parentPath, entry.name)),
      isFolder: entry.isDirectory(),
    })),
  )
  const sources = entries.filter((entry) => !entry.isFolder && /\.(ts|vue)$/.test(entry.name))
  const texts = execFileSync('git', ['ls-files', ...folders, 'scripts', ':!tests'], {
    cwd: root,
    encoding: 'utf8',
  })
    .split('\n')
    .filter((file) => /\.(ts|vue|css|mjs|py|wat)$/.test(file) && existsSync(path.join(root, file)))
    .map((file) => ({ file, text: readFileSync(path.join(root, file), 'utf8') }))

  /** Without the line that says who runs it, references for the compiler, and a component's opening tag. */
  const beginningOf = (text: string) =>
    text
      .replace(/^#!.*\n/, '')
      .replace(/^\/\/\/.*\n/, '')
      .replace(/^<script[^>]*>\s*/, '')

  it('names folders by nouns of the field', () => {
    expect(
      entries.filter(
        (entry) =>
          entry.isFolder &&
          ['utils', 'util', 'common', 'core', 'services', 'helpers', 'lib', 'misc'].includes(entry.name),
      ),
    ).toEqual([])
  })

  it('is at most two folders deep', () => {
    expect(sources.map((entry) => entry.place).filter((place) => place.split(path.sep).length > 4)).toEqual(
      [],
    )
  })

  it('has no barrel files', () => {
    expect(sources.filter((entry) => entry.name === 'index.ts')).toEqual([])
  })

  it('has a comment that says what it is at the beginning of every file', () => {
    const silent = texts.filter(({ text }) => !/^(\/\*|\/\/|<!--|;;|""\"|#)/.test(beginningOf(text)))
    expect(silent.map(({ file }) => file)).toEqual([])
  })

  it('has at most one line in 200 that is longer than 120 characters', () => {
    const lines = texts.flatMap(({ file, text }) => text.split('\n').map((line) => ({ file, line })))
    const long = lines.filter(({ line }) => line.length > 120)
    expect(lines.length).toBeGreaterThan(10_000)
    expect(long.length / lines.length, long.map(({ file }) => file).join(' ')).toBeLessThan(0.005)
  })

  it('throws no opinions about the checker away', () => {
    const silenced = sources.filter(({ place }) =>
      /@ts-ignore|@ts-expect-error|@ts-nocheck|eslint-disable|\bas any\b/.test(
        readFileSync(path.join(root, place), 'utf8'),
      ),
    )
    expect(silenced.map((entry) => entry.place)).toEqual([])
  })
})
