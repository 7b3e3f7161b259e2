/** How long completions are, and whether they end. */
import { meanOf, shareOf } from './measures'
import type { Suite } from './suite'

export const shape: Suite = {
  title: 'Length and end',
  measure: ({ texts }) => [
    meanOf(
      texts.map(({ tokens }) => tokens),
      { name: 'Tokens', unit: 'tokens', better: 'neither', doc: 'Mean length; an end token is not counted.' },
    ),
    meanOf(
      texts.map(({ completion }) => [...completion].length),
      { name: 'Characters', unit: 'characters', better: 'neither', doc: 'Mean length.' },
    ),
    shareOf(
      texts.map(({ hasEnded }) => hasEnded),
      { name: 'Ended', better: 'higher', doc: 'By an end token or a stop text; the others were cut.' },
    ),
    shareOf(
      texts.map(({ completion }) => completion.trim() === ''),
      { name: 'Empty', better: 'lower', doc: 'Nothing but white space.' },
    ),
  ],
}
