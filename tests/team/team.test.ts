import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { once } from 'node:events'
import { describe, expect, it, onTestFinished } from 'vitest'
import { calls, streams, type CallName, type StreamName } from '../../src-shared/contract'
import { readAudit, auditIn } from '../../src-main/team/audit'
import { people } from '../../src-main/team/people'
import { roleRows } from '../../src-main/team/role-rows'
import { teamFolder } from '../../src-main/team/team-folder'
import { startTeamServer, type TeamListening } from '../../src-main/team/team-server'
import { proxiedAddress } from '../../src-main/border/own-address'
import { openRegistry } from '../../src-main/store/database'
import { testQueue } from '../helpers/labels'
import { testFolder } from '../helpers/registry'
import { asked, entered, lineOf } from '../helpers/team-client'
import { testStudio } from '../helpers/test-studio'

const certificate = {
  cert: join(import.meta.dirname, '../fixtures/team/cert.pem'),
  key: join(import.meta.dirname, '../fixtures/team/key.pem'),
}

/** A studio whose queue has comparisons, and its team's server. */
async function team(listening: TeamListening = certificate) {
  const folder = testFolder()
  const registryPath = join(folder, 'registry.sqlite')
  const db = openRegistry(registryPath)
  const { queue, comparisons } = testQueue(db, 20)
  const other = testQueue(db, 3)
  db.close()
  const { studio, ask } = await testStudio({ folder })
  const place = teamFolder(registryPath)
  const members = people(place, () => Date.now())
  const bugs: unknown[] = []
  const server = await startTeamServer(
    {
      ...{ handlers: studio.handlers, people: members, audit: auditIn(place.path, () => Date.now()) },
      ...{
        queueOf: studio.queueOf,
        pageFolder: folder,
        reportBug: (_: string, error: unknown) => bugs.push(error),
      },
    },
    listening,
    0,
  )
  onTestFinished(() => server.close())
  const { origin } = server
  async function join_(name: string, role: 'annotator' | 'lead' = 'annotator', queues = [queue.id]) {
    const { cookie } = await entered(origin, members.add({ name, role, queues }))
    return { cookie, ...(await lineOf(origin, cookie)) }
  }
  return {
    origin,
    queue,
    comparisons,
    other,
    members,
    join: join_,
    place,
    ask,
    bugs,
    port: new URL(origin).port,
  }
}

const next = (queueId: string) => ({ queueId, count: 2, holding: [] })

describe('the door of a team', () => {
  it('opens to one browser for each link, keeps only hashes, and knows that browser by a cookie', async () => {
    const { origin, members, place } = await team()
    const token = members.add({ name: 'Ada', role: 'annotator', queues: [] })
    const first = await entered(origin, token)
    expect(first.setCookie).toMatch(
      /^__Host-studio-team=[\w-]{32}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=\d+; Secure$/,
    )
    expect(await entered(origin, token)).toMatchObject({ status: 403, cookie: '' })
    const kept = ['people', 'sessions'].flatMap((part) =>
      place.names(part as 'people').map((name) => name + readFileSync(join(place.path, part, name), 'utf8')),
    )
    expect(kept).toHaveLength(2)
    for (const secret of [token, first.cookie.split('=')[1]!]) expect(kept.join()).not.toContain(secret)
    await lineOf(origin, first.cookie)
  })

  it.each([
    ['a page of another site', { origin: 'https://elsewhere.example' }],
    ['a name that the certificate is not for', { host: 'studio.example:1' }],
    ['an address with user and password', { host: 'a@localhost' }],
  ])('stays closed to %s', async (_, headers) => {
    const { origin, members } = await team()
    const token = members.add({ name: 'Ada', role: 'annotator', queues: [] })
    expect((await entered(origin, token, headers)).status).toBe(403)
    const { cookie } = await entered(origin, token)
    await expect(lineOf(origin, cookie, headers)).rejects.toThrow('403')
  })

  it('takes no token out of an address, and no cookie that it did not give', async () => {
    const { origin, members } = await team()
    const token = members.add({ name: 'Ada', role: 'annotator', queues: [] })
    expect(
      (await asked(origin, `/enter?token=${token}`, { method: 'POST', headers: { origin } })).status,
    ).toBe(403)
    await expect(lineOf(origin, `__Host-studio-team=${'a'.repeat(32)}`)).rejects.toThrow('403')
    await expect(lineOf(origin, '')).rejects.toThrow('403')
  })

  it('is tried ten times at once from one address, and then no more', async () => {
    const { origin, members } = await team()
    for (let i = 0; i < 10; i++) await entered(origin, `guess ${i}`)
    const token = members.add({ name: 'Ada', role: 'annotator', queues: [] })
    expect((await entered(origin, token)).status).toBe(403)
    expect(members.list()).toHaveLength(1)
  })

  it('takes no files', async () => {
    const { origin, join: joined } = await team()
    const { cookie } = await joined('Ada')
    expect(
      (await asked(origin, '/upload?name=a', { method: 'POST', headers: { origin, cookie } })).status,
    ).toBe(405)
  })
})

