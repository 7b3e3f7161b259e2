/** The program and its machine. */
import { join, parse } from 'node:path'
import type { RegistryState } from '../../src-shared/records/device'
import type { Handlers } from '../border/serve'
import { nowAndOnChange } from '../changes/topic'
import { studioReport } from '../devices/studio-report'
import { registryBytes } from '../store/facts'
import type { WritableDb } from '../store/handle'
import { copyRegistry } from '../store/registry-copy'
import { userOfCheckpoint } from '../store/remove-checkpoint'
import { userOfDataset } from '../store/remove-dataset'
import { userOfRun } from '../store/remove-run'
import { listRuns } from '../store/runs'
import type { StudioParts } from './studio-parts'

export const appCalls = ({
  db,
  warm,
  devices,
  host,
  version,
}: StudioParts): Pick<
  Handlers['calls'],
  'app.info' | 'app.report' | 'devices.list' | 'registry.copy' | 'registry.users'
> => ({
  'app.info': async () => ({
    version,
    host,
    registryPath: db.path,
    registryBytes: registryBytes(db),
    devices: await warm.devices(),
  }),
  'app.report': async () => ({
    text: studioReport({ version, host, devices: await devices(), runs: listRuns(db) }),
  }),
  'devices.list': () => devices(),
  'registry.users': ({ what, id }) => {
    const by = usersOf[what](db, id)
    return by === undefined ? {} : { by }
  },
  'registry.copy': async ({ path }) => ({ path: await copyRegistry(db, path) }),
})

const usersOf = { run: userOfRun, dataset: userOfDataset, checkpoint: userOfCheckpoint } as const

export const appStreams = ({ db, changes }: StudioParts): Pick<Handlers['streams'], 'registry.watch'> => ({
  'registry.watch': (_, signal) => nowAndOnChange(changes.registry, () => stateOf(db), signal),
})

function stateOf(db: WritableDb): RegistryState {
  const problem = db.lost()
  if (problem === undefined) return {}
  const { dir, name, ext } = parse(db.path)
  return { lost: { problem, copyPath: join(dir, `${name}-saved${ext}`) } }
}
