/** What stands behind the accuracy that a run measured last. */
import { evidenceFrom, type Evidence } from '../../src-shared/evidence'
import type { MetricName } from '../../src-shared/metrics'
import type { ReadableDb } from './handle'
import { newestValue } from './metric-points'

/** @param upToStep for a checkpoint, the step that it was kept at */
export const evidenceOf = (
  db: ReadableDb,
  runId: string,
  metric: MetricName,
  upToStep?: number,
): Evidence | undefined => evidenceFrom(metric, (name) => newestValue(db, runId, name, upToStep))
