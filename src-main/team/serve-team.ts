/** The team of a registry, served from the studio that has it open. */
import type { Handlers } from '../border/serve'
import type { ReportBug } from '../border/answer'
import { auditIn } from './audit'
import { people } from './people'
import { teamFolder } from './team-folder'
import { startTeamServer, type TeamListening, type TeamServer } from './team-server'

export type TeamWish = TeamListening & { readonly port: number }

interface OpenStudio {
  readonly registryPath: string
  readonly handlers: Handlers
  queueOf(comparisonId: string): string
}

export function serveTeam(
  { registryPath, handlers, queueOf }: OpenStudio,
  { pageFolder, reportBug }: { readonly pageFolder: string; readonly reportBug: ReportBug },
  { port, ...listening }: TeamWish,
): Promise<TeamServer> {
  const now = (): number => Date.now()
  const folder = teamFolder(registryPath)
  const team = { people: people(folder, now), audit: auditIn(folder.path, now) }
  return startTeamServer({ ...team, handlers, queueOf, pageFolder, reportBug }, listening, port)
}
