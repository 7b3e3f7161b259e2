/** What a run knows of its examples: what was said of them up to its launch. */
import type { Run } from '../../src-shared/records/run'
import type { KnownUntil } from '../store/example-versions'

export const knownTo = ({ judgmentWatermark, exampleWatermark = 0 }: Run): KnownUntil => ({
  judgment: judgmentWatermark,
  version: exampleWatermark,
})
