/** What is said of a model where it is one of a list. */
import type { Checkpoint } from '../../src-shared/records/checkpoint'
import { countText } from '../../src-shared/sizes'

/** "0.8M, reads 64 tokens, 97 characters" */
export const checkpointText = (checkpoint: Checkpoint): string =>
  `${parametersText(checkpoint.parameters)}, reads ${checkpoint.contextTokens} tokens, ${checkpoint.tokenizer}`

/** "0.8M" */
export function parametersText(parameters: number): string {
  if (parameters >= 1e9) return `${(parameters / 1e9).toFixed(1)}B`
  if (parameters >= 1e6) return `${(parameters / 1e6).toFixed(parameters < 1e7 ? 1 : 0)}M`
  return parameters >= 1e5 ? `${(parameters / 1e6).toFixed(1)}M` : countText(parameters)
}
