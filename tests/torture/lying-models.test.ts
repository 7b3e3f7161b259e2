/** Models whose tokenizer, template or configuration does not come to an end: who else waits for them. */
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { inTime } from '../../src-main/processes/in-time'
import { modelReader } from '../../src-main/processes/model-reader'
import { forkNode } from '../../src-main/processes/compute-child'
import { errorText, type Result } from '../../src-shared/result'
import { builtMain } from '../helpers/built-main'
import { testFolder } from '../helpers/registry'
import { testStudio, type Asking } from '../helpers/test-studio'
import { imported } from '../helpers/tiny-runs'
import {
  modelWithConfig,
  modelWithTemplate,
  modelWithTokenizer,
  soundModel,
  templateWithoutEnd,
} from './lying-models'

const sampling = { temperature: 1, topK: 0, topP: 1, maxTokens: 4, seed: 1 }
/** Longer than any text that an import tries. */
const longPrompt = 'a'.repeat(40) + ' is a prompt of more than twenty characters'

/** Sound on the short texts that an import tries it on; 2⁴⁰ ways on forty letters. */
const slowPattern = () => modelWithPattern('(a+)+(?=!)|[\\s\\S]')
/** On any text of a few letters. */
const endlessPattern = () => modelWithPattern('(([^!]+)+)+(?=!)|[\\s\\S]')

const modelWithPattern = (pattern: string) =>
  modelWithTokenizer((json) => ({
    ...json,
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [
        { type: 'Split', pattern: { Regex: pattern }, behavior: 'Isolated', invert: false },
        { type: 'ByteLevel', add_prefix_space: false, use_regex: false },
      ],
    },
  }))

const slowTemplate = () =>
  modelWithTemplate(
    '{% for m in messages %}{{ m.content }}{% if m.content | length > 20 %}' +
      `${templateWithoutEnd}{% endif %}{% endfor %}`,
  )

async function importedModel({ follow }: Asking, path: string): Promise<string> {
  const last = (await follow('checkpoints.import', { path })).at(-1)
  if (!last?.done) throw new Error('the model was not imported')
  return last.done.id
}

async function written({ follow }: Asking, checkpointId: string, prompt: string): Promise<string> {
  const request = { prompt, leftCheckpointId: checkpointId, sampling }
  return follow('samples.generate', request).then(
    () => 'written',
    (error: Error) => error.message,
  )
}

/** The longest that main was silent while `work` went on, in milliseconds. */
async function longestSilence({ ask }: Asking, work: Promise<unknown>): Promise<number> {
  let longest = 0
  let isOver = false
  void work.finally(() => (isOver = true)).catch(() => {}) // its own outcome is looked at elsewhere
  while (!isOver) {
    const sinceMs = performance.now()
    await ask('runs.list', {})
    longest = Math.max(longest, performance.now() - sinceMs)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return longest
}

const problemOf = (result: Result<unknown>): string => (result.ok ? '' : errorText(result.error))

describe('3. a pattern without end', () => {
  it('is ended from outside, and work that ends is as it was', () => {
    expect(() => inTime('the pattern', () => /^(a+)+$/.test(`${'a'.repeat(60)}!`), 200)).toThrow(
      'the pattern took more than 0.2 seconds and was ended',
    )
    expect(inTime('a sum', () => 1 + 1)).toBe(2)
  })
})

describe('3. a model whose tokenizer or template does not come to an end', () => {
  it.each([
    ['pattern', slowPattern, /took more than 5 seconds and was ended/],
    // an end of its own, within a second of work
    ['template', slowTemplate, /it does not come to an end/],
  ])(
    '(%s) is refused in words by Generate, which then writes with others; main answers all the time',
    async (_, bad, words) => {
      const studio = await testStudio()
      const [liar, sound] = [await importedModel(studio, bad()), await importedModel(studio, soundModel())]
      const refused = written(studio, liar, longPrompt)
      expect(await longestSilence(studio, refused)).toBeLessThan(1000)
      expect(await refused).toMatch(words)
      expect(await written(studio, sound, 'short')).toBe('written')
      expect(studio.bugs).toEqual([])
    },
  )

  it('is ended with its process when main asks about it, and what others ask meanwhile is answered', async () => {
    const folder = testFolder()
    const studio = await testStudio({ folder })
    const [liar, sound] = [
      await importedModel(studio, slowPattern()),
      await importedModel(studio, soundModel()),
    ]
    const { id: datasetId } = await imported(studio, 'texts.txt')
    const { computeProcess } = await builtMain()
    const reader = modelReader(join(folder, 'registry.sqlite'), forkNode(computeProcess), 10_000)
    const bad = reader.tokens({ text: longPrompt, datasetId, checkpointId: liar }).then(
      () => 'answered',
      (error: Error) => error.message,
    )
    await new Promise((resolve) => setTimeout(resolve, 2000))
    const good = reader.tokens({ text: 'good', datasetId, checkpointId: sound })
    expect(await longestSilence(studio, bad)).toBeLessThan(1000)
    expect(await bad).toMatch(/^Reading these texts with this model took more than 10 seconds and was ended/)
    expect((await good).tokens.map(({ text }) => text).join('')).toBe('good')
    reader.close()
  })

  it('is let go at once when its import is taken back', async () => {
    const studio = await testStudio()
    const closing = new AbortController()
    const path = endlessPattern()
    const importing = (async () => {
      for await (const _ of studio.api.stream('checkpoints.import', { path }, closing.signal));
    })()
    await new Promise((resolve) => setTimeout(resolve, 3000))
    closing.abort()
    await importing
    await studio.studio.close() // waits for its processes: a busy one that nobody ended would be met here
    expect(studio.bugs).toEqual([])
  })
})

describe('3. a model that says it reads a thousand million tokens', () => {
  it('writes a short text, as one does that says 64', async () => {
    const studio = await testStudio()
    const liar = await importedModel(studio, modelWithConfig({ max_position_embeddings: 1e9 }))
    expect(await written(studio, liar, 'short')).toBe('written')
    const { id } = await imported(studio, 'pairs.jsonl')
    const check = await studio.api.call('runs.check', {
      recipe: 'dpo',
      settings: {},
      inputs: { policy: [liar], pairs: [id] },
    })
    expect(problemOf(check)).toBe('')
    expect(studio.bugs).toEqual([])
  })
})
