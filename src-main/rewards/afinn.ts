/**
 * The sum of the valences of a text's words (Nielsen 2011, "A new ANEW: Evaluation of a word list for sentiment
 * analysis in microblogs"), as the Python package afinn 0.1 has it: the longest entry counts where several begin.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afinn } from '../../src-shared/rewards/afinn'
import { resourcesFolder } from '../places/resources-folder'
import { rewardRow } from './reward'

export const afinnSource = rewardRow(afinn, {
  open() {
    const lexicon = openAfinn()
    return async (texts) => texts.map(({ completion }) => lexicon(completion))
  },
})

/** @throws Error when the word list is missing */
export function openAfinn(): (text: string) => number {
  const valences = new Map(
    readFileSync(join(resourcesFolder(), 'lexicons/afinn-165.tsv'), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => line.split('\t') as [string, string])
      .map(([entry, valence]) => [entry, Number(valence)]),
  )
  const entries = [...valences.keys()]
    .sort((a, b) => b.length - a.length)
    .map((entry) => entry.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  const pattern = new RegExp(`(?<![\\p{L}\\p{N}_])(?:${entries.join('|')})(?![\\p{L}\\p{N}_])`, 'gu')
  return (text) => {
    const found = text.replace(/\s+/g, ' ').toLowerCase().match(pattern) ?? []
    return found.reduce((sum, entry) => sum + (valences.get(entry) ?? 0), 0)
  }
}
