/** What lists and rows say of a model without opening it. */
import type { Checkpoint } from '../../src-shared/records/checkpoint'
import type { Model } from './model'
import type { ModelHeader } from './model-header'

export type CheckpointFacts = Pick<
  Checkpoint,
  'kind' | 'architecture' | 'parameters' | 'contextTokens' | 'tokenizer'
>

/** Of a model in memory, or of a file's beginning. */
export const checkpointFacts = ({
  kind,
  config: { architecture, contextTokens },
  parameters,
  tokenizer,
}: Pick<Model | ModelHeader, 'kind' | 'config' | 'parameters' | 'tokenizer'>): CheckpointFacts => ({
  kind,
  architecture,
  parameters: typeof parameters === 'number' ? parameters : parameters.count,
  contextTokens,
  tokenizer: tokenizer.name,
})
