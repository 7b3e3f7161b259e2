/** Two checkpoints writing on from one prompt with one seed, side by side. */
import { defineStore } from 'pinia'
import { computed, onScopeDispose, reactive, ref, shallowRef } from 'vue'
import type { Comparison, LabelQueue } from '../../../src-shared/records/comparison'
import type { GeneratedPiece, WeightFormat } from '../../../src-shared/records/sample'
import { errorText, StudioFailure } from '../../../src-shared/result'
import { useApi } from '../../api'
import { parseSampling, plainSampling, type SamplingTexts } from '../sampling'

export type SideName = 'left' | 'right'
export interface Side {
  checkpointId: string | undefined
  text: string
  tokens: number
  state: 'empty' | 'waiting' | 'writing' | 'ended' | 'cut' | 'stopped'
  tokensASecond: number | undefined
  sampleId: string | undefined
}

const promptsAtOnce = 200

export const useCompare = defineStore('compare', () => {
  const api = useApi()
  const sides = reactive<Record<SideName, Side>>({ left: emptySide(), right: emptySide() })
  const prompt = ref('')
  const texts = ref<SamplingTexts>(plainSampling)
  const weights = ref<WeightFormat>('as-they-are')
  /** Names stay hidden and sides are drawn at random until they are revealed. */
  const isBlind = ref(false)
  const isRevealed = ref(false)
  const isSwapped = ref(false)
  const failure = ref<string>()
  const writing = shallowRef<AbortController>()
  const queues = shallowRef<readonly LabelQueue[]>([])
  const made = ref<{ readonly comparison: Comparison; readonly queueId: string }>()

  const parsed = computed(() => parseSampling(texts.value))
  const isWriting = computed(() => writing.value !== undefined)
  const areNamesHidden = computed(() => isBlind.value && !isRevealed.value)
  const canGenerate = computed(
    () => sides.left.checkpointId !== undefined && parsed.value.sampling !== undefined,
  )
  const canCompare = computed(() => sides.left.sampleId !== undefined && sides.right.sampleId !== undefined)
  /**
   * Which side of the screen a picked checkpoint writes on: with blind sides the second one may stand left.
   */
  const shown = computed<Record<SideName, Side>>(() =>
    isSwapped.value ? { left: sides.right, right: sides.left } : sides,
  )

  onScopeDispose(() => stop())

  function stop(): void {
    writing.value?.abort()
    writing.value = undefined
    for (const side of [sides.left, sides.right])
      if (side.state === 'waiting' || side.state === 'writing') side.state = 'stopped'
  }

  /** Writes both sides anew. What was being written before is left at its next token. */
  async function generate(): Promise<void> {
    stop()
    const { sampling } = parsed.value
    const [left, right] = [sides.left.checkpointId, sides.right.checkpointId]
    if (!sampling || left === undefined) return
    const closing = new AbortController()
    writing.value = closing
    begin()
    const input = {
      prompt: prompt.value,
      leftCheckpointId: left,
      sampling,
      weights: weights.value,
      ...(right !== undefined && { rightCheckpointId: right }),
    }
    try {
      for await (const piece of api.stream('samples.generate', input, closing.signal))
        if (!closing.signal.aborted) take(piece)
    } catch (error) {
      if (!(error instanceof StudioFailure)) throw error
      if (!closing.signal.aborted) failure.value = errorText(error.error)
    }
    if (writing.value === closing) stop()
  }

  function begin(): void {
    failure.value = undefined
    made.value = undefined
    isRevealed.value = false
    isSwapped.value = isBlind.value && isHeads()
    for (const name of ['left', 'right'] as const) {
      const { checkpointId } = sides[name]
      sides[name] = { ...emptySide(), checkpointId, state: checkpointId === undefined ? 'empty' : 'waiting' }
    }
  }

  function take({ side: name, text, tokens, end }: GeneratedPiece): void {
    const side = sides[name]
    side.text += text
    side.tokens = tokens
    side.state = end ? (end.hasEnded ? 'ended' : 'cut') : 'writing'
    if (!end) return
    side.tokensASecond = end.tokensASecond
    side.sampleId = end.sampleId
  }

  function pick(name: SideName, checkpointId: string | undefined): void {
    stop()
    sides[name] = { ...emptySide(), checkpointId }
    made.value = undefined
  }

  function swap(): void {
    const { left, right } = sides
    if (isWriting.value || left.checkpointId === undefined || right.checkpointId === undefined) return
    sides.left = right
    sides.right = left
  }

  /** Sends the two samples' ids and nothing else. @returns what went wrong, in words */
  async function makeComparison(queueId: string): Promise<string | undefined> {
    const { left, right } = shown.value
    if (left.sampleId === undefined || right.sampleId === undefined) return 'Let both sides end first.'
    const answer = await api.call('samples.compare', {
      queueId,
      leftSampleId: left.sampleId,
      rightSampleId: right.sampleId,
    })
    if (!answer.ok) return errorText(answer.error)
    made.value = { comparison: answer.value, queueId }
    return undefined
  }

  async function loadQueues(): Promise<void> {
    const answer = await api.call('labels.queues', {})
    if (answer.ok) queues.value = answer.value
  }

  const prompts = shallowRef<{ readonly datasetId: string; readonly texts: readonly string[] }>()

  /** The first prompts of a dataset, each once. @returns what went wrong, in words */
  async function loadPrompts(datasetId: string): Promise<string | undefined> {
    const answer = await api.call('datasets.page', {
      datasetId,
      filter: { search: '' },
      offset: 0,
      limit: promptsAtOnce,
    })
    if (!answer.ok) return errorText(answer.error)
    prompts.value = { datasetId, texts: [...new Set(answer.value.rows.flatMap((row) => row.prompt ?? []))] }
    nextPrompt()
    return undefined
  }

  /** The prompt after this one in the list picked from; after the last comes the first. */
  function nextPrompt(): void {
    const list = prompts.value?.texts ?? []
    const next = list[(list.indexOf(prompt.value) + 1) % list.length]
    if (next === undefined) return
    stop()
    prompt.value = next
  }

  return {
    sides,
    shown,
    prompt,
    prompts,
    queues,
    texts,
    weights,
    isBlind,
    isRevealed,
    areNamesHidden,
    failure,
    made,
    isWriting,
    canGenerate,
    canCompare,
    problems: computed(() => parsed.value.problems),
    generate,
    stop,
    pick,
    swap,
    makeComparison,
    loadQueues,
    loadPrompts,
    nextPrompt,
    setText: (name: keyof SamplingTexts, text: string) => {
      texts.value = { ...texts.value, [name]: text }
    },
    reveal: () => {
      isRevealed.value = true
    },
  }
})

const emptySide = (): Side => ({
  checkpointId: undefined,
  text: '',
  tokens: 0,
  state: 'empty',
  tokensASecond: undefined,
  sampleId: undefined,
})
const isHeads = (): boolean => ((crypto.getRandomValues(new Uint8Array(1))[0] ?? 0) & 1) === 1
