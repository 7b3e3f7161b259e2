/** Rows of a dataset by their numbers, with what is to be said of them. */
import type { Example } from '../../src-shared/records/example'
import { mostExamplesMarked, type ExampleMark } from '../../src-shared/records/example-marks'
import { StudioFailure } from '../../src-shared/result'
import { countOf } from '../../src-shared/sizes'
import type { Api } from '../../src-shared/wire'
import { byNameOrId } from './look-up'
import { valueOf, type Terminal } from './terminal'

export interface MarkOptions {
  readonly rows: string
  readonly exclude?: true
  readonly include?: true
  readonly tag?: string
  readonly untag?: string
}

/** @throws StudioFailure invalid-input: rows that are not there, or nothing to say of them */
export async function markCommand(
  api: Api,
  asked: string,
  options: MarkOptions,
  terminal: Terminal,
): Promise<void> {
  const { exclude, include, tag, untag } = options
  if (exclude && include) refuse('--exclude', 'is the opposite of --include: name one of them')
  if (!exclude && !include && tag === undefined && untag === undefined)
    refuse(
      '--exclude',
      'is missing, and so are --include, --tag and --untag: what is to be said of the rows?',
    )
  const dataset = byNameOrId(valueOf(await api.call('datasets.list', {})), asked, 'DATASET')
  const ranges = rangesIn(options.rows, dataset.rows)
  let marked = 0
  for (const [first, last] of ranges)
    for (let row = first; row <= last; row += rowsAtOnce) {
      const examples = await rowsOf(api, dataset.id, row, Math.min(last, row + rowsAtOnce - 1))
      valueOf(await api.call('datasets.mark', { marks: examples.map((each) => markOf(each, options)) }))
      marked += examples.length
    }
  const { excluded = 0 } = byNameOrId(valueOf(await api.call('datasets.list', {})), dataset.id, 'DATASET')
  terminal.result(
    { rows: marked, excluded },
    () => `Marked ${countOf(marked, 'row')} of ${dataset.name}; ${excluded} of its rows are left out.`,
  )
}

const rowsAtOnce = Math.min(500, mostExamplesMarked)

function markOf({ id, tags = [] }: Example, { exclude, include, tag, untag }: MarkOptions): ExampleMark {
  const said = tag === undefined ? tags : [...tags, tag]
  return {
    exampleId: id,
    ...((exclude || include) && { isExcluded: exclude === true }),
    ...((tag !== undefined || untag !== undefined) && { tags: said.filter((one) => one !== untag) }),
  }
}

async function rowsOf(api: Api, datasetId: string, first: number, last: number): Promise<readonly Example[]> {
  const wish = { datasetId, filter: { search: '' }, offset: first - 1, limit: last - first + 1 }
  return valueOf(await api.call('datasets.page', wish)).rows
}

/** "3,7-9" → [3, 3], [7, 9] */
function rangesIn(text: string, rows: number): readonly (readonly [number, number])[] {
  return text.split(',').map((each) => {
    const found = /^\s*(\d+)(?:-(\d+))?\s*$/.exec(each)
    const [first, last] = [Number(found?.[1]), Number(found?.[2] ?? found?.[1])]
    if (!found || first < 1 || first > last)
      return refuse('--rows', `has “${each}”: write numbers, as in 3,7-9`)
    if (last > rows) return refuse('--rows', `names row ${last}, and the dataset has ${countOf(rows, 'row')}`)
    return [first, last]
  })
}

function refuse(field: string, problem: string): never {
  throw new StudioFailure({ kind: 'invalid-input', field, problem })
}
