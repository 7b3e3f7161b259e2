/** What is asked of sweeps. */
import type { Sweep, SweepCheck } from '../records/sweep'
import { id, launch, name } from '../launch-schema'
import { sweepPlan } from '../sweeps/plan'
import { call, stream } from './row'

const sweepLaunch = { ...launch, name: name.optional(), plan: sweepPlan }

export const sweepsCalls = {
  /** The same check that launch makes, of the first run only: every run is checked when it is launched. */
  'sweeps.check': call(sweepLaunch).returns<SweepCheck>(),
  /** Makes all of its runs or, where one of them cannot start, none. */
  'sweeps.launch': call(sweepLaunch).returns<Sweep>(),
  'sweeps.list': call({}).returns<readonly Sweep[]>(),
  /** Its runs that wait or run are stopped; what they saved stays. */
  'sweeps.stop': call({ sweepId: id }).returns<Sweep>(),
  /**
   * Its runs that failed or were stopped by a person go on from their newest checkpoint, or begin again. Those that
   * were stopped for being behind stay stopped.
   */
  'sweeps.resume': call({ sweepId: id }).returns<Sweep>(),
}

export const sweepsStreams = {
  /** All sweeps now, and again whenever one is made or has lost a run. */
  'sweeps.changes': stream({}).of<readonly Sweep[]>(),
}
