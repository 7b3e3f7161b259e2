/** A person as a reward: the run waits until all of a rollout is answered. The same is never asked twice. */
import { sameness } from '../../src-shared/prompts'
import type { Asked } from '../../src-shared/records/live'
import { person } from '../../src-shared/rewards/person'
import { besideEachOther, meanLeads } from './judge-comparisons'
import { rewardRow, withoutWaiting, type AskPerson, type ScoredText } from './reward'

export const personSource = rewardRow(person, {
  open({ settings: { how, patience }, waiting = withoutWaiting, askPerson }) {
    if (!askPerson) throw new Error('nobody is there who could be asked')
    return (texts) =>
      waiting.for((signal) => {
        const ask = (questions: readonly Asked[]) => askedOnce(askPerson, questions, { patience, signal })
        return how === 'rate' ? rated(ask, texts) : compared(ask, texts)
      })
  },
})

type Ask = (questions: readonly Asked[]) => Promise<readonly number[]>

const rated = (ask: Ask, texts: readonly ScoredText[]): Promise<readonly number[]> =>
  ask(texts.map(({ prompt, completion }) => ({ how: 'rate', prompt, completions: [completion] })))

async function compared(ask: Ask, texts: readonly ScoredText[]): Promise<readonly number[]> {
  const comparisons = besideEachOther(texts)
  if (comparisons.length === 0 && texts.length > 0)
    throw new Error(
      'no prompt was answered twice, so that there is nothing to compare: choose how=rate, or a recipe that answers ' +
        'each prompt several times',
    )
  const differing = comparisons.filter(({ completion, other }) => completion !== other)
  const answers = await ask(
    differing.map(({ prompt, completion, other }) => ({
      how: 'compare',
      prompt,
      completions: [completion, other],
    })),
  )
  const leads = new Map(differing.map((each, index) => [each, answers[index] as number]))
  return meanLeads(
    texts.length,
    comparisons,
    comparisons.map((each) => leads.get(each) ?? 0),
  )
}

/** What is asked, by its sameness: of two that are alike one is asked. */
async function askedOnce(
  askPerson: AskPerson,
  questions: readonly Asked[],
  { patience, signal }: { readonly patience: number; readonly signal: AbortSignal },
): Promise<readonly number[]> {
  const different = new Map(questions.map((each) => [keyOf(each), each]))
  const answers = await askPerson([...different.values()], { patienceMs: patience * 60_000, signal })
  const byKey = new Map([...different.keys()].map((key, index) => [key, answers[index] as number]))
  return questions.map((each) => byKey.get(keyOf(each)) as number)
}

const keyOf = ({ how, prompt, completions }: Asked): string =>
  JSON.stringify([how, sameness(prompt), ...completions])
