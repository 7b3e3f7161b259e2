/** What is asked of the hub, elsewhere. */
import { z } from 'zod'
import { hubKinds, type HubDataset, type HubFound, type HubModel, type HubPreview } from '../records/hub'
import { hubAddress, readingWish } from '../dataset-schema'
import { call } from './row'

export const hubCalls = {
  /** Asks the hub; nothing else of this table's calls but those named `hub` leaves the machine. */
  'hub.search': call({ kind: z.enum(hubKinds), words: z.string().max(200) }).returns<readonly HubFound[]>(),
  /** What a dataset holds, before anything of it is fetched. */
  'hub.dataset': call({ address: hubAddress }).returns<HubDataset>(),
  /** Its first rows as they would be read; only the bytes that hold them are fetched. */
  'hub.preview': call({ address: hubAddress, ...readingWish }).returns<HubPreview>(),
  /** What a model holds, whether it is read and fits here; of its files only the description is fetched. */
  'hub.model': call({ address: hubAddress }).returns<HubModel>(),
}
