/** Ray clusters: other machines that can train. Plain data, safe to clone across any process border. */

export interface Cluster {
  /** Host and port. */
  readonly name: string
  /** Of Ray's dashboard, without a path. */
  readonly address: string
  /** The variable of the environment that holds its token, where it wants one. */
  readonly tokenFrom?: string
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

/** Ids of devices that are clusters. */
export const clusterDevice = (name: string): string => `ray:${name}`
export const clusterOfDevice = (device: string): string | undefined =>
  device.startsWith('ray:') ? device.slice('ray:'.length) : undefined
