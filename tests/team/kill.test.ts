import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openReadOnly, openRegistry } from '../../src-main/store/database'
import { judgedItems } from '../../src-main/store/judged-items'
import { people } from '../../src-main/team/people'
import { teamFolder } from '../../src-main/team/team-folder'
import { builtMain } from '../helpers/built-main'
import { testQueue } from '../helpers/labels'
import { testFolder } from '../helpers/registry'
import { entered, lineOf, type Line } from '../helpers/team-client'

const fixtures = join(import.meta.dirname, '../fixtures/team')
const annotators = 6
const items = 90

/** The real server over TLS, at the port it had before. */
async function serve(
  registry: string,
  port = '0',
): Promise<{ readonly child: ChildProcess; readonly origin: string }> {
  const { headless } = await builtMain()
  const flags = ['--registry', registry, '--team', '--team-port', port]
  const keys = ['--cert', join(fixtures, 'cert.pem'), '--key', join(fixtures, 'key.pem')]
  const child = fork(headless, [...flags, ...keys], { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const origin = await new Promise<string>((resolve, reject) => {
    let said = ''
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk) => {
        said += String(chunk)
        const found = /https:\/\/localhost:\d+/.exec(said)
        if (found) resolve(found[0])
      })
    child.on('exit', () => reject(new Error(said)))
  })
  return { child, origin }
}

interface Told {
  readonly who: string
  readonly comparisonId: string
}

/** Judges until nothing is left for them, over as many lines as it takes. */
async function labels(
  who: string,
  open: () => Promise<Line>,
  queueId: string,
  acknowledged: Told[],
  shown: Told[],
) {
  let ahead: readonly string[] = []
  for (;;) {
    try {
      const { api } = await open()
      const watching = api
        .stream('labels.watch', { queueId }, new AbortController().signal)
        [Symbol.asyncIterator]()
      await watching.next()
      for (;;) {
        const count = 2 - ahead.length
        const asked = count > 0 && (await api.call('labels.next', { queueId, count, holding: ahead }))
        if (asked && !asked.ok) throw new Error(asked.error.kind)
        ahead = [...ahead, ...(asked ? asked.value : []).map(({ id }) => id)]
        const [comparisonId] = ahead
        if (comparisonId === undefined) return
        shown.push({ who, comparisonId })
        const told = await api.call('labels.judge', {
          comparisonId,
          verdict: 'left',
          holding: ahead.slice(1),
        })
        if (!told.ok) throw new Error(told.error.kind)
        acknowledged.push({ who, comparisonId })
        ahead = [...ahead.slice(1), ...(told.value.next ? [told.value.next.id] : [])]
        await setTimeout(15)
      }
    } catch (error) {
      if (!(error instanceof Error) || !/disconnected|ECONN|hang up|closed/.test(error.message + error.name))
        throw error
      await setTimeout(100)
    }
  }
}

describe('a team whose server is killed twice while they label', () => {
  it('is given nothing twice, and loses nothing that was acknowledged', async () => {
    const registry = join(testFolder(), 'registry.sqlite')
    const db = openRegistry(registry)
    const { queue } = testQueue(db, items)
    db.close()
    const members = people(teamFolder(registry), () => Date.now())
    let server = await serve(registry)
    const { origin } = server
    const acknowledged: Told[] = []
    const shown: Told[] = []
    const working = Array.from({ length: annotators }, async (_, index) => {
      const who = `annotator ${index}`
      const { cookie } = await entered(
        origin,
        members.add({ name: who, role: 'annotator', queues: [queue.id] }),
      )
      await labels(who, () => lineOf(origin, cookie), queue.id, acknowledged, shown)
    })
    for (const after of [20, 50]) {
      while (acknowledged.length < after) await setTimeout(5)
      server.child.kill('SIGKILL')
      await once(server.child, 'exit')
      server = await serve(registry, new URL(origin).port)
    }
    await Promise.all(working)

    const reading = openReadOnly(registry)
    const kept = judgedItems(reading, queue.id)
    const judgments = reading.get<{ n: number }>('SELECT count(*) AS n FROM judgments')?.n
    reading.close()
    expect(kept).toHaveLength(items)
    expect(judgments).toBe(items)
    expect(new Set(acknowledged.map(({ comparisonId }) => comparisonId)).size).toBe(acknowledged.length)
    const byItem = new Map<string, Set<string>>()
    for (const { who, comparisonId } of shown)
      byItem.set(comparisonId, (byItem.get(comparisonId) ?? new Set()).add(who))
    expect([...byItem.values()].filter((who) => who.size > 1)).toEqual([])
  })
})
