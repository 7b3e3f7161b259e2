/** Whether one model can read whatever another can write. */
import type { FieldProblem } from '../../src-shared/result'
import { checkpointInputOf, termsOf } from '../../src-shared/rewards/terms'
import { named } from '../model/tokenizers/named'
import type { Tokenizer } from '../model/model'
import type { Found } from './trainer-row'

interface Spelling {
  readonly tokenizer: Tokenizer
}

/** Why the reader cannot read what the writer writes, at the reader's input; nothing when one is not there. */
export function unreadable(
  field: string,
  reader: Spelling | undefined,
  writer: Spelling | undefined,
): readonly FieldProblem[] {
  const stranger = reader && writer && strangerTo(reader.tokenizer, writer.tokenizer)
  return stranger === undefined
    ? []
    : [{ field, problem: `cannot read what the policy can write: ${stranger}` }]
}

/** The same of every reward model that scores what the policy writes. */
export const unreadableByRewards = (
  rewards: string,
  { models }: Pick<Found, 'models'>,
): readonly FieldProblem[] =>
  termsOf(rewards)
    .flatMap((term) => checkpointInputOf(term) ?? [])
    .flatMap((input) => unreadable(input, models[input], models['policy']))

function strangerTo(reader: Tokenizer, { definition }: Tokenizer): string | undefined {
  if (definition.type !== 'character')
    return reader.definition.type === 'character'
      ? `any character, and it knows only its ${reader.name}`
      : undefined
  const unknown = definition.characters.find((character) => !reader.knows(character))
  return unknown === undefined ? undefined : `${named(unknown)} is not among its ${reader.name}`
}
