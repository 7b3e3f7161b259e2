/** What is asked of the team's server. */
import type { TeamSelf } from '../records/team'
import { call } from './row'

export const teamCalls = {
  /** Who this page speaks for. */
  'team.self': call({}).returns<TeamSelf>(),
}
