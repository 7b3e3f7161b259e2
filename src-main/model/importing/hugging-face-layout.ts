/** How Hugging Face's library lays out a tensor of ours. */
import type { Layout } from '../weights/layout'
import type { HuggingFaceForm } from './hugging-face-form'

/** Score heads are [out, in] whatever the architecture. */
export const huggingFaceLayout = (
  { isTransposed }: Pick<HuggingFaceForm<never>, 'isTransposed'>,
  name: string,
): Layout => ({ name, isTransposed: name === 'score.weight' || isTransposed(name) })