describe('where a team is served', () => {
  it.each<readonly [TeamListening, string]>([
    [{ host: '0.0.0.0' }, 'would open the studio at 0.0.0.0 unencrypted'],
    [{ host: '192.168.1.4' }, 'give --cert and --key, or leave --host out'],
    [{ cert: certificate.cert }, 'and --key belong together'],
    [{ cert: certificate.key, key: certificate.key }, 'is not in PEM'],
    [{ cert: '/nowhere/cert.pem', key: certificate.key }, 'cannot be read (ENOENT)'],
    [{ behindProxy: 'http://labels.example' }, 'as https://labels.example.org'],
    [{ behindProxy: 'https://labels.example', host: '0.0.0.0' }, 'others could go around it'],
    [{ behindProxy: 'https://labels.example', ...certificate }, 'takes no --cert'],
  ])('refuses %j in words', async (listening, words) => {
    const given = {} as Parameters<typeof startTeamServer>[0]
    await expect(startTeamServer(given, listening, 0)).rejects.toThrow(words)
  })

  it('behind a proxy believes what the proxy says last, and nobody who goes around it', () => {
    const address = proxiedAddress('https://labels.example')
    const asking = (headers: Readonly<Record<string, string>>) =>
      ({ headers: { host: 'labels.example', ...headers }, socket: { remoteAddress: '127.0.0.1' } }) as never
    expect(address.isOwnHost(asking({ 'x-forwarded-proto': 'https' }))).toBe(true)
    expect(address.isOwnHost(asking({}))).toBe(false)
    expect(address.isOwnHost(asking({ 'x-forwarded-proto': 'https, http' }))).toBe(false)
    expect(address.isOwnHost(asking({ 'x-forwarded-proto': 'https', host: '127.0.0.1:8080' }))).toBe(false)
    expect(
      address.isOwnHost(
        asking({ host: '127.0.0.1', 'x-forwarded-host': 'labels.example', 'x-forwarded-proto': 'https' }),
      ),
    ).toBe(false)
    // the first entry is what whoever asks has written there
    expect(address.from(asking({ 'x-forwarded-for': '10.0.0.1, 203.0.113.9' }))).toBe('203.0.113.9')
  })
})

