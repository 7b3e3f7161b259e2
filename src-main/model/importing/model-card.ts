/**
 * A folder's README.md (a "model card"): the licence at its head, read and written; what the model is and
 * where it comes from, written.
 */
import { join } from 'node:path'
import { checkpointFacts } from '../checkpoint-facts'
import type { Model } from '../model'
import type { Lineage } from '../model-header'
import { readText } from '../weights/json-file'
import { refusingFile } from '../weights/refusal'

/** Under which name and terms a model is given away. */
export interface Terms {
  readonly name: string
  /** "apache-2.0"; empty when nothing is known. */
  readonly licence: string
  readonly lineage: Lineage
}

/** @returns as the card names it, "apache-2.0"; undefined when nothing names one */
export async function licenceIn(path: string, names: readonly string[]): Promise<string | undefined> {
  if (!names.includes('README.md')) return undefined
  const card = await refusingFile(join(path, 'README.md'), () => readText(join(path, 'README.md')))
  const head = /^---\r?\n([\s\S]*?)\r?\n---/.exec(card)?.[1] ?? ''
  return /^license:[ \t]*['"]?([^'"\r\n#]{1,100})/m.exec(head)?.[1]?.trim()
}

/** What whoever loads a reward model elsewhere must know. */
const scoringFacts: readonly string[] = [
  'Scores prompt and completion as one text: the tokenizer puts an end token after it, where the score is read',
  'Where config.json has a score_offset it is added to every score',
]

const shownCount = (count: number): string => count.toLocaleString('en')

export function writtenCard(model: Model, { name, licence, lineage }: Terms, library: string): string {
  const head = [
    `library_name: ${library}`,
    ...(licence === '' ? [] : [`license: ${licence.replace(/[\r\n]/g, ' ')}`]),
  ]
  const { kind, architecture, parameters, contextTokens, tokenizer } = checkpointFacts(model)
  const title = kind === 'reward-model' ? 'Reward model' : 'Language model'
  const sizes = `${shownCount(parameters)} parameters, ${shownCount(contextTokens)} tokens of context`
  const facts = [
    `${title}, ${architecture}, ${sizes}`,
    `Tokenizer: ${tokenizer}`,
    ...(kind === 'reward-model' ? scoringFacts : []),
    ...Object.entries(lineage).map(([fact, value]) => `${fact}: ${value.replace(/\s+/g, ' ')}`),
  ]
  const list = facts.map((fact) => `- ${fact}`).join('\n')
  return `---\n${head.join('\n')}\n---\n# ${name}\n\n${list}\n\nWritten by RLHF Studio.\n`
}
