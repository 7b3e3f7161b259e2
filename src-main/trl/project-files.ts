/** The data and models of a project: in TRL's form, and as Hugging Face folders. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { defaultsOf, type SettingsValues } from '../../src-shared/fields'
import type { Run } from '../../src-shared/records/run'
import { trainedPartFields } from '../../src-shared/recipes/trained-part'
import { alsoOf, noneYet } from '../data/writing/any-of'
import type { Parts, WrittenRow } from '../data/writing/form'
import { exportModel } from '../model/exporting/export-model'
import { huggingFaceFormOf } from '../model/importing/hugging-face-config'
import { writtenAdapterConfig } from '../model/importing/peft-config'
import { bothNames } from '../model/importing/peft-renamed'
import type { LanguageModel, Model } from '../model/model'
import { toTrain, type TrainedPart } from '../trainers/trained-part'
import type { TrlData, TrlRow } from './trl-row'

/** @param form TRL's form of the rows */
export async function writeData(
  folder: string,
  { trained, heldOut, order, margins }: TrlData,
  form: TrlRow['form'],
): Promise<void> {
  const any = { ...[...trained, ...heldOut].reduce(alsoOf, noneYet), hasMargins: false } // they stand beside
  const rows = (all: readonly Parts[]): readonly WrittenRow[] => all.flatMap((parts) => form.rows(parts, any))
  const withMargins = rows(trained).map((row, index) => ({
    ...row,
    ...('chosen' in row && margins && { margin: margins[index]! }),
  }))
  await mkdir(join(folder, 'data'))
  await writeLines(join(folder, 'data/train.jsonl'), withMargins)
  if (heldOut.length > 0) await writeLines(join(folder, 'data/held-out.jsonl'), rows(heldOut))
  await writeFile(join(folder, 'data/order.json'), JSON.stringify(order))
}

const writeLines = (path: string, rows: readonly WrittenRow[]): Promise<void> =>
  writeFile(path, rows.map((row) => `${JSON.stringify(row)}\n`).join(''))

export async function writeModel(parent: string, name: string, model: Model): Promise<void> {
  await mkdir(parent, { recursive: true })
  await exportModel(model, { format: 'hugging-face', parent, name, licence: '', lineage: {} })
}

/** What LoRA trains, as PEFT names it. */
export async function writeAdapter(
  folder: string,
  policy: LanguageModel,
  { settings, recipe }: Run,
): Promise<void> {
  if (settings['adapter'] !== 'lora') return
  const adapted = toTrain(policy, loraOf(settings), recipe)
  const { fanInFanOut: isConv = false, renamed } = huggingFaceFormOf(policy.config) ?? {}
  const adapter = adapted.adapters!.at(-1)!
  const named = { ...adapter, projections: adapter.projections.flatMap((each) => bothNames(each, renamed)) }
  await mkdir(join(folder, 'adapter'))
  const config = writtenAdapterConfig([named], isConv, undefined)
  await writeFile(join(folder, 'adapter/adapter_config.json'), `${JSON.stringify(config, null, 2)}\n`)
}

const loraOf = (settings: SettingsValues): TrainedPart => ({
  ...defaultsOf(trainedPartFields),
  adapter: 'lora',
  loraRank: Number(settings['loraRank']),
  loraAlpha: Number(settings['loraAlpha']),
  loraScaling: settings['loraScaling'] === 'by-root-of-rank' ? 'by-root-of-rank' : 'by-rank',
  loraTargets: String(settings['loraTargets']),
  loraDropout: Number(settings['loraDropout'] ?? 0),
  seed: Number(settings['seed']),
})
