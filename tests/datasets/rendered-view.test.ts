import { describe, expect, it } from 'vitest'
import { renderedView } from '../../src-main/datasets/rendered-view'
import { everyExampleOf } from '../../src-main/store/examples'
import type { DatasetKind } from '../../src-shared/records/dataset'
import type { ExampleParts } from '../../src-shared/records/example'
import { byteChatTokenizer } from '../helpers/chat-tokenizer'
import { importedDataset, testFolder, testRegistry } from '../helpers/registry'
import { tinyCheckpoint } from '../helpers/tiny-model'
import { asked, assistant, user } from '../helpers/turns'

/** The first example, and a chat model of one token a byte that reads it. */
async function seenBy(
  kind: DatasetKind,
  example: ExampleParts,
  part: 'completion' | 'rejected' = 'completion',
) {
  const folder = testFolder()
  const { id: checkpointId } = await tinyCheckpoint(folder, { tokenizer: byteChatTokenizer() })
  const db = testRegistry(folder)
  const { id } = importedDataset(db, kind, [example])
  const [first] = [...everyExampleOf(db, id)]
  const view = await renderedView(db, { exampleId: first!.id, checkpointId, part })
  return { view, learned: view.tokens.flatMap((token) => (token.isLearned ? [token] : [])) }
}
const textIn = (tokens: readonly { readonly text: string }[]): string =>
  tokens.map(({ text }) => text).join('')

describe('an example as a model reads it', () => {
  it('is its template with ids; of a conversation only what the completion says is learned, with its end', async () => {
    const { view, learned } = await seenBy('demonstrations', {
      prompt: asked(user('Hi'), assistant('Hello'), user('Well?')),
      completion: [assistant('Yes.')],
    })
    expect(view).toMatchObject({ hasTemplate: true, contextTokens: 32, learnedTokens: 5 })
    expect(view.count).toBe(view.tokens.length)
    expect(textIn(learned)).toContain('Yes.')
    expect(learned.at(-1)?.id).toBe(2)
    expect(view.tokens[0]?.id).toBe(1)
    expect(view.promptTokens).toBe(view.tokens.findIndex(({ isLearned }) => isLearned))
  })

  it('is that of the rejected completion, where that is asked for', async () => {
    const pair = { prompt: 'Well?', completion: 'Yes.', rejected: 'Never.' }
    expect(textIn((await seenBy('preferences', pair, 'rejected')).learned)).toContain('Never.')
    await expect(seenBy('demonstrations', { prompt: 'a', completion: 'b' }, 'rejected')).rejects.toThrow()
  })

  it('of a prompt alone learns nothing', async () => {
    const { view } = await seenBy('prompts', { prompt: 'Well?' })
    expect(view).toMatchObject({ learnedTokens: 0 })
    expect(textIn(view.tokens)).toContain('Well?')
  })
})
