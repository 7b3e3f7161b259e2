/** A registry whose file is taken away, cut or exchanged while the studio has it open. */
import {
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openReadOnly } from '../../src-main/store/database'
import { listDatasets } from '../../src-main/store/datasets'
import type { RegistryState } from '../../src-shared/records/device'
import { testFolder } from '../helpers/registry'
import { skipped, whyNotLinux } from '../helpers/skipping'
import { testStudio } from '../helpers/test-studio'
import { imported } from '../helpers/tiny-runs'

/** Windows does not let go of a file that is open. */
const losses: readonly (readonly [string, string, (registry: string) => void])[] = [
  ['deleted', 'the file was deleted or moved', (registry) => rmSync(registry)],
  ['moved', 'the file was deleted or moved', (registry) => renameSync(registry, `${registry}.away`)],
  [
    'moved with its folder',
    'the file was deleted or moved',
    (registry) => renameSync(join(registry, '..'), join(registry, '../../moved')),
  ],
  ['cut short', 'the file was cut short', (registry) => truncateSync(registry, statSync(registry).size / 2)],
  [
    'replaced',
    'the file was replaced by another',
    (registry) => {
      const other = readFileSync(registry)
      rmSync(registry)
      writeFileSync(`${registry}.other`, other)
      renameSync(`${registry}.other`, registry)
    },
  ],
  ['left without its log', 'its log (-wal) was deleted or moved', (registry) => rmSync(`${registry}-wal`)],
]

describe.skipIf(whyNotLinux !== undefined)(
  `6. a registry that is lost while open${skipped(whyNotLinux)}`,
  () => {
    it.each(losses)(
      'because it is %s: it is said within a second, and nothing more is acknowledged',
      async (_, what, lose) => {
        const folder = join(testFolder(), 'studio')
        mkdirSync(folder)
        const registry = join(folder, 'registry.sqlite')
        const studio = await testStudio({ folder })
        const dataset = await imported(studio, 'texts.txt')
        const said: { readonly state: RegistryState; readonly atMs: number }[] = []
        const watching = studio.follow('registry.watch', {}, (state) => {
          said.push({ state, atMs: Date.now() })
          return state.lost !== undefined
        })
        while (said.length === 0) await new Promise((resolve) => setTimeout(resolve, 10))
        lose(registry)
        const lostAtMs = Date.now()

        const answer = await studio.api.call('datasets.rename', {
          datasetId: dataset.id,
          name: 'into nothing',
        })
        expect(answer).toMatchObject({ ok: false, error: { kind: 'storage' } })
        if (!answer.ok && answer.error.kind === 'storage' && what !== 'the file was cut short')
          expect(answer.error.problem).toContain(`while the studio was open, ${what}: ${registry}.`)
        await watching
        expect(said[0]?.state).toEqual({})
        expect(said[1]?.state.lost?.problem).toContain(what)
        expect(said[1]!.atMs - lostAtMs).toBeLessThan(1000)
        expect(studio.bugs).toEqual([])
      },
    )

    it('can be copied whole to another place, checkpoints too, and the copy opens', async () => {
      const folder = testFolder()
      const studio = await testStudio({ folder })
      const { id } = await imported(studio, 'texts.txt')
      mkdirSync(join(folder, 'registry-checkpoints'))
      writeFileSync(join(folder, 'registry-checkpoints', 'weights'), 'weights')
      rmSync(join(folder, 'registry.sqlite'))

      const path = join(testFolder(), 'new', 'saved.sqlite')
      expect(await studio.ask('registry.copy', { path })).toEqual({ path })
      expect(readFileSync(join(path, '../saved-checkpoints/weights'), 'utf8')).toBe('weights')
      const copy = openReadOnly(path)
      expect(listDatasets(copy).map((dataset) => dataset.id)).toEqual([id])
      copy.close()
      await expect(studio.ask('registry.copy', { path })).rejects.toThrow(/is taken/)
      await expect(studio.ask('registry.copy', { path: '/proc/no/saved.sqlite' })).rejects.toThrow(
        /saved.sqlite/,
      )
      expect(existsSync(join(folder, 'registry.sqlite'))).toBe(false)
      expect(studio.bugs).toEqual([])
    })
  },
)
