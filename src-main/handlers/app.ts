/** The program and its machine. */
import type { Handlers } from '../border/serve'
import { registryBytes } from '../store/facts'
import type { StudioParts } from './studio-parts'

export const appCalls = ({
  db,
  warm,
  devices,
  host,
  version,
}: StudioParts): Pick<Handlers['calls'], 'app.info' | 'devices.list'> => ({
  'app.info': async () => ({
    version,
    host,
    registryPath: db.path,
    registryBytes: registryBytes(db),
    devices: await warm.devices(),
  }),
  'devices.list': () => devices(),
})
