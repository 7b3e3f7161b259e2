/** Checkpoints that write, and datasets with prompts to write from: lists of prompts first. */
import { computed } from 'vue'
import { kindsWithPrompts, type Dataset } from '../../src-shared/records/dataset'
import { countOf } from '../../src-shared/sizes'
import { checkpointText } from '../words/model-words'
import { useCheckpoints } from './checkpoints'
import { useDatasets } from './datasets'

export function useWritingSources() {
  const checkpoints = useCheckpoints()
  const datasets = useDatasets()
  const writers = computed(() => checkpoints.all.filter(({ kind }) => kind === 'language-model'))
  const rewardModels = computed(() => checkpoints.all.filter(({ kind }) => kind === 'reward-model'))
  const prompts = computed(() =>
    datasets.list
      .filter(hasPrompts)
      .toSorted((a, b) => Number(b.kind === 'prompts') - Number(a.kind === 'prompts')),
  )
  const writerOptions = computed(() =>
    writers.value.map((one) => ({ id: one.id, name: one.name, detail: checkpointText(one) })),
  )
  const promptOptions = computed(() =>
    prompts.value.map((one) => ({ id: one.id, name: one.name, detail: countOf(one.rows, 'row') })),
  )
  const rewardModelOptions = computed(() =>
    rewardModels.value.map((one) => ({ id: one.id, name: one.name, detail: checkpointText(one) })),
  )
  return { writers, prompts, writerOptions, promptOptions, rewardModelOptions }
}

const hasPrompts = ({ kind, rows, origin }: Dataset): boolean =>
  rows > 0 && origin !== 'judgments' && kindsWithPrompts.includes(kind)
