/** Frames that are no requests, over a real line to a studio of its own process: others are answered meanwhile. */
import { once } from 'node:events'
import { join } from 'node:path'
import type { WebSocket } from 'ws'
import { describe, expect, it } from 'vitest'
import { seeded } from '../../src-main/maths/random'
import { openSocket, startStudio } from '../helpers/headless-studio'
import { residentMb } from '../helpers/linux-processes'
import { testFolder } from '../helpers/registry'
import { skipped, whyNotLinux } from '../helpers/skipping'
import { torturedRound, tried } from '../helpers/tries'
import { passedMs } from './killing'

const batch = 10_000
/** What is no object at all closes the line: this is what it stays open for. */
const junk: readonly string[] = [
  '{"kind":"nonsense"}',
  '[]',
  '{"kind":"call"}',
  '{"kind":"call","id":1,"name":"__proto__","input":{}}',
  '{"kind":"call","id":1e308,"name":"runs.list","input":[]}',
  '{"kind":"open","id":-1,"name":"constructor","input":null}',
  '{"kind":"close","id":"x"}',
  '{"kind":"call","id":{},"name":["runs.list"],"input":{}}',
]

async function sent(socket: WebSocket, seed: number): Promise<void> {
  const random = seeded(seed)
  for (let each = 0; each < batch; each++) socket.send(junk[Math.floor(random() * junk.length)]!)
  while (socket.bufferedAmount > 0 && socket.readyState === socket.OPEN) await passedMs(5)
  expect(socket.readyState, 'the line is open').toBe(socket.OPEN)
}

describe.skipIf(whyNotLinux !== undefined)(`a page that sends junk${skipped(whyNotLinux)}`, () => {
  it('neither keeps others from their answers, nor fills the log or the memory', async (context) => {
    const studio = await startStudio(join(testFolder(), 'registry.sqlite'))
    let logged = 0
    studio.process.stderr?.on('data', (chunk: Buffer) => (logged += chunk.length))
    const socket = await openSocket(studio.url, studio.token)
    const before = residentMb(studio.process.pid!)
    await tried(context, { short: 3, long: 100 }, async (index) => {
      await sent(socket, 1000 * torturedRound + index)
      await studio.ask('runs.list', {})
      expect(logged).toBeLessThan(100_000)
      expect(residentMb(studio.process.pid!) - before).toBeLessThan(400)
      return batch
    })
    socket.send('null')
    await once(socket, 'close')
    await studio.ask('runs.list', {})
    expect(await studio.end()).toBe(0)
  })
})
