import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
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
]

describe('the import rule', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'studio-imports-'))
    symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'))
    for (const file of neighbours) write(file, 'export const here = 1\n')
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  function write(file: string, text: string): void {
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true })
    writeFileSync(path.join(folder, file), text)
  }

  /** Names of the rules that a file with this one import breaks. */
  async function broken(file: string, imported: string): Promise<readonly string[]> {
    write(file, `import * as it from '${imported}'\nexport const there = it\n`)
    const { tsConfig: _, ...options } = config.options
    const result = await cruise(
      [file],
      { ...options, baseDir: folder, ruleSet: { forbidden: config.forbidden ?? [] }, validate: true },
      options.enhancedResolveOptions,
    )
    rmSync(path.join(folder, file))
    return (result.output as ICruiseResult).summary.violations.map((violation) => violation.rule.name)
  }

  it.each(refused)('refuses %s → %s by %s', async (file, imported, rule) => {
    expect(await broken(file, imported)).toContain(rule)
  })

  it.each(allowed)('allows %s → %s', async (file, imported) => {
    expect(await broken(file, imported)).toEqual([])
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

  it('keeps files under 300 lines, trainers under 350', () => {
    const lines = (place: string) => readFileSync(path.join(root, place), 'utf8').split('\n').length - 1
    const long = sources.map(({ place }) => ({
      place,
      lines: lines(place),
      most: place.startsWith(path.join('src-main', 'trainers')) ? 350 : 300,
    }))
    expect(long.filter((file) => file.lines > file.most)).toEqual([])
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
