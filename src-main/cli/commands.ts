/** The commands of `studio`, in the order of its help: one file in commands/ and one line here. */
import type { Command } from 'commander'
import { addArena } from './commands/arena'
import { addChat } from './commands/chat'
import { addCluster } from './commands/cluster'
import { addDevices } from './commands/devices'
import { addEval } from './commands/eval'
import { addExport } from './commands/export'
import { addImport } from './commands/import'
import { addLabel } from './commands/label'
import { addMark } from './commands/mark'
import { addModels } from './commands/models'
import { addPlan } from './commands/plan'
import { addQueue } from './commands/queue'
import { addCheckpoints, addDatasets, addShow } from './commands/reading'
import { addNear } from './commands/near'
import { addResume } from './commands/resume'
import { addRuns } from './commands/runs'
import { addSample } from './commands/sample'
import { addSelftest } from './commands/selftest'
import { addServe } from './commands/serve'
import { addSweep } from './commands/sweep'
import { addTeam } from './commands/team'
import { addTrain } from './commands/train'
import type { Workplace } from './surroundings'

export const commands: readonly ((program: Command, workplace: Workplace) => void)[] = [
  addImport,
  addExport,
  addTrain,
  addSweep,
  addResume,
  addRuns,
  addPlan,
  addQueue,
  addShow,
  addDatasets,
  addMark,
  addNear,
  addCheckpoints,
  addModels,
  addSample,
  addChat,
  addLabel,
  addArena,
  addEval,
  addServe,
  addTeam,
  addDevices,
  addCluster,
  addSelftest,
]
