/** `/v1/completions`: texts in, what stands after each out. */
import type { ToldToken } from '../../src-shared/records/sample'
import { z } from 'zod'
import type { Asked, Kind, Reading } from './asked'
import { refuse } from './refusal'
import { commonFields, readFields, refuseWhatIsNotDone, samplingOf } from './request-fields'

const text = z.string().max(1_000_000)

const schema = z.looseObject({
  ...commonFields,
  prompt: z.union([text, z.array(text).min(1).max(128), z.array(z.json())]).optional(),
  logprobs: z.number().int().min(0).max(20).optional(),
  echo: z.boolean().optional(),
  suffix: z.string().optional(),
  best_of: z.number().int().optional(),
})

/** OpenAI's. */
const usualMaxTokens = 16

const mostTexts = 128

export function readText(given: unknown, { modelNamed, drawSeed }: Reading): Asked {
  const body = readFields(schema, given)
  refuseWhatIsNotDone(body)
  if (body.echo) refuse('echo', 'is not done here: the prompt is the client’s already')
  if ((body.suffix ?? '') !== '') refuse('suffix', 'is not done here: these models write on, not in between')
  const n = body.n ?? 1
  if ((body.best_of ?? n) !== n) refuse('best_of', 'is not done here: ask for n and choose')
  const prompts = promptsIn(body.prompt)
  if (prompts.length * n > mostTexts) refuse('prompt', `asks for more than ${mostTexts} completions at once`)
  return {
    model: body.model,
    write: {
      checkpointId: modelNamed(body.model).checkpointId,
      prompts: prompts.flatMap((prompt) => new Array<string>(n).fill(prompt)),
      sampling: samplingOf(body, body.max_tokens ?? usualMaxTokens, drawSeed),
      ...(body.logprobs !== undefined && { topChances: body.logprobs }),
    },
    isStreamed: body.stream === true,
    withUsage: body.stream_options?.include_usage === true,
    each: n,
  }
}

function promptsIn(prompt: z.infer<typeof schema>['prompt']): readonly string[] {
  if (prompt === undefined) return ['']
  if (typeof prompt === 'string') return [prompt]
  const texts = (prompt as readonly unknown[]).filter((each) => typeof each === 'string')
  if (texts.length < prompt.length) refuse('prompt', 'must be text: ids of tokens are not read')
  return texts
}

export const textKind: Kind = {
  idPrefix: 'cmpl-',
  object: 'text_completion',
  chunkObject: 'text_completion',
  whole: ({ text: words, told }, { write }) => ({
    text: words,
    logprobs: logProbsIn(told, write.topChances),
  }),
  part: ({ text: words, told }, { write }) => ({ text: words, logprobs: logProbsIn(told, write.topChances) }),
  nothing: { text: '', logprobs: null },
}

const logProbsIn = (told: readonly ToldToken[] = [], asked: number | undefined): object | null => {
  if (asked === undefined) return null
  let offset = 0
  return {
    tokens: told.map((token) => token.text),
    token_logprobs: told.map(({ logProb }) => logProb),
    top_logprobs: told.map(({ top }) =>
      Object.fromEntries(top.map((each) => [each.text, each.logProb] as const)),
    ),
    text_offset: told.map((token) => {
      const at = offset
      offset += token.text.length
      return at
    }),
  }
}
