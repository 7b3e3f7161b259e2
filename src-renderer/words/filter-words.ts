/** A filter over examples in words: what it is found again by. */
import type { ExampleFilter } from '../../src-shared/records/example'
import { countText } from '../../src-shared/sizes'

export function filterText(filter: ExampleFilter): string {
  const said = [
    filter.search.trim() === '' ? undefined : `“${filter.search.trim()}”`,
    filter.source === undefined ? undefined : `source ${filter.source}`,
    filter.label === undefined ? undefined : `label ${filter.label}`,
    filter.tag === undefined ? undefined : `tag ${filter.tag}`,
    filter.minCharacters === undefined ? undefined : `from ${countText(filter.minCharacters)} characters`,
    filter.maxCharacters === undefined ? undefined : `up to ${countText(filter.maxCharacters)} characters`,
    filter.isExcluded === true ? 'left out' : undefined,
    filter.isExcluded === false ? 'trained on' : undefined,
    filter.flaggedOnly ? 'flagged' : undefined,
  ].filter((each) => each !== undefined)
  return said.join(', ') || 'all rows'
}
