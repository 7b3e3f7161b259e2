/**
 * A judge elsewhere. Of two completions of a prompt it is asked in both orders, since judges favour a place; only what
 * it says both times alike counts (Zheng et al. 2023, §3.4). Or it scores each by itself.
 */
import { judgeModel } from '../../src-shared/rewards/judge-model'
import { openChat, type AskChat } from './chat-client'
import type { ChatAnswer } from './chat-protocol'
import { besideEachOther, besideReferences, meanLeads, type Compared } from './judge-comparisons'
import {
  compareInstruction,
  compareQuestion,
  scoreIn,
  scoreInstruction,
  scoreQuestion,
  verdictIn,
  type JudgeSettings,
} from './judge-words'
import { rewardRow, withoutWaiting, type Measured, type References, type ScoredText } from './reward'

const BACK_OFF_MS = 1000
/** Share of answers that may be unreadable before the judge is no judge. */
const mostUnreadable = 0.2

export const judgeModelSource = rewardRow(judgeModel, {
  open({ settings, references, waiting = withoutWaiting }) {
    const ask = openChat({
      endpoint: settings.endpoint,
      model: settings.name,
      requestsPerMinute: settings.requestsPerMinute,
      answerTokens: settings.answerTokens,
      patienceMs: settings.patience * 1000,
      backOffMs: BACK_OFF_MS,
      ...keyOf(settings.keyFrom),
    })
    const asked: Asked[] = []
    const reward = (texts: readonly ScoredText[]) =>
      waiting.for(async (signal) => {
        const judge: Judge = { ask, settings, signal }
        const judged =
          settings.how === 'score'
            ? await scoredEach(judge, texts)
            : await comparedEach(judge, texts, references)
        asked.push(...judged.asked)
        refuseNonsense(judged.asked, settings)
        return judged.scores
      })
    return Object.assign(reward, { measured: () => measuredOf(asked.splice(0), settings) })
  },
  tryOut: async ({ settings: { keyFrom } }) => {
    try {
      keyOf(keyFrom)
      return undefined
    } catch (error) {
      return (error as Error).message
    }
  },
})

/**
 * From the environment, where the key that Settings keeps stands, too.
 * @throws Error when there is none of this name
 */
function keyOf(variable: string): { readonly key?: string } {
  if (variable === '') return {}
  const key = process.env[variable]?.trim()
  if (!key)
    throw new Error(
      `the key ${variable} is neither kept in Settings nor an environment variable where the studio was started`,
    )
  return { key }
}

interface Judge {
  readonly ask: AskChat
  readonly settings: JudgeSettings
  readonly signal: AbortSignal
}

/** What came of one question, with all its answers. */
interface Asked {
  readonly answers: readonly ChatAnswer[]
  /** Of these answers, those that say nothing. */
  readonly unreadable: readonly ChatAnswer[]
  /** Of two that were compared: whether both answers say the same. */
  readonly isConsistent: boolean
}

interface Judged {
  readonly scores: readonly number[]
  readonly asked: readonly Asked[]
}

async function scoredEach(judge: Judge, texts: readonly ScoredText[]): Promise<Judged> {
  const found = await eachOf(texts, judge, async ({ prompt, completion }, at) => {
    const instruction = scoreInstruction(judge.settings, at)
    const answer = await judge.ask(instruction, scoreQuestion(prompt, completion), judge.signal)
    return { answer, score: scoreIn(answer.text) }
  })
  const scores = found.flatMap(({ score }) => score ?? [])
  // of one whose answer says nothing, nothing is known: it is as good as the others
  const usual = scores.reduce((sum, score) => sum + score, 0) / Math.max(1, scores.length)
  return {
    scores: found.map(({ score }) => score ?? usual),
    asked: found.map(({ answer, score }) => ({
      answers: [answer],
      unreadable: score === undefined ? [answer] : [],
      isConsistent: true,
    })),
  }
}

/** As many texts are shown now and then, each of another prompt; a rollout has more. */
const mostShown = 8

