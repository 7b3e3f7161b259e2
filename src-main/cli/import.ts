/**
 * `studio import FILE …`: each file whole, or nothing of it; `hf:OWNER/NAME` is fetched first. A refused file does not
 * keep the next from being read.
 */
import { basename, resolve } from 'node:path'
import { readingLines } from '../../src-shared/dataset-words'
import type { ColumnMapping, DatasetKind, ImportProgress } from '../../src-shared/records/dataset'
import { errorText, StudioFailure, type StudioError } from '../../src-shared/result'
import type { Api } from '../../src-shared/wire'
import { exits, type Exit, type Terminal } from './terminal'
import { bar, count, megabytes } from './text'

type Outcome =
  | ({ readonly file: string } & NonNullable<ImportProgress['done']>)
  | { readonly file: string; readonly error: StudioError & { readonly text: string } }

export interface ImportOptions {
  readonly name?: string
  readonly kind?: DatasetKind
  /** As they are typed: prompt=question,chosen=response_j */
  readonly map?: readonly string[]
  readonly cut?: string
}

interface Importing {
  readonly api: Api
  readonly terminal: Terminal
  readonly signal: AbortSignal
  readonly now: () => number
}

export async function importCommand(
  files: readonly string[],
  options: ImportOptions,
  importing: Importing,
): Promise<Exit> {
  if (options.name !== undefined && files.length > 1)
    throw new StudioFailure({
      kind: 'invalid-input',
      field: '--name',
      problem: 'names one dataset; there are several files',
    })
  const { signal, terminal } = importing
  const outcomes: Outcome[] = []
  for (const file of files) {
    if (signal.aborted) break
    outcomes.push(await importOne(file, options, importing))
  }
  terminal.result(outcomes, (all) => all.map(lineOf).join('\n'))
  if (signal.aborted) return exits.interrupted
  return outcomes.some((outcome) => 'error' in outcome) ? exits.failed : exits.done
}

async function importOne(
  file: string,
  options: ImportOptions,
  { api, terminal, signal, now }: Importing,
): Promise<Outcome> {
  const startedMs = now()
  try {
    const { map, ...others } = options
    const columns = map && mappingIn(map)
    const wish = { ...others, ...(columns && { columns }) }
    const stream = file.startsWith('hf:')
      ? api.stream('datasets.fetch', { address: file, ...wish }, signal)
      : api.stream('datasets.import', { path: resolve(file), ...wish }, signal)
    for await (const progress of stream) {
      if (progress.done) return { file, ...progress.done }
      terminal.progress(progressLine(file, progress, (now() - startedMs) / 1000))
    }
    throw new StudioFailure({ kind: 'cancelled' })
  } catch (failure) {
    if (!(failure instanceof StudioFailure)) throw failure
    return { file, error: { ...failure.error, text: errorText(failure.error) } }
  }
}

/** @throws StudioFailure invalid-input */
function mappingIn(typed: readonly string[]): ColumnMapping {
  const pairs = typed
    .flatMap((each) => each.split(','))
    .map((each): readonly [string, string] => {
      const [meaning = '', ...column] = each.split('=')
      if (meaning.trim() === '' || column.length === 0)
        throw new StudioFailure({
          kind: 'invalid-input',
          field: '--map',
          problem: `must be like prompt=question,chosen=response_j, not “${each}”`,
        })
      return [meaning.trim(), column.join('=').trim()]
    })
  return Object.fromEntries(pairs)
}

function progressLine(
  file: string,
  { isLooking, download, rows, bytesRead, bytesTotal }: ImportProgress,
  seconds: number,
): string {
  const share = bar(bytesTotal === 0 ? 1 : bytesRead / bytesTotal)
  if (download)
    return `${share} ${basename(download.file)} · ${megabytes(bytesRead)} of ${megabytes(bytesTotal)}`
  if (isLooking) return `${share} ${basename(file)} · looking at its columns`
  const rate = count(Math.round(rows / Math.max(0.001, seconds)))
  return `${share} ${basename(file)} · ${count(rows)} rows · ${rate} rows/s`
}

function lineOf(outcome: Outcome): string {
  if ('error' in outcome) return `refused  ${outcome.error.text}`
  const { columns, notes = [], isNew } = outcome
  const { id, name, rows, kind } = outcome.dataset
  const what = isNew ? 'imported' : 'known   '
  const line = `${what} ${outcome.file} → “${name}” (${id}): ${count(rows)} ${rows === 1 ? 'row' : 'rows'}, ${kind}`
  return [line, ...readingLines({ columns, notes }).map((each) => `         ${each}`)].join('\n')
}
