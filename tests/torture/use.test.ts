/** A day's worth of use in fast motion: what the studio holds of memory and files is level at its end. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { startStudio, type HeadlessStudio } from '../helpers/headless-studio'
import { childrenOf, residentMb } from '../helpers/linux-processes'
import { testFolder } from '../helpers/registry'
import { skipped, whyNotLinux } from '../helpers/skipping'
import { ended, imported, tinyPretraining } from '../helpers/tiny-runs'
import { isLong, tried } from '../helpers/tries'

/** How much of each: a first part warms up, the rest must change nothing any more. */
const parts = isLong ? 10 : 2
const callsOfPart = isLong ? 1000 : 100
const runsOfPart = isLong ? 10 : 1

interface Held {
  readonly megabytes: number
  readonly files: number
  readonly children: number
}

const heldBy = ({ process: { pid } }: HeadlessStudio): Held => ({
  megabytes: Math.round(residentMb(pid!)),
  files: readdirSync(`/proc/${pid}/fd`).length,
  children: childrenOf(pid!).length,
})

async function called(studio: HeadlessStudio, datasetId: string, runId: string): Promise<void> {
  const filter = { search: 'film' }
  const calls = [
    () => studio.ask('runs.list', {}),
    () => studio.ask('datasets.list', {}),
    () => studio.ask('checkpoints.list', {}),
    () => studio.ask('runs.show', { runId }),
    () => studio.ask('app.info', {}),
    () => studio.ask('datasets.page', { datasetId, filter, offset: 0, limit: 50 }),
    () => studio.ask('datasets.summary', { datasetId, filter }),
    () => studio.ask('datasets.rename', { datasetId, name: `name ${Math.random()}` }),
    () => studio.follow('runs.watch', { runId, sinceStep: -1 }, () => true),
    () => studio.follow('datasets.watch', {}, () => true),
  ]
  for (let each = 0; each < callsOfPart; each++) await calls[each % calls.length]!()
}

async function ran(studio: HeadlessStudio, datasetId: string): Promise<string> {
  const settings = { ...tinyPretraining, updates: 10 }
  const asked = { recipe: 'pretrain', settings, inputs: { texts: [datasetId] } } as const
  const { id } = await studio.ask('runs.launch', asked)
  expect((await ended(studio, id)).run.state).toBe('finished')
  return id
}

async function used(): Promise<number> {
  const studio = await startStudio(join(testFolder(), 'registry.sqlite'))
  const { id } = await imported(studio, 'texts.txt')
  const held: Held[] = []
  for (let part = 0; part < parts; part++) {
    const first = await ran(studio, id)
    for (let run = 1; run < runsOfPart; run++) await ran(studio, id)
    await called(studio, id, first)
    held.push(heldBy(studio))
  }
  console.log(held.map(({ megabytes, files }) => `${megabytes} MB, ${files} files`).join('; '))
  const [warm, end] = [held[Math.floor(parts / 2) - 1]!, held.at(-1)!]
  expect(end.files).toBeLessThanOrEqual(warm.files + 4)
  expect(end.children).toBeLessThanOrEqual(warm.children)
  expect(end.megabytes).toBeLessThan(1.25 * warm.megabytes + 30)
  expect(await studio.end()).toBe(0)
  return parts * (callsOfPart + runsOfPart)
}

describe.skipIf(whyNotLinux !== undefined)(`a day of use${skipped(whyNotLinux)}`, () => {
  it('leaves memory, open files and processes level', (context) =>
    tried(context, { short: 1, long: 1 }, used))
})