async function comparedEach(
  judge: Judge,
  texts: readonly ScoredText[],
  references: References = new Map(),
): Promise<Judged> {
  const comparisons =
    judge.settings.against === 'references' ? besideReferences(texts, references) : besideEachOther(texts)
  if (comparisons.length === 0 && texts.length > mostShown)
    throw new Error(
      'no prompt was answered twice, so that there is nothing to compare: choose how=score or against=references, or ' +
        'a recipe that answers each prompt several times',
    )
  const found = await eachOf(comparisons, judge, (compared, at) => comparedOnce(judge, compared, at))
  return {
    scores: meanLeads(
      texts.length,
      comparisons,
      found.map(({ lead }) => lead),
    ),
    asked: found.map(({ asked }) => asked),
  }
}

/** @returns the lead: 1 where the first is better in both orders, −1 where the other is, else 0 */
async function comparedOnce(
  { ask, settings, signal }: Judge,
  { prompt, completion, other }: Compared,
  at: number,
): Promise<{ readonly lead: number; readonly asked: Asked }> {
  if (completion === other) return { lead: 0, asked: { answers: [], unreadable: [], isConsistent: true } }
  const instruction = compareInstruction(settings, at)
  const one = await ask(instruction, compareQuestion(prompt, completion, other), signal)
  const two = await ask(instruction, compareQuestion(prompt, other, completion), signal)
  const [first, second] = [verdictIn(one.text), verdictIn(two.text)]
  const isConsistent = first !== undefined && second !== undefined && first === 0 - second
  return {
    lead: isConsistent ? first : 0,
    asked: {
      answers: [one, two],
      unreadable: [one, two].filter(({ text }) => verdictIn(text) === undefined),
      isConsistent,
    },
  }
}

/** The answers of `work` in order, so many of them under way at once; after a failure nothing more is asked. */
async function eachOf<Item, Found>(
  items: readonly Item[],
  { settings: { atOnce } }: Judge,
  work: (item: Item, at: number) => Promise<Found>,
): Promise<readonly Found[]> {
  const found: Found[] = []
  const waiting = [...items.entries()]
  const next = async (): Promise<void> => {
    for (let one = waiting.shift(); one; one = waiting.shift()) found[one[0]] = await work(one[1], one[0])
  }
  try {
    await Promise.all(Array.from({ length: atOnce }, next))
  } finally {
    waiting.length = 0
  }
  return found
}

const wanted = { score: 'no number from 1 to 10', compare: 'none of A, B and tie' } as const

/** @throws Error with an example, where the judge mostly says something else */
function refuseNonsense(asked: readonly Asked[], { how, answerTokens }: JudgeSettings): void {
  const answers = asked.reduce((sum, each) => sum + each.answers.length, 0)
  const unreadable = asked.flatMap((each) => each.unreadable)
  const [first] = unreadable
  if (!first || unreadable.length <= mostUnreadable * answers) return
  const times = `${unreadable.length} of ${answers} times`
  throw new Error(
    first.isCut
      ? `the judge was cut after ${answerTokens} tokens before it had said anything, ${times}: raise answerTokens`
      : `the judge answers what is ${wanted[how]}, ${times}, as in “${first.text.slice(0, 80)}”`,
  )
}

function measuredOf(asked: readonly Asked[], { how, priceRead, priceWritten }: JudgeSettings): Measured {
  if (asked.length === 0) return {}
  const answers = asked.flatMap((each) => each.answers)
  const sum = (of: (answer: ChatAnswer) => number) => answers.reduce((all, answer) => all + of(answer), 0)
  const [read, written] = [sum(({ tokensRead }) => tokensRead), sum(({ tokensWritten }) => tokensWritten)]
  const unreadable = asked.reduce((all, each) => all + each.unreadable.length, 0)
  return {
    ...(how === 'compare' && {
      'judge/inconsistent': asked.filter(({ isConsistent }) => !isConsistent).length / asked.length,
    }),
    'judge/unreadable': unreadable / Math.max(1, answers.length),
    'judge/tokens-read': read,
    'judge/tokens-written': written,
    ...(priceRead + priceWritten > 0 && {
      'judge/cost': (read * priceRead + written * priceWritten) / 1e6,
    }),
  }
}
