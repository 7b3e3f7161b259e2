/** From what is asked for to a queued run: everything that launches goes through here. */
import { labelOf } from '../../src-shared/fields'
import type { LogLine, Run, RunNeeds } from '../../src-shared/records/run'
import { StudioFailure } from '../../src-shared/result'
import { machineMemory } from '../compute/machine-memory'
import type { CheckedLaunch, LaunchRequest } from '../launch/launch-check'
import { nextRunName } from '../runs/run-names'
import { appendLog } from '../store/log-lines'
import { createRun, listRuns } from '../store/runs'
import type { StudioParts } from './studio-parts'

/** The device that `memory-need.ts` was measured on. */
const measuredDevice = 'cpu'

/**
 * What a run needs is known by its trainer, which brings TensorFlow.js: read at the first check, so that no window
 * waits for it at the start.
 */
const loadNeeds = () => import('../launch/launch-memory')

export interface Launching {
  check(request: LaunchRequest): Promise<CheckedLaunch>
  /** What it would take of the machine; undefined where nobody has measured that. */
  needsOf(checked: CheckedLaunch): Promise<RunNeeds | undefined>
  /** @throws StudioFailure refused-settings */
  insist(request: LaunchRequest): Promise<CheckedLaunch>
  /** A queued run, in no line yet. */
  create(request: LaunchRequest, checked: CheckedLaunch, sweepId?: string): Run
}

type Parts = Pick<StudioParts, 'db' | 'devices' | 'reader' | 'version' | 'now'>

export function launching({ db, devices, reader, version, now }: Parts): Launching {
  const check: Launching['check'] = async (request) =>
    reader.checkLaunch({ request, devices: await devices() })
  const needsOf: Launching['needsOf'] = async ({ sized, device }) => {
    if (!sized || device !== measuredDevice) return undefined
    const { runNeeds } = await loadNeeds()
    return runNeeds(sized, reader.memoryNeed, machineMemory())
  }

  return {
    check,
    needsOf,
    insist: async (request) => {
      const checked = await check(request)
      const problems =
        checked.problems.length > 0 ? checked.problems : ((await needsOf(checked))?.problems ?? [])
      if (problems.length > 0) throw new StudioFailure({ kind: 'refused-settings', problems })
      return checked
    },
    create: (request, checked, sweepId) => {
      const { settings, inputs, device, threads } = checked
      const { recipe, name = nextRunName(recipe, listRuns(db)) } = request
      const run = createRun(db, {
        name,
        recipe,
        settings,
        inputs,
        device,
        ...(threads !== undefined && { threads }),
        programVersion: version,
        createdAtMs: now(),
        ...(sweepId !== undefined && { sweepId }),
      })
      appendLog(db, run.id, asAlarms(checked, now()))
      return run
    },
  }
}

/** What was said beside the form is said again where its numbers are read. */
const asAlarms = ({ warnings = [] }: CheckedLaunch, atMs: number): readonly LogLine[] =>
  warnings.map(({ field, problem }) => ({
    atMs,
    level: 'alarm',
    text: `Little stands behind this run. ${labelOf(field)}: ${problem}`,
  }))
