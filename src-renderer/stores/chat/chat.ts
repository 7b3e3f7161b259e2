/** Chat: one conversation with two checkpoints, or with one. */
import { defineStore } from 'pinia'
import { computed, reactive, ref, type ComputedRef, type Ref } from 'vue'
import type { Comparison } from '../../../src-shared/records/comparison'
import type { WeightFormat } from '../../../src-shared/records/sample'
import type { SamplingSettings } from '../../../src-shared/sampling'
import { errorText } from '../../../src-shared/result'
import type { Api } from '../../../src-shared/wire'
import { useApi } from '../../api'
import { sideNames, type SideName } from '../compare/side-names'
import { parseSampling, plainSampling, type SamplingTexts } from '../sampling'
import { useReplies } from './replies'
import * as talking from './talk'

export const useChat = defineStore('chat', () => {
  const api = useApi()
  const talk = ref(talking.newTalk()) as Ref<talking.Talk>
  const checkpoints = reactive<Record<SideName, string | undefined>>({ left: undefined, right: undefined })
  const form = useChatSampling()
  const path = computed(() => talking.pathOf(talk.value))
  const place: Place = { api, talk, path, checkpoints, form }
  const speaking = useSpeaking(place)

  function startAnew(): void {
    speaking.stopAll()
    talk.value = talking.newTalk(talk.value.system)
  }

  return { talk, path, checkpoints, ...form, ...speaking, startAnew, compare: comparing(place) }
})

interface Place {
  readonly api: Api
  readonly talk: Ref<talking.Talk>
  readonly path: ComputedRef<readonly talking.TalkTurn[]>
  readonly checkpoints: Record<SideName, string | undefined>
  readonly form: ReturnType<typeof useChatSampling>
}

function useSpeaking({ api, talk, path, checkpoints, form }: Place) {
  const { isWriting, stop, stopAll, write } = useReplies(api)
  const canWrite = computed(
    () => form.sampling.value !== undefined && sideNames.some((side) => checkpoints[side] !== undefined),
  )

  /** @param extra added to the seed: another reply is another draw */
  function answer(turn: talking.TalkTurn, place: number, side: SideName, extra = 0): void {
    const checkpointId = checkpoints[side]
    if (checkpointId === undefined || !form.sampling.value) return
    const sampling = { ...form.sampling.value, seed: (form.sampling.value.seed + extra) >>> 0 }
    const into = talking.reply(turn, side, newReply(checkpointId, sampling))
    const prompt = talking.conversationFor(talk.value, side, place)
    void write(side, into, { checkpointId, prompt, sampling, weights: form.weights.value })
  }

  /** Says something at a place of the conversation, to both. */
  function say(said: string, place = path.value.length): void {
    if (said.trim() === '' || !canWrite.value) return
    stopAll()
    const turn = talking.say(talk.value, place, said)
    for (const side of sideNames) answer(turn, place, side)
  }

  /** Another reply of a side. */
  function retry(place: number, side: SideName): void {
    const turn = path.value[place]
    if (turn && canWrite.value) answer(turn, place, side, turn.replies[side].all.length)
  }

  /** Goes on from what a side has written. */
  function goOn(place: number, side: SideName): void {
    const turn = path.value[place]
    const into = turn && talking.standing(turn.replies[side])
    if (!into || !talking.canGoOn(into)) return
    const { checkpointId, text } = into
    const sampling = { ...into.sampling } // plain: a reactive object cannot cross to main
    const prompt = talking.conversationFor(talk.value, side, place)
    void write(side, into, { checkpointId, prompt, begun: text, sampling, weights: form.weights.value })
  }

  return { isWriting, canWrite, stop, stopAll, say, retry, goOn }
}

/** @returns what makes a comparison of a turn: it answers with that, or with what went wrong, in words */
const comparing =
  ({ api, talk, path }: Place) =>
  async (queueId: string, place: number): Promise<string | Comparison> => {
    const turn = path.value[place]
    const [left, right] = sideNames.map((side) => turn && talking.standing(turn.replies[side]))
    if (!turn || !left || !right || talking.isOpen(left) || talking.isOpen(right))
      return 'Let both sides end first.'
    const [prompt, other] = sideNames.map((side) => talking.conversationFor(talk.value, side, place))
    if (!prompt || JSON.stringify(prompt) !== JSON.stringify(other)) return differentText
    const said = { queueId, prompt, left: writtenOf(left), right: writtenOf(right) }
    const result = await api.call('chat.compare', said)
    return result.ok ? result.value : errorText(result.error)
  }

const differentText =
  'The two sides have read different replies before this turn: what they say here cannot be judged fairly.'

const newReply = (checkpointId: string, sampling: SamplingSettings): talking.Reply => ({
  text: '',
  tokens: 0,
  promptTokens: 0,
  state: 'waiting',
  tokensASecond: undefined,
  failure: undefined,
  checkpointId,
  sampling,
})

const writtenOf = ({ text, tokens, state, checkpointId, sampling }: talking.Reply) => ({
  text,
  tokens,
  hasEnded: state === 'ended',
  checkpointId,
  sampling: { ...sampling },
})

function useChatSampling() {
  const texts = ref<SamplingTexts>({ ...plainSampling, maxTokens: '256' })
  const weights = ref<WeightFormat>('as-they-are')
  const parsed = computed(() => parseSampling(texts.value))
  function setText(name: keyof SamplingTexts, text: string): void {
    texts.value = { ...texts.value, [name]: text }
  }
  return {
    texts,
    weights,
    sampling: computed(() => parsed.value.sampling),
    problems: computed(() => parsed.value.problems),
    setText,
  }
}
