/** What is refused before anything is sent, and how a job's output is heard. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { once } from 'node:events'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { clusterAt, knownClusters } from '../../src-main/cluster/known-clusters'
import { rayClient } from '../../src-main/cluster/ray-client'
import { asLine, hearing } from '../../src-main/cluster/said'
import { testFolder } from '../helpers/registry'
import { testStudio } from '../helpers/test-studio'

/** Something that answers like a dashboard. */
async function dashboard(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<string> {
  const server = createServer(answer).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return `http://127.0.0.1:${(server.address() as { port: number }).port}`
}

const versioned = (version: string) =>
  dashboard((_, response) => response.end(JSON.stringify({ ray_version: version })))

const named = (address: string, tokenFrom?: string) => ({
  address,
  ...(tokenFrom !== undefined && { tokenFrom }),
})

const clientAt = (address: string, environment: Record<string, string> = {}, tokenFrom?: string) =>
  rayClient({ ...clusterAt(named(address, tokenFrom)), environment })

describe('a cluster', () => {
  it.each(['2.51.1', '2.9.0', '1.13.0'])('of Ray %s is refused, with the reason', async (version) => {
    await expect(clientAt(await versioned(version)).version()).rejects.toThrow(/CVE-2025-62593/)
  })

  it.each(['2.52.0', '2.60.0', '3.0.0rc1'])('of Ray %s is taken', async (version) => {
    expect(await clientAt(await versioned(version)).version()).toBe(version)
  })

  it('that is none is said to be none, and is not kept', async () => {
    const studio = await testStudio()
    const page = await dashboard((_, response) => response.end('<!doctype html>'))
    await expect(studio.ask('clusters.add', { address: page })).rejects.toThrow(/no dashboard of Ray/)
    await expect(studio.ask('clusters.add', { address: 'http://127.0.0.1:1' })).rejects.toThrow(
      /does not answer/,
    )
    await expect(studio.ask('clusters.add', { address: await versioned('2.40.0') })).rejects.toThrow(/CVE/)
    expect(await studio.ask('clusters.list', {})).toEqual([])
    expect(studio.bugs).toEqual([])
  })

  it('is asked again while its nodes take no jobs yet', async () => {
    let asked = 0
    const address = await dashboard((_, response) => {
      response.statusCode = ++asked < 2 ? 500 : 200
      response.end(asked < 2 ? 'No available agent to submit job, please try again later.' : '{}')
    })
    const job = { id: 'a', entrypoint: 'true', pip: [], environment: {}, metadata: {} }
    await clientAt(address).submit(job)
    expect(asked).toBe(2)
  })

  it('is asked as no browser asks, with its token', async () => {
    let headers: IncomingMessage['headers'] = {}
    const address = await dashboard((request, response) => {
      headers = request.headers
      response.end('{}')
    })
    await clientAt(address, { RAY_TOKEN: 'hush' }, 'RAY_TOKEN').submit({
      ...{ id: 'a', entrypoint: 'true', pip: [], environment: {}, metadata: {} },
    })
    expect(headers.authorization).toBe('Bearer hush')
    expect(Object.keys(headers).filter((name) => name.startsWith('sec-'))).toEqual([])
    expect(headers['user-agent']).toBeUndefined()
  })

  it('whose token is not in the environment, or is refused, says which', async () => {
    const address = await dashboard((_, response) => void response.writeHead(403).end())
    await expect(clientAt(address, {}, 'RAY_TOKEN').version()).rejects.toThrow(/RAY_TOKEN of the environment/)
    await expect(clientAt(address).version()).rejects.toThrow(/refuses this token/)
  })
})

describe('the list of clusters', () => {
  it('holds addresses and names of variables, for its user alone, and no token', () => {
    const file = join(testFolder(), 'deep', 'clusters.json')
    const known = knownClusters(file)
    known.add(clusterAt(named('127.0.0.1:8265', 'RAY_TOKEN')))
    known.add(clusterAt(named('https://ray.example', undefined)))
    known.add(clusterAt(named('http://127.0.0.1:8265/', undefined)))
    expect(known.list()).toEqual([
      { name: 'ray.example', address: 'https://ray.example' },
      { name: '127.0.0.1:8265', address: 'http://127.0.0.1:8265' },
    ])
    if (process.platform !== 'win32') expect(statSync(file).mode & 0o077).toBe(0)
    known.remove('ray.example')
    expect(() => known.remove('ray.example')).toThrow(/none of the clusters/)
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({
      clusters: [{ address: 'http://127.0.0.1:8265' }],
    })
  })

  it.each([
    ['http://a:b@host:8265', undefined, /no name and no password/],
    ['http://host:8265/path', undefined, /no address/],
    ['::', undefined, /no address/],
    ['http://ray.example:8265', 'TOKEN', /in the clear/],
    ['https://ray.example', 'not a name', /no name of one/],
  ])('refuses %s %s', (address, tokenFrom, words) => {
    expect(() => clusterAt(named(address, tokenFrom))).toThrow(words)
  })
})

describe('the output of a job', () => {
  const said = (line: number) => ({ line, events: [{ kind: 'ended' as const, state: 'finished' as const }] })

  it('is heard in order, each line once, however it is cut and mixed', () => {
    const hears = hearing(0)
    const all = `(worker pid=3) ${asLine(said(1))}Ray says something\n${asLine(said(1))}${asLine(said(2))}`
    const heard = [...all].flatMap((letter) => hears.take(letter))
    expect(heard.map(({ line }) => line)).toEqual([1, 2])
    expect(hears.otherWords()).toBe('Ray says something')
  })

  it('of a line that is opened anew goes on after what is written down', () => {
    const hears = hearing(2)
    hears.take(`${asLine(said(1))}${asLine(said(2)).slice(0, 9)}`)
    hears.beginAgain()
    const again = [1, 2, 3, 4].map((line) => asLine(said(line))).join('')
    expect(hears.take(again).map(({ line }) => line)).toEqual([3, 4])
  })

  it('that lies on a node that is gone is waited for until the job has ended, and not for ever', async () => {
    const answers = [
      ['RUNNING', 200, 'one'],
      ['RUNNING', 500, 'no agent'],
    ] as const
    let asked = 0
    const address = await dashboard((request, response) => {
      const [status, code, text] = answers[Math.min(asked, 1)]!
      if (request.url!.startsWith('/api/jobs/'))
        return response.end(JSON.stringify({ status: asked < 3 ? status : 'FAILED', driver_node_id: 'n' }))
      asked++
      return response.writeHead(code).end(text)
    })
    const heard: string[] = []
    const listen = async () => {
      for await (const piece of clientAt(address).output('a', new AbortController().signal)) heard.push(piece)
    }
    await expect(listen()).rejects.toThrow(/refused what was asked of it \(500\): no agent/)
    expect(heard).toEqual(['one'])
    asked = 3
    await listen()
    expect(heard).toEqual(['one'])
  })

  it('is asked for again when the line breaks in the middle of it', async () => {
    const address = await dashboard((request, response) => {
      if (request.url!.startsWith('/api/jobs/'))
        return response.end(JSON.stringify({ status: 'RUNNING', driver_node_id: 'n' }))
      response.writeHead(200, { 'content-length': '100' }).write('half', () => response.destroy())
      return response
    })
    const listen = async () => {
      for await (const _ of clientAt(address).output('a', new AbortController().signal));
    }
    await expect(listen()).rejects.toMatchObject({ error: { kind: 'cluster-failed' } })
  })

  it('is passed on once, in whole letters, however often it is asked for', async () => {
    const whole = Buffer.from('eins zwei dré vier')
    let asked = 0
    const address = await dashboard((request, response) => {
      if (request.url!.startsWith('/api/jobs/'))
        return response.end(
          JSON.stringify({ status: asked < 2 ? 'RUNNING' : 'SUCCEEDED', driver_node_id: 'n' }),
        )
      return response.end(whole.subarray(0, [12, 13, 99][asked++]))
    })
    const heard: string[] = []
    for await (const piece of clientAt(address).output('a', new AbortController().signal)) heard.push(piece)
    expect(heard.join('')).toBe('eins zwei dré vier')
  })

  it('that is no word of the run is none of it', () => {
    expect(
      hearing(0).take('@@studio {"line":1}\n@@studio {"line":"1","events":[]}\n@@studio nonsense\n'),
    ).toEqual([])
  })
})