describe('an annotator', () => {
  it('judges the queues that were given, under their own name whatever is sent', async () => {
    const { queue, join: joined, ask } = await team()
    const { api } = await joined('Ada')
    expect(await api.call('team.self', {})).toEqual({ ok: true, value: { name: 'Ada', role: 'annotator' } })
    const items = await api.call('labels.next', { ...next(queue.id), annotator: 'Ben' })
    const [first] = items.ok ? items.value : []
    await api.call('labels.judge', {
      comparisonId: first!.id,
      ...{ verdict: 'left', holding: [], annotator: 'Ben' },
    })
    const file = await ask('labels.export', { queueId: queue.id, format: 'jsonl' })
    expect(JSON.parse(file.text)).toMatchObject({ verdict: 'left', annotator: 'Ada' })
  })

  it('is told nothing of models, settings, paths and what others said', async () => {
    const { queue, join: joined, comparisons } = await team()
    const ben = await joined('Ben')
    await ben.api.call('labels.judge', { comparisonId: comparisons[0]!.id, verdict: 'right', holding: [] })
    const { api, socket } = await joined('Ada')
    const heard: string[] = []
    socket.on('message', (data) => heard.push(String(data)))
    await api.call('labels.queues', {})
    const [item] = await api
      .call('labels.next', next(queue.id))
      .then((answer) => (answer.ok ? answer.value : []))
    await api.call('labels.judge', { comparisonId: item!.id, verdict: 'tie', holding: [] })
    for await (const _ of api.stream('labels.watch', { queueId: queue.id }, AbortSignal.timeout(5000))) break
    expect(heard).toHaveLength(4)
    for (const secret of ['Ben', 'checkpoint-', 'dataset-', 'writer', '/tmp', 'registry', 'scoredBy'])
      expect(heard.join('\n')).not.toContain(secret)
  })

  it('may ask nothing that has no row, and of no other queue', async () => {
    const { join: joined, other, bugs } = await team()
    const { api } = await joined('Ada')
    const allowed = Object.keys({ ...roleRows.annotator.calls, ...roleRows.annotator.streams })
    expect(allowed).toEqual([
      'team.self',
      'labels.queues',
      'labels.next',
      'labels.judge',
      'labels.undo',
      'labels.watch',
    ])
    const refused = Object.keys(calls).filter((name) => !allowed.includes(name)) as CallName[]
    for (const name of refused.slice(0, 40))
      expect(await api.call(name, {} as never)).toMatchObject({ ok: false, error: { kind: 'refused' } })
    for (const name of Object.keys(streams)
      .filter((each) => !allowed.includes(each))
      .slice(0, 10) as StreamName[])
      await expect(
        api
          .stream(name, {} as never, AbortSignal.timeout(5000))
          [Symbol.asyncIterator]()
          .next(),
      ).rejects.toThrow('is nothing that an annotator of a team may ask')
    expect(await api.call('labels.next', next(other.queue.id))).toMatchObject({
      error: { kind: 'not-found' },
    })
    expect(
      await api.call('labels.judge', {
        comparisonId: other.comparisons[0]!.id,
        verdict: 'left',
        holding: [],
      }),
    ).toMatchObject({ error: { kind: 'not-found', what: 'comparison' } })
    expect(bugs).toEqual([])
  })

  it('is refused when they ask faster than people do', async () => {
    const { join: joined } = await team()
    const { api } = await joined('Ada')
    const answers = await Promise.all(Array.from({ length: 200 }, () => api.call('team.self', {})))
    expect(answers.filter(({ ok }) => !ok).length).toBeGreaterThan(100)
    expect(answers.find(({ ok }) => !ok)).toMatchObject({ error: { kind: 'refused' } })
  })

  it('takes back only what they said', async () => {
    const { queue, join: joined, ask, comparisons } = await team()
    await ask('labels.judge', { comparisonId: comparisons[0]!.id, verdict: 'left', holding: [] })
    const { api } = await joined('Ada')
    expect(await api.call('labels.undo', { queueId: queue.id })).toMatchObject({
      value: { progress: { judged: 1 } },
    })
  })

  it('is shown out at once: the open line closes, and nothing asked on it is done', async () => {
    const { origin, queue, join: joined, members, ask } = await team()
    const { api, socket, cookie } = await joined('Ada')
    const items = await api.call('labels.next', next(queue.id))
    const watching = api.stream('labels.watch', { queueId: queue.id }, new AbortController().signal)
    await watching[Symbol.asyncIterator]().next()
    members.remove('Ada')
    const closed = once(socket, 'close')
    const [item] = items.ok ? items.value : []
    await api.call('labels.judge', { comparisonId: item!.id, verdict: 'left', holding: [] })
    await closed
    expect(await ask('labels.export', { queueId: queue.id, format: 'jsonl' })).toMatchObject({ judgments: 0 })
    await expect(lineOf(origin, cookie)).rejects.toThrow('403')
    members.add({ name: 'ada', role: 'lead', queues: [] })
    await expect(lineOf(origin, cookie)).rejects.toThrow('403')
  })

  it('is let go also when they ask nothing', async () => {
    const { join: joined, members } = await team()
    const { socket } = await joined('Ada')
    members.remove('Ada')
    await once(socket, 'close')
  })
})

describe('a lead', () => {
  it('judges all, sees who said what, how people agree, and takes the judgments away', async () => {
    const { queue, join: joined, comparisons, other } = await team()
    const ada = await joined('Ada')
    await ada.api.call('labels.judge', { comparisonId: comparisons[0]!.id, verdict: 'left', holding: [] })
    const { api } = await joined('Lin', 'lead', [])
    const queues = await api.call('labels.queues', {})
    expect(queues.ok && queues.value.map(({ id }) => id).sort()).toEqual([queue.id, other.queue.id].sort())
    expect(await api.call('labels.export', { queueId: queue.id, format: 'jsonl' })).toMatchObject({
      value: { judgments: 1 },
    })
    expect(await api.call('labels.agreement', { queueId: queue.id })).toMatchObject({
      value: { people: [{ annotator: 'Ada', judged: 1 }] },
    })
    for (const name of [
      'runs.list',
      'checkpoints.list',
      'datasets.list',
      'labels.create',
      'app.info',
    ] as const)
      expect(await api.call(name, {} as never)).toMatchObject({ error: { kind: 'refused' } })
  })
})

describe('the audit', () => {
  it('says who did what and when, and no text', async () => {
    const { join: joined, comparisons, place, queue } = await team()
    const { api } = await joined('Ada')
    await api.call('labels.judge', { comparisonId: comparisons[0]!.id, verdict: 'left', holding: [] })
    await api.call('runs.list', {})
    const rows = readAudit(place.path)
    expect(rows.map(({ who, did, outcome, about }) => [who, did, outcome, about ?? ''])).toEqual([
      ['Ada', 'entered', 'done', ''],
      ['Ada', 'came', 'done', ''],
      ['Ada', 'labels.judge', 'done', comparisons[0]!.id],
      ['Ada', 'runs.list', 'refused', ''],
    ])
    expect(readFileSync(join(place.path, 'audit.jsonl'), 'utf8')).not.toMatch(/prompt 1|left 1/)
    expect(queue.id).toBeTruthy()
  })
})
