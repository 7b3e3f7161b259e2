/** The first steps on the sample project, and what its model writes now. */
import { defineStore } from 'pinia'
import { computed, onScopeDispose, ref, shallowRef } from 'vue'
import { errorText, StudioFailure } from '../../src-shared/result'
import type { LabelQueue } from '../../src-shared/records/comparison'
import type { Prompt } from '../../src-shared/records/turn'
import { textOf } from '../../src-shared/turn-texts'
import type { Api } from '../../src-shared/wire'
import { useApi } from '../api'
import { useFirstStepsMemory } from '../composables/first-steps-memory'
import { firstSteps, type StepName, type Written } from '../words/first-steps'
import { useCheckpoints } from './checkpoints'
import { useDatasets } from './datasets'
import { useLabels } from './labels'
import { useRuns } from './runs'

export const useFirstSteps = defineStore('first-steps', () => {
  const api = useApi()
  const datasets = useDatasets()
  const checkpoints = useCheckpoints()
  const runs = useRuns()
  const labels = useLabels()
  const memory = useFirstStepsMemory<StepName>()

  /** The first that was made: the sample project's. */
  const queue = computed(() => labels.queues.at(-1))
  const steps = computed(() =>
    firstSteps({
      datasets: datasets.list,
      checkpoints: checkpoints.all,
      runs: runs.all,
      queue: queue.value,
      taken: memory.taken.value,
    }),
  )
  const done = computed(() => steps.value?.filter(({ state }) => state === 'done').length ?? 0)
  const isLoaded = computed(() => datasets.isLoaded && labels.isLoaded && runs.isLoaded)

  return { steps, done, queue, isLoaded, load: labels.load, ...memory, ...useWritten(api) }
})

const promptsShown = 3

/** A completion for each of a queue's first prompts, by its model. */
function useWritten(api: Api) {
  const written = shallowRef<readonly Written[]>([])
  const problem = ref<string>()
  const isWriting = ref(false)
  let closing = new AbortController()
  let seed = 0
  onScopeDispose(stop)

  function stop(): void {
    closing.abort()
  }

  /** Each time others. */
  async function write(queue: LabelQueue): Promise<void> {
    stop()
    seed++
    closing = new AbortController()
    const { signal } = closing
    isWriting.value = true
    problem.value = undefined
    written.value = []
    try {
      for (const prompt of await promptsOf(api, queue)) {
        const text = await completion(api, queue, { prompt, seed, signal })
        if (signal.aborted) return
        written.value = [...written.value, { prompt: textOf(prompt), text }]
      }
    } catch (error) {
      if (!(error instanceof StudioFailure)) throw error
      if (!signal.aborted) problem.value = errorText(error.error)
    } finally {
      if (signal === closing.signal) isWriting.value = false
    }
  }

  return { written, problem, isWriting, write, stop }
}

async function promptsOf(api: Api, { promptDatasetId: datasetId }: LabelQueue): Promise<readonly Prompt[]> {
  const page = { datasetId, filter: { search: '' }, offset: 0, limit: promptsShown }
  const answer = await api.call('datasets.page', page)
  if (!answer.ok) throw new StudioFailure(answer.error)
  return answer.value.rows.flatMap(({ prompt }) => prompt ?? [])
}

interface Asked {
  readonly prompt: Prompt
  readonly seed: number
  readonly signal: AbortSignal
}

async function completion(
  api: Api,
  { checkpointId, sampling }: LabelQueue,
  { prompt, seed, signal }: Asked,
): Promise<string> {
  const input = { prompt, leftCheckpointId: checkpointId, sampling: { ...sampling, seed } }
  let text = ''
  for await (const piece of api.stream('samples.generate', input, signal)) text += piece.text
  return text.trim()
}
