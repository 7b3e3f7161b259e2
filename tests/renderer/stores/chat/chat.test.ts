/** The Chat of Compare: what each side is sent, and what branches leave. */
import { afterEach, describe, expect, it } from 'vitest'
import { useChat } from '../../../../src-renderer/stores/chat/chat'
import { beside, nextOf, standing, step } from '../../../../src-renderer/stores/chat/talk'
import type { StreamInput } from '../../../../src-shared/contract'
import type { ChatPiece } from '../../../../src-shared/records/chat'
import { StudioFailure } from '../../../../src-shared/result'
import { fakeApi, settled } from '../../../helpers/fake-api'
import { inPage } from '../../../helpers/in-page'

let leave = (): void => {}
afterEach(() => leave())

/** Each checkpoint answers with its name and its seed, unless a test says otherwise. */
function room(answer?: (input: StreamInput<'chat.write'>, signal: AbortSignal) => AsyncGenerator<ChatPiece>) {
  const api = fakeApi({
    calls: {
      'chat.compare': ({ queueId, prompt, left, right }) => ({
        id: 'k',
        queueId,
        place: 1,
        prompt,
        left,
        right,
      }),
    },
    streams: {
      'chat.write': async function* (input, signal) {
        if (answer) return yield* answer(input as StreamInput<'chat.write'>, signal)
        const { checkpointId, sampling } = input
        yield { text: `${checkpointId} ${sampling.seed}`, tokens: 2, promptTokens: 5, ended: 'end' }
      },
    },
  })
  const page = inPage(api, useChat)
  leave = page.leave
  page.store.checkpoints.left = 'a'
  page.store.checkpoints.right = 'b'
  const written = () =>
    api.asked.flatMap(({ name, input }) =>
      name === 'chat.write' ? [input as StreamInput<'chat.write'>] : [],
    )
  return { chat: page.store, api, written }
}
const texts = (chat: ReturnType<typeof room>['chat'], place: number) => {
  const turn = chat.path[place]!
  return [standing(turn.replies.left)?.text, standing(turn.replies.right)?.text]
}

describe('a conversation with two checkpoints', () => {
  it('goes to each side with what that side itself has said', async () => {
    const { chat, written } = room()
    chat.talk.system = 'be short'
    chat.say('one')
    await settled()
    chat.say('two')
    await settled()
    expect(written().map(({ checkpointId, prompt }) => [checkpointId, prompt])).toEqual([
      [
        'a',
        {
          turns: [
            { role: 'system', content: 'be short' },
            { role: 'user', content: 'one' },
          ],
        },
      ],
      [
        'b',
        {
          turns: [
            { role: 'system', content: 'be short' },
            { role: 'user', content: 'one' },
          ],
        },
      ],
      ...(['a', 'b'] as const).map((name) => [
        name,
        {
          turns: [
            { role: 'system', content: 'be short' },
            { role: 'user', content: 'one' },
            { role: 'assistant', content: `${name} 7` },
            { role: 'user', content: 'two' },
          ],
        },
      ]),
    ])
  })

  it('says nothing of nothing, and to nobody', () => {
    const { chat, api } = room()
    chat.say('  \n')
    chat.checkpoints.left = undefined
    chat.checkpoints.right = undefined
    chat.say('hello')
    expect(api.asked).toEqual([])
    expect(chat.path).toEqual([])
  })

  it('keeps every wording of a turn, each with all that followed it', async () => {
    const { chat } = room()
    for (const said of ['one', 'two', 'three']) {
      chat.say(said)
      await settled()
    }
    chat.say('other two', 1)
    await settled()
    expect(chat.path.map(({ said }) => said)).toEqual(['one', 'other two'])
    step(beside(chat.talk, 1), -1)
    expect(chat.path.map(({ said }) => said)).toEqual(['one', 'two', 'three'])
    step(beside(chat.talk, 1), -1) // there is none before
    expect(chat.path.map(({ said }) => said)).toEqual(['one', 'two', 'three'])
  })

  it('after another reply nothing that was said after the first one stands, until one goes back', async () => {
    const { chat, written } = room()
    chat.say('one')
    await settled()
    chat.say('two')
    await settled()
    chat.retry(0, 'left')
    await settled()
    expect(texts(chat, 0)).toEqual(['a 8', 'b 7']) // another seed for another draw
    expect(chat.path).toHaveLength(1)
    chat.say('two again')
    await settled()
    expect(written().at(-2)!.prompt).toMatchObject({
      turns: [{}, { content: 'a 8' }, { content: 'two again' }],
    })
    step(chat.path[0]!.replies.left, -1)
    expect(chat.path.map(({ said }) => said)).toEqual(['one', 'two'])
    expect(nextOf(chat.path[0]!).all).toHaveLength(1)
  })

  it('goes on from what was stopped, with the same prompt', async () => {
    const { chat, written } = room(async function* ({ begun }, signal) {
      if (begun !== undefined) return yield { text: ' more', tokens: 1, promptTokens: 7, ended: 'end' }
      yield { text: 'some', tokens: 2, promptTokens: 5 }
      await new Promise((resolve) => signal.addEventListener('abort', resolve))
    })
    chat.say('one')
    await settled()
    expect(chat.isWriting).toBe(true)
    chat.stopAll()
    await settled()
    expect(chat.isWriting).toBe(false)
    expect(standing(chat.path[0]!.replies.left)).toMatchObject({ text: 'some', state: 'stopped' })
    chat.goOn(0, 'left')
    await settled()
    expect(written().at(-1)).toMatchObject({ begun: 'some', prompt: { turns: [{ content: 'one' }] } })
    // its two tokens are no part of the prompt that was given
    expect(standing(chat.path[0]!.replies.left)).toMatchObject({
      text: 'some more',
      tokens: 3,
      promptTokens: 5,
      state: 'ended',
    })
  })

  it('says why a side failed and keeps what it had written; the other side goes on', async () => {
    const { chat } = room(async function* ({ checkpointId }) {
      yield { text: 'half', tokens: 1, promptTokens: 5 }
      if (checkpointId === 'a') throw new StudioFailure({ kind: 'compute-failed', problem: 'It was lost.' })
      yield { text: ' and all', tokens: 2, promptTokens: 5, ended: 'stop' }
    })
    chat.say('one')
    await settled()
    const { left, right } = chat.path[0]!.replies
    expect(standing(left)).toMatchObject({ text: 'half', state: 'failed', failure: 'It was lost.' })
    expect(standing(right)).toMatchObject({ text: 'half and all', state: 'ended' })
  })

  it('becomes a comparison where both have read the same, and is refused where they have not', async () => {
    const { chat, api } = room()
    chat.say('one')
    await settled()
    chat.say('two')
    await settled()
    expect(await chat.compare('q', 1)).toContain('different replies')
    expect(await chat.compare('q', 0)).toMatchObject({ place: 1 })
    expect(api.asked.at(-1)).toMatchObject({
      name: 'chat.compare',
      input: {
        prompt: { turns: [{ role: 'user', content: 'one' }] },
        left: { text: 'a 7', checkpointId: 'a', hasEnded: true },
        right: { text: 'b 7', checkpointId: 'b' },
      },
    })
  })
})
