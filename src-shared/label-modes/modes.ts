/** The ways to judge, by their names. A new one is one file and one row here. */
import type { LabelModeName } from '../records/labelling'
import { edit } from './edit'
import { modeRow, type LabelModeRow } from './mode'
import { pair } from './pair'
import { ranking } from './ranking'
import { rating } from './rating'
import { turns } from './turns'
import { yesNo } from './yes-no'

export const labelModes: Readonly<Record<LabelModeName, LabelModeRow>> = {
  pair: modeRow(pair),
  ranking: modeRow(ranking),
  rating: modeRow(rating),
  'yes-no': modeRow(yesNo),
  edit: modeRow(edit),
  turns: modeRow(turns),
}
