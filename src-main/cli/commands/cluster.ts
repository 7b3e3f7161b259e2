/** `studio cluster …`: the Ray clusters that runs may be sent to. */
import type { Command } from 'commander'
import type { ClusterState } from '../../../src-shared/records/cluster'
import type { Workplace } from '../surroundings'
import { exits, valueOf } from '../terminal'
import { megabytes, table } from '../text'

export function addCluster(program: Command, { terminal, writing }: Workplace): void {
  const cluster = program.command('cluster').description('Name Ray clusters, to which runs can be sent.')
  cluster
    .command('add')
    .description('Name a cluster. Then --device ray:HOST:PORT, or trl:HOST:PORT, trains on it.')
    .argument('<address>', 'Of its dashboard: http://127.0.0.1:8265.')
    .option('--token-from <variable>', 'Variable of the environment that holds its token; no file does.')
    .option(
      '--shared-folder <folder>',
      'Path of a folder that this machine and its nodes share: for packages above 100 MiB.',
    )
    .action((address: string, named: { readonly tokenFrom?: string; readonly sharedFolder?: string }) =>
      writing(async (api) => {
        const wish = { address, ...named }
        terminal.result(valueOf(await api.call('clusters.add', wish)), clusterText)
        return exits.done
      }),
    )
  cluster
    .command('list')
    .description('The clusters that are named, each with its nodes as they are now.')
    .action(() =>
      writing(async (api) => {
        terminal.result(valueOf(await api.call('clusters.list', {})), (all) =>
          all.length === 0
            ? 'No cluster is named. `studio cluster add ADDRESS` names one.'
            : all.map(clusterText).join('\n\n'),
        )
        return exits.done
      }),
    )
  addRemoving(cluster, { terminal, writing })
}

function addRemoving(cluster: Command, { terminal, writing }: Pick<Workplace, 'terminal' | 'writing'>): void {
  cluster
    .command('remove')
    .description('Forget a cluster; what runs there is not heard any more.')
    .argument('<name>', 'Host and port.')
    .action((name: string) =>
      writing(async (api) => {
        valueOf(await api.call('clusters.remove', { name }))
        terminal.result({ name }, () => `“${name}” is forgotten.`)
        return exits.done
      }),
    )
}

function clusterText({ name, rayVersion, nodes, whyNot }: ClusterState): string {
  if (whyNot !== undefined) return `${name}: ${whyNot}`
  const rows = nodes.map(({ host, isHead, cpus, gpus, memoryBytes }) => [
    host,
    isHead ? 'head' : 'worker',
    String(cpus),
    gpus.join(', '),
    megabytes(memoryBytes),
  ])
  const nodesTable = table(['node', 'is', 'CPUs', 'GPUs', 'memory'], rows)
  return `${name}: Ray ${rayVersion ?? ''}, device ray:${name}\n${nodesTable}`
}
