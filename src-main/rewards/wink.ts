/**
 * wink-nlp's sentiment of the completion, −1 … 1, positive above 0: the judge that is watched while another
 * reward trains.
 *
 * It knows negation and averages over sentences, but it is a word list, too: it is fooled by much of what
 * fools VADER, so read it beside KL and distinct-2. Its model takes a third of a second to load, and is
 * loaded at the first judgment.
 */
import { wink } from '../../src-shared/rewards/wink'
import { rewardRow, type Reward } from './reward'

let sentimentOf: Promise<(text: string) => number> | undefined

export const winkReward: Reward = async (texts) => {
  sentimentOf ??= load()
  const sentiment = await sentimentOf
  return texts.map(({ completion }) => sentiment(completion))
}

/** Its own language model, and the work with its texts: by measurement. */
const WORKSPACE_BYTES = 100 * 2 ** 20

export const winkSource = rewardRow(wink, { workspaceBytes: WORKSPACE_BYTES, open: () => winkReward })

async function load(): Promise<(text: string) => number> {
  const [{ default: winkNlp }, { default: model }] = await Promise.all([
    import('wink-nlp'),
    import('wink-eng-lite-web-model'),
  ])
  const nlp = winkNlp(model, ['sbd', 'negation', 'sentiment'])
  return (text) => nlp.readDoc(text).out(nlp.its.sentiment) as unknown as number
}
