/**
 * The Ray clusters that this user has named, in a file of the user's own: a registry may come from somebody else, and
 * must not say where this machine's data goes. A token stands in no file: the environment has it under a name.
 */
import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { dirname, isAbsolute } from 'node:path'
import { z } from 'zod'
import { StudioFailure } from '../../src-shared/result'
import type { Cluster } from '../../src-shared/records/cluster'

export interface KnownClusters {
  list(): readonly Cluster[]
  /** One that is there already is renewed. */
  add(cluster: Cluster): void
  /** @throws StudioFailure invalid-input, when there is none of this name */
  remove(name: string): void
}

/** As a person names it. */
export type NamedCluster = Omit<Cluster, 'name'>

const stored = z.object({
  clusters: z.array(
    z.object({
      address: z.string(),
      tokenFrom: z.string().optional(),
      sharedFolder: z.string().optional(),
    }),
  ),
})

/** @param file of this user; undefined where the user has no folder: none can be named then */
export function knownClusters(file: string | undefined): KnownClusters {
  const write = (clusters: readonly Cluster[]): void => {
    if (file === undefined)
      throw new StudioFailure({
        kind: 'storage',
        problem:
          'It is not known where this user’s files belong (HOME is empty), so no cluster can be named.',
      })
    mkdirSync(dirname(file), { recursive: true })
    const rows = clusters.map(({ name: _, ...row }) => row)
    writeFileSync(`${file}.partial`, `${JSON.stringify({ clusters: rows }, undefined, 2)}\n`, { mode: 0o600 })
    renameSync(`${file}.partial`, file)
  }
  const list = (): readonly Cluster[] =>
    (stored.safeParse(file === undefined ? undefined : jsonIn(file)).data?.clusters ?? [])
      .filter(({ address }) => URL.canParse(address))
      .map(({ address, tokenFrom, sharedFolder }) => ({
        name: nameOf(address),
        address,
        ...(tokenFrom !== undefined && { tokenFrom }),
        ...(sharedFolder !== undefined && { sharedFolder }),
      }))
  return {
    list,
    add: (cluster) => write([...list().filter(({ name }) => name !== cluster.name), cluster]),
    remove: (name) => {
      const all = list()
      if (!all.some((each) => each.name === name || each.address === name))
        throw new StudioFailure({
          kind: 'invalid-input',
          field: 'cluster',
          problem: `“${name}” is none of the clusters named here (${all.map((each) => each.name).join(', ')})`,
        })
      write(all.filter((each) => each.name !== name && each.address !== name))
    },
  }
}

/** Host and port: what people call it by. */
const nameOf = (address: string): string => new URL(address).host

/**
 * An address as people type it.
 * @throws StudioFailure invalid-input, saying what is wrong with it
 */
export function clusterAt({ address: typed, tokenFrom, sharedFolder }: NamedCluster): Cluster {
  const address = /^https?:\/\//.test(typed) ? typed : `http://${typed}`
  const refuse = (problem: string, field = 'address'): never => {
    throw new StudioFailure({ kind: 'invalid-input', field, problem })
  }
  const wanted = 'is no address of a Ray dashboard: it is like http://127.0.0.1:8265'
  if (!URL.canParse(address)) return refuse(wanted)
  const url = new URL(address)
  if (url.username !== '' || url.password !== '')
    refuse('may hold no name and no password: put the token into the environment and name it by --token-from')
  if (url.pathname !== '/' || url.search !== '' || url.host === '') refuse(wanted)
  if (tokenFrom !== undefined && !/^[A-Za-z_][A-Za-z0-9_]*$/.test(tokenFrom))
    refuse('takes its token from a variable of the environment, and that is no name of one')
  if (tokenFrom !== undefined && url.protocol === 'http:' && !isLoopback(url.hostname))
    refuse('is not encrypted: a token would travel in the clear. Use https, or an SSH tunnel to 127.0.0.1')
  if (sharedFolder !== undefined && !isFolder(sharedFolder))
    refuse(
      'is to be the path of a folder that is there, the same here and on the nodes of the cluster',
      'shared folder',
    )
  return {
    name: url.host,
    address: url.origin,
    ...(tokenFrom !== undefined && { tokenFrom }),
    ...(sharedFolder !== undefined && { sharedFolder }),
  }
}

const isFolder = (path: string): boolean =>
  isAbsolute(path) && statSync(path, { throwIfNoEntry: false })?.isDirectory() === true

const isLoopback = (host: string): boolean => /^(localhost|127(\.\d+){3}|\[::1\])$/.test(host)

function jsonIn(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return undefined // none was ever named
  }
}
