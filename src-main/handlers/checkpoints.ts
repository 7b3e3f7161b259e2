/** Checkpoints: what runs have left, and what came with the program. */
import { nowAndOnChange } from '../changes'
import type { Handlers } from '../serve'
import { listCheckpoints } from '../store/checkpoints'
import type { StudioParts } from '../studio'

export const checkpointCalls = ({ db }: StudioParts): Pick<Handlers['calls'], 'checkpoints.list'> => ({
  'checkpoints.list': () => listCheckpoints(db),
})

export const checkpointStreams = ({ db, changes }: StudioParts): Pick<Handlers['streams'], 'checkpoints.watch'> => ({
  'checkpoints.watch': (_, signal) => nowAndOnChange(changes.checkpoints, () => listCheckpoints(db), signal),
})
