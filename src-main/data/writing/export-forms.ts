/** The forms in which datasets go out. A new one is one file here and one line. */
import type { DatasetForm } from '../../../src-shared/records/export'
import type { ExportForm } from './form'
import { hhRlhf } from './hh-rlhf'
import { oasst } from './oasst'
import { shareGpt } from './sharegpt'
import { kto, trl, trlConversational } from './trl'

export const exportForms: Readonly<Record<DatasetForm, ExportForm>> = {
  trl,
  'trl-conversational': trlConversational,
  kto,
  'hh-rlhf': hhRlhf,
  sharegpt: shareGpt,
  oasst,
}
