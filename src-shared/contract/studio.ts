/** What the page asks of the studio itself: the program, its devices and clusters, the registry, keys, serving. */
import { z } from 'zod'
import type { Serving } from '../records/chat'
import type { ClusterState } from '../records/cluster'
import type { AppInfo, Device, RegistryState } from '../records/device'
import type { KeptKeys } from '../records/kept-keys'
import { filePath, id, keptKey, namedCluster } from '../launch-schema'
import { call, stream } from './row'

export const studioCalls = {
  'app.info': call({}).returns<AppInfo>(),
  'app.report': call({}).returns<{ readonly text: string }>(),
  /** The Ray clusters of this user, each as it answers now. */
  'clusters.list': call({}).returns<readonly ClusterState[]>(),
  'clusters.add': call(namedCluster).returns<ClusterState>(),
  'clusters.remove': call({ name: id }).returns<void>(),
  'devices.list': call({}).returns<readonly Device[]>(),
  /** Writes a whole copy of the registry, checkpoints too, into a file that does not exist yet. */
  'registry.copy': call({ path: filePath }).returns<{ readonly path: string }>(),
  /** Keys of servers elsewhere, by name: none comes back. */
  'keys.list': call({}).returns<KeptKeys>(),
  'keys.keep': call(keptKey).returns<KeptKeys>(),
  'keys.forget': call({ name: z.string().max(64) }).returns<KeptKeys>(),
  /** What keeps a thing from being deleted: asked before a person is. */
  'registry.users': call({ what: z.enum(['run', 'dataset', 'checkpoint']), id }).returns<{ by?: string }>(),
  /** Whether checkpoints are served to other programs on this machine, and where. */
  'serving.state': call({}).returns<Serving>(),
  'serving.start': call({}).returns<Serving>(),
  'serving.stop': call({}).returns<Serving>(),
}

export const studioStreams = {
  /** Whether the registry can still be saved into, and again whenever that changes. */
  'registry.watch': stream({}).of<RegistryState>(),
}
