/** A trainer as a peer: an update each time it is told to. */
import type { TrainerEvent } from '../../../src-main/trainers/trainer'
import { peakMebibytes, servePeer } from './serve-peer'

/** @param isWarm whether one update is done before the race */
export async function servedUpdates(
  name: string,
  events: AsyncGenerator<TrainerEvent>,
  { isWarm = true }: { readonly isWarm?: boolean } = {},
): Promise<void> {
  const update = async (): Promise<void> => {
    for (let event = await events.next(); !event.done; event = await events.next())
      if (event.value.kind === 'update') return
    throw new Error('there are no more updates')
  }
  if (isWarm) await update()
  await servePeer({ name }, update, () => ({ mebibytes: peakMebibytes() }))
}
