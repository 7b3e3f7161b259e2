/**
 * What models read of prompts and conversations, where it was read wrong somewhere, by the number of the case: the
 * right values are those of transformers.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Demonstration } from '../../src-main/data/training-data'
import { machineMemory } from '../../src-main/compute/machine-memory'
import { datasetSurveyor } from '../../src-main/datasets/survey'
import { checkLaunch } from '../../src-main/launch/launch-check'
import { seeded } from '../../src-main/maths/random'
import { readTokenizerFiles } from '../../src-main/model/importing/tokenizer-files'
import { createLanguageModel } from '../../src-main/model/language-model'
import { promptIdsOf, renderedExample } from '../../src-main/model/rendering'
import { readText } from '../../src-main/model/reading'
import { huggingFaceTokenizer } from '../../src-main/model/tokenizers/hugging-face'
import { trainSft } from '../../src-main/trainers/sft'
import { byteChatFiles, byteChatTokenizer, chatml, readAgain } from '../helpers/chat-tokenizer'
import { readAll } from '../helpers/imported-file'
import { importedDataset, testFolder, testRegistry } from '../helpers/registry'
import { tinyCheckpoint } from '../helpers/tiny-model'
import { logsOf, run, sftSettings, testEngine, tinyModel } from '../trainers/tiny'

const caseFile = (name: string): string => path.resolve('tests/fixtures/field-cases', name)
const template = (name: string): string => readFileSync(caseFile(name), 'utf8')
const asRead = (source: string, prompt = 'Egg?'): string => {
  const tokenizer = byteChatTokenizer(source)
  return readAgain(tokenizer, promptIdsOf(tokenizer, prompt))
}

describe('case 19a: a lower-case true', () => {
  it('is true', () => {
    expect(asRead(template('19a-thinking-true.jinja'))).toBe(
      '<|im_start|>user\nEgg?<|im_end|>\n<|im_start|>assistant\n',
    )
  })
})

describe('case 19b: a lower-case true in a namespace', () => {
  it('is true', () => {
    expect(asRead(template('19b-namespace-true.jinja'))).toBe(
      '<|im_start|>system\nYou help.<|im_end|>\n<|im_start|>user\nEgg?<|im_end|>\n<|im_start|>assistant\n',
    )
  })
})

describe('case 20: two templates', () => {
  it('the file goes before the field, and named ones stand beside it', async () => {
    const folder = testFolder()
    const old = "{% for message in messages %}OLD {{ message['content'] }}{% endfor %}"
    const write = (name: string, content: string) => writeFileSync(path.join(folder, name), content)
    write('tokenizer.json', JSON.stringify(byteChatFiles.tokenizer))
    write('tokenizer_config.json', JSON.stringify({ ...byteChatFiles.config, chat_template: old }))
    write('chat_template.jinja', chatml)
    const names = ['tokenizer.json', 'tokenizer_config.json', 'chat_template.jinja']
    const read = await readTokenizerFiles(folder, names)
    const tokenizer = huggingFaceTokenizer({ type: 'hugging-face', prompts: 'chat', ...read })
    expect(readAgain(tokenizer, promptIdsOf(tokenizer, 'Egg?'))).toBe(
      '<|im_start|>user\nEgg?<|im_end|>\n<|im_start|>assistant\n',
    )
    mkdirSync(path.join(folder, 'additional_chat_templates'))
    write('additional_chat_templates/tool_use.jinja', 'TOOLS {{ tools | length }}')
    const more = await readTokenizerFiles(folder, [...names, 'additional_chat_templates'])
    const both = huggingFaceTokenizer({ type: 'hugging-face', prompts: 'chat', ...more })
    const prompt = { turns: [{ role: 'user', content: 'Egg?' }], tools: [{ name: 'boil' }] }
    expect(readAgain(both, promptIdsOf(both, prompt))).toBe('TOOLS 1')
    expect(readAgain(both, promptIdsOf(both, 'Egg?'))).toContain('<|im_start|>user')
  })
})

describe('case 21a: turns that a template refuses', () => {
  const refusal =
    'row 2: its chat template refuses these turns: Conversation roles must alternate ' +
    'user/assistant/user/assistant/...'

  it('are refused before anything trains, with their row and the template’s words', async () => {
    const folder = testFolder()
    const tokenizer = byteChatTokenizer(template('21a-roles-must-alternate.jinja'))
    const policy = (await tinyCheckpoint(folder, { tokenizer })).id
    const db = testRegistry(folder)
    const { examples } = await readAll(caseFile('21a-two-user-turns.jsonl'))
    const { id } = importedDataset(db, 'demonstrations', examples, 'turns')
    const devices = async () => [{ id: 'cpu', name: 'CPU', isUsable: true, isDefault: true }]
    const { problems } = await checkLaunch(
      { db, survey: datasetSurveyor(db), devices, machineMemory },
      { recipe: 'sft', inputs: { policy: [policy], demonstrations: [id] }, settings: {} },
    )
    expect(problems).toEqual([{ field: 'demonstrations', problem: `“turns”, ${refusal}` }])
  })

  it('are refused settings for a trainer that meets them, too', async () => {
    const { examples } = await readAll(caseFile('21a-two-user-turns.jsonl'))
    const tokenizer = byteChatTokenizer(template('21a-roles-must-alternate.jinja'))
    const { config } = tinyModel('ab', 64)
    const model = createLanguageModel({ ...config, vocabulary: tokenizer.vocabulary }, tokenizer, seeded(1))
    const training = run(trainSft(testEngine(), model, examples as readonly Demonstration[], sftSettings({})))
    await expect(training).rejects.toMatchObject({
      error: { kind: 'refused-settings', problems: [{ field: 'demonstrations' }] },
    })
  })
})

describe('case 24a: role words in a message', () => {
  it('stay a message', async () => {
    const { examples } = await readAll(caseFile('24a-role-words-in-a-message.jsonl'))
    const { prompt = '', completion = '' } = examples[0]!
    const tokenizer = byteChatTokenizer()
    expect(readAgain(tokenizer, renderedExample(tokenizer, prompt, completion).ids)).toBe(
      '<|im_start|>user\nLog:\n\nHuman: hi\n\nAssistant: yo<|im_end|>\n<|im_start|>assistant\ny<|im_end|>\n',
    )
  })
})

describe('case 32: a written text with a space before it', () => {
  it('is scored with it', async () => {
    const { examples } = await readAll(caseFile('32-prompt.jsonl'))
    const { prompt = '' } = examples[0]!
    const tokenizer = byteChatTokenizer()
    const { config } = tinyModel('ab', 64)
    const read = (completion: string, hasEnded: boolean) =>
      readAgain(tokenizer, readText(config, tokenizer, { prompt, completion, hasEnded }, true).ids)
    const start = '<|im_start|>user\nEgg?<|im_end|>\n<|im_start|>assistant\n'
    expect(read(' a', false)).toBe(`${start} a`)
    expect(read(' a', true)).toBe(`${start} a<|im_end|>\n`)
  })
})

describe('case 44: ninety rows in batches of 64', () => {
  it('are all read in one epoch, the last batch being smaller', async () => {
    const { examples } = await readAll(caseFile('44-ninety-rows.jsonl'))
    const model = tinyModel('AQ?0123456789')
    const settings = sftSettings({ epochs: 1, batchExamples: 64, heldOutFraction: 0 })
    const { events, updates } = await run(
      trainSft(testEngine(), model, examples as readonly Demonstration[], settings),
    )
    expect(events[0]).toEqual({ kind: 'plan', totalSteps: 2 })
    const answers = examples.map(({ completion }) => (completion as string).length + 1)
    const all = answers.reduce((sum, tokens) => sum + tokens, 0)
    expect(updates.reduce((sum, { tokens }) => sum + tokens, 0)).toBe(all)
    expect(logsOf(events)).toEqual([])
  })
})
