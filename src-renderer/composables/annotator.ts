/** Whose judgments these are: the name is asked for once and kept with each. One for the whole page. */
import { effectScope, type Ref } from 'vue'
import { textIn, useKept } from './kept'

export const longestName = 80

let name: Ref<string> | undefined

export function useAnnotator(): Ref<string> {
  name ??= effectScope(true).run(() => useKept('annotator', '', textIn))
  return name as Ref<string>
}

/** As a call takes it: nothing while no name was given. */
export function namedBy(): { readonly annotator?: string } {
  const annotator = useAnnotator().value.trim().slice(0, longestName)
  return annotator === '' ? {} : { annotator }
}
