/**
 * `team-annotators.js FOLDER`: makes a queue, starts the studio's own server for a team over TLS in another process,
 * and has fifty annotators judge at once, each over their own line and at the pace of quick people. Prints how long
 * each waited from a key to the next item, and whether anything was given twice or lost.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import path from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { WebSocket } from 'ws'
import { socketWire } from '../../../src-main/border/wire-socket'
import { seeded } from '../../../src-main/maths/random'
import { insertCheckpoint } from '../../../src-main/store/checkpoints'
import { addComparisons } from '../../../src-main/store/comparisons'
import { openRegistry } from '../../../src-main/store/database'
import { beginImport, appendExamples, finishImport } from '../../../src-main/store/imports'
import { createQueue } from '../../../src-main/store/queues'
import { people } from '../../../src-main/team/people'
import { teamFolder } from '../../../src-main/team/team-folder'
import { connect, type Api } from '../../../src-shared/wire'

const annotators = 50
const judgmentsEach = 30
/** Between two keys of one person. */
const paceMs = { least: 400, most: 1600 } as const

const [, , folder = '.'] = process.argv
const registry = path.join(folder, 'team.sqlite')
const certificate = path.resolve('tests/fixtures/team')
const queueId = makeQueue()
const members = people(teamFolder(registry), () => Date.now())
const { server, origin } = await startServer()
const waitsMs: number[] = []
const acknowledged: string[] = []
await Promise.all(Array.from({ length: annotators }, (_, index) => labels(index)))
await ended()
const db = openRegistry(registry)
const rows = db.get<{ all: number; items: number }>(
  'SELECT count(*) AS "all", count(DISTINCT comparison_id) AS items FROM judgments',
)
db.close()
console.log(
  JSON.stringify({
    waitsMs,
    annotators,
    acknowledged: acknowledged.length,
    twice: acknowledged.length - new Set(acknowledged).size,
    lost: acknowledged.length - (rows?.items ?? 0),
    rows: rows?.all,
  }),
)

function makeQueue(): string {
  const making = openRegistry(registry)
  const staged = beginImport(making, {
    ...{
      name: 'prompts',
      kind: 'prompts',
      origin: 'imported',
      fileName: 'prompts.jsonl',
      terms: '',
      createdAtMs: 1,
    },
  })
  appendExamples(making, staged, [{ prompt: 'Write:' }])
  const { dataset } = finishImport(making, staged, 100)
  const checkpointId = bareCheckpoint(making)
  const sampling = { temperature: 1, topK: 0, topP: 1, maxTokens: 48, seed: 7 }
  const goal = annotators * (judgmentsEach + 8)
  const made = { name: 'Films', guidance: '', createdAtMs: 1 }
  const queue = createQueue(making, { ...made, checkpointId, promptDatasetId: dataset.id, sampling, goal })
  const side = (which: string, i: number) => ({
    text: `${which} ${i} `.repeat(40),
    tokens: 48,
    hasEnded: true,
  })
  const items = Array.from({ length: goal }, (_, i) => ({
    ...{ prompt: `prompt ${i} `.repeat(20), left: side('left', i), right: side('right', i) },
  }))
  addComparisons(making, queue.id, items, 2)
  making.close()
  return queue.id
}

/** The queue is full already: nothing is ever written by it. */
function bareCheckpoint(making: ReturnType<typeof openRegistry>): string {
  const files = path.join(folder, 'team-checkpoints')
  mkdirSync(files, { recursive: true })
  writeFileSync(path.join(files, 'none.safetensors'), 'none')
  return insertCheckpoint(making, {
    ...{
      name: 'none',
      kind: 'language-model',
      step: 0,
      architecture: 'gpt',
      parameters: 1,
      contextTokens: 64,
    },
    ...{ tokenizer: 'none', bytes: 4, createdAtMs: 1, path: 'team-checkpoints/none.safetensors' },
  }).id
}

async function startServer() {
  const keys = ['--cert', path.join(certificate, 'cert.pem'), '--key', path.join(certificate, 'key.pem')]
  const child = spawn(process.execPath, ['out/main/headless.js', '--registry', registry, '--team', ...keys], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let said = ''
  for await (const chunk of child.stdout) {
    const found = /https:\/\/localhost:\d+/.exec((said += String(chunk)))
    if (found) return { server: child, origin: found[0] }
  }
  throw new Error(said)
}

async function ended(): Promise<void> {
  server.kill('SIGTERM')
  await once(server, 'exit')
}

function enter(token: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { origin, 'x-studio-token': token }
    request(`${origin}/enter`, { method: 'POST', rejectUnauthorized: false, headers }, (response) => {
      response.resume()
      resolve(response.headers['set-cookie']?.[0]?.split(';')[0] ?? '')
    })
      .on('error', reject)
      .end()
  })
}

async function lineOf(cookie: string): Promise<Api> {
  const options = { origin, headers: { cookie }, rejectUnauthorized: false }
  const socket = new WebSocket(`${origin.replace('http', 'ws')}/ws`, options)
  await once(socket, 'open')
  return connect(socketWire(socket))
}

/** One person: the next item is on screen when it has come, and the key is pressed a while after. */
async function labels(index: number): Promise<void> {
  const random = seeded(7, 'annotator', index)
  const name = `annotator ${index}`
  const api = await lineOf(await enter(members.add({ name, role: 'annotator', queues: [queueId] })))
  const watching = api
    .stream('labels.watch', { queueId }, new AbortController().signal)
    [Symbol.asyncIterator]()
  await watching.next()
  const first = await api.call('labels.next', { queueId, count: 1, holding: [] })
  let shown = first.ok ? first.value[0] : undefined
  for (let i = 0; i < judgmentsEach && shown; i++) {
    await setTimeout(paceMs.least + random() * (paceMs.most - paceMs.least))
    const pressedMs = performance.now()
    const told = await api.call('labels.judge', { comparisonId: shown.id, verdict: 'left', holding: [] })
    waitsMs.push(performance.now() - pressedMs)
    if (!told.ok) throw new Error(JSON.stringify(told.error))
    acknowledged.push(shown.id)
    shown = told.value.next
  }
}
