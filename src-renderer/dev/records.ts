/** Records of the studio: whole and valid, with what a test or a sample is about laid over. */
import { defaultsOf } from '../../src-shared/fields'
import type { Checkpoint } from '../../src-shared/records/checkpoint'
import type { Dataset } from '../../src-shared/records/dataset'
import type { Run } from '../../src-shared/records/run'
import type { Sample } from '../../src-shared/records/sample'
import { recipeOf } from '../../src-shared/recipes/recipes'

export const aRun = (over: Partial<Run> & Pick<Run, 'id'>): Run => {
  const recipe = over.recipe ?? 'ppo'
  return {
    name: over.id,
    recipe,
    state: 'finished',
    settings: defaultsOf(recipeOf(recipe).fields),
    inputs: {},
    judgmentWatermark: 0,
    device: 'cpu',
    programVersion: '0.1.0',
    createdAtMs: 1000,
    startedAtMs: 2000,
    endedAtMs: 62_000,
    step: 60,
    totalSteps: 60,
    ...over,
  }
}

export const aCheckpoint = (over: Partial<Checkpoint> & Pick<Checkpoint, 'id'>): Checkpoint => ({
  name: over.id,
  kind: 'language-model',
  step: 200,
  architecture: 'gpt',
  parameters: 804_096,
  contextTokens: 64,
  tokenizer: '97 characters',
  bytes: 3_216_384,
  licence: '',
  createdAtMs: 1000,
  ...over,
})

export const aDataset = (over: Partial<Dataset> & Pick<Dataset, 'id'>): Dataset => ({
  name: over.id,
  kind: 'text',
  origin: 'imported',
  rows: 1000,
  bytes: 50_000,
  fileName: 'some.txt',
  terms: '',
  createdAtMs: 1000,
  ...over,
})

export const aSample = (over: Partial<Sample> & Pick<Sample, 'id'>): Sample => ({
  step: 10,
  prompt: '',
  completion: 'Great food.',
  tokens: 11,
  hasEnded: true,
  ...over,
})
