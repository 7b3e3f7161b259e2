/** A studio killed in its work again and again, and what it must be when it is started again. */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { openReadOnly } from '../../src-main/store/database'
import { startStudio, type HeadlessStudio } from '../helpers/headless-studio'
import { childrenOf, goneWithinMs } from '../helpers/linux-processes'
import { testFolder } from '../helpers/registry'

export const registryIn = (folder: string): string => join(folder, 'registry.sqlite')
export const passedMs = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** Kills it while the work goes on, which ends with its line; its processes end, too. */
export async function killed(
  studio: HeadlessStudio,
  work: Promise<unknown>,
  withinMs: number,
): Promise<void> {
  const lost = work.catch(() => {})
  await passedMs(Math.random() * withinMs)
  const children = childrenOf(studio.process.pid!)
  await studio.kill()
  await lost
  for (const child of children) expect(await goneWithinMs(child, 30_000)).toBe(true)
}

/** Started again: its file is sound, and nothing half-made is left beside it. */
export async function again(folder: string): Promise<HeadlessStudio> {
  const studio = await startStudio(registryIn(folder))
  const db = openReadOnly(registryIn(folder))
  expect(db.get('PRAGMA integrity_check')).toEqual({ integrity_check: 'ok' })
  expect(db.all('PRAGMA foreign_key_check')).toEqual([])
  db.close()
  const beside = join(folder, 'registry-checkpoints')
  const left = existsSync(beside) ? readdirSync(beside, { recursive: true, encoding: 'utf8' }) : []
  expect(left.filter((each) => /partial|unfinished/.test(each))).toEqual([])
  return studio
}

/** Something a studio does without end. */
export interface Work<State> {
  /** Before the first kill. */
  readonly prepare: (studio: HeadlessStudio, folder: string) => Promise<State>
  /** Goes on until the studio is gone, and remembers in the state what was acknowledged. */
  readonly doing: (studio: HeadlessStudio, state: State) => Promise<unknown>
  /** @throws when something of it is lost, or there by half */
  readonly held: (studio: HeadlessStudio, state: State, folder: string) => Promise<void>
}

/** Kills one registry's studio so many times. @returns as many */
export async function killedAgain<State>(work: Work<State>, kills: number): Promise<number> {
  const folder = testFolder()
  let studio = await startStudio(registryIn(folder))
  const state = await work.prepare(studio, folder)
  for (let each = 0; each < kills; each++) {
    await killed(studio, work.doing(studio, state), 1500)
    studio = await again(folder)
    await work.held(studio, state, folder)
  }
  await studio.kill()
  return kills
}
