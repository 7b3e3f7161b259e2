/** Ray clusters: other machines that can train. Plain data, safe to clone across any process border. */

export interface Cluster {
  /** Host and port. */
  readonly name: string
  /** Of Ray's dashboard, without a path. */
  readonly address: string
  /** The variable of the environment that holds its token, where it wants one. */
  readonly tokenFrom?: string
  /** Path, here and on its nodes, of a folder that both read and write: for what is too large for HTTP. */
  readonly sharedFolder?: string
}

export interface ClusterNode {
  readonly id: string
  readonly host: string
  readonly isHead: boolean
  readonly cpus: number
  readonly gpus: readonly string[]
  readonly memoryBytes: number
}

/** A cluster as it answers now. */
export interface ClusterState extends Cluster {
  readonly rayVersion?: string
  readonly nodes: readonly ClusterNode[]
  /** Why it cannot be used. */
  readonly whyNot?: string
}

/** Who trains on a cluster: this program's own trainers, or TRL's. */
export type ClusterWay = 'ray' | 'trl'

/** Ids of devices that are clusters. */
export const clusterDevice = (name: string, way: ClusterWay = 'ray'): string => `${way}:${name}`
export const clusterOfDevice = (device: string): string | undefined => /^(?:ray|trl):(.+)$/.exec(device)?.[1]
export const isTrlDevice = (device: string): boolean => device.startsWith(clusterDevice('', 'trl'))
