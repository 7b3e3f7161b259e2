/** Writes what a run has become to disk: the model for people to use, and the state to go on from. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Run } from '../../src-shared/records/run'
import type { SavedCheckpoint } from '../processes/messages'
import { saveModel, saveResume } from '../model/checkpoint'
import { checkpointFacts } from '../model/checkpoint-facts'
import type { Lineage } from '../model/model-header'
import { besideRegistry } from '../store/checkpoint-files'
import type { Snapshot } from '../trainers/trainer'

/**
 * Both files are wholly on disk when this resolves. A step that is saved again takes the place of the first.
 */
export async function writeCheckpoint(
  registryPath: string,
  run: Run,
  snapshot: Snapshot,
): Promise<SavedCheckpoint> {
  const { model, resume } = snapshot
  refuseNoNumbers(snapshot)
  const folder = join(besideRegistry(registryPath, 'checkpoints'), run.id)
  const name = `update-${String(resume.step).padStart(6, '0')}`
  const path = join(folder, `${name}.safetensors`)
  const resumePath = join(folder, `${name}.resume.safetensors`)
  await mkdir(folder, { recursive: true })
  await saveResume(resumePath, resume)
  const bytes = await saveModel(path, model, lineageOf(run, resume.step))
  return {
    ...checkpointFacts(model),
    step: resume.step,
    bytes,
    path,
    resumePath,
  }
}

/** @throws Error in words: what is no number would be no number ever after, and is not worth keeping */
function refuseNoNumbers({ model, resume }: Snapshot): void {
  const { parameters } = model
  // what is held in 8 bits is frozen, and cannot hold anything else
  const weights = Object.keys(parameters.spec).filter((name) => !parameters.held(name))
  const isSound =
    weights.every((name) => parameters.view(name).every(Number.isFinite)) &&
    Object.values(resume.tensors).every((values) => values.every(Number.isFinite))
  if (!isSound)
    throw new Error(
      `after update ${resume.step} some weights are no finite numbers: nothing was saved, and what was saved before ` +
        'is whole. A smaller learning rate or a smaller clip norm keeps them finite',
    )
}

/** Facts that go with the file. `readPrompt` is how a reward model was trained to read. */
function lineageOf({ name, recipe, programVersion, settings }: Run, step: number): Lineage {
  const { readPrompt } = settings
  return {
    run: name,
    recipe,
    update: String(step),
    programVersion,
    ...(typeof readPrompt === 'string' && { readPrompt }),
  }
}
