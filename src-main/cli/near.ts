/** Near-duplicates and leaks in the terminal. */
import { mostExamplesMarked } from '../../src-shared/records/example-marks'
import type { ComparedPart, NearGroup, NearReport } from '../../src-shared/records/near'
import { StudioFailure } from '../../src-shared/result'
import { countOf, countText } from '../../src-shared/sizes'
import type { Api } from '../../src-shared/wire'
import { byNameOrId } from './look-up'
import { valueOf, type Terminal } from './terminal'

export interface NearOptions {
  readonly against?: string
  readonly part: ComparedPart
  readonly threshold: string
  readonly exclude?: true
}

interface NearAsked {
  readonly asked: string
  readonly options: NearOptions
}

const groupsPrinted = 20

/** @throws StudioFailure */
export async function nearCommand(
  api: Api,
  { asked, options: { against, part, threshold, exclude } }: NearAsked,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<void> {
  const all = valueOf(await api.call('datasets.list', {}))
  const { id } = byNameOrId(all, asked, 'DATASET')
  const again = against === undefined ? undefined : byNameOrId(all, against, '--against')
  const question = {
    datasetId: id,
    part,
    threshold: Number(threshold),
    ...(again && { againstId: again.id }),
  }
  let report: NearReport | undefined
  for await (const { compared, total, done } of api.stream('datasets.near', question, signal)) {
    report = done
    terminal.progress(`compared ${countText(compared)} of ${countText(total)}`)
  }
  if (!report) throw new StudioFailure({ kind: 'cancelled' })
  for (let sent = 0; exclude && sent < report.others.length; sent += mostExamplesMarked) {
    const some = report.others.slice(sent, sent + mostExamplesMarked)
    const marks = some.map((each) => ({ exampleId: each.id, isExcluded: true }))
    valueOf(await api.call('datasets.mark', { marks }))
  }
  terminal.result(report, (found) => reportText(found, exclude === true))
}

const reportText = ({ rows, groups, groupCount, others }: NearReport, isExcluded: boolean): string =>
  [
    `${countOf(others.length, 'row')} of ${countText(rows)} in ${countOf(groupCount, 'group')}.`,
    ...groups.slice(0, groupsPrinted).map(lineOf),
    ...(groupCount > groupsPrinted ? [`and ${countText(groupCount - groupsPrinted)} more groups`] : []),
    ...(isExcluded ? [`${countOf(others.length, 'row is', 'rows are')} left out of training.`] : []),
  ].join('\n')

function lineOf({ first, others, rows }: NearGroup): string {
  const named = others.map(({ row, similarity }) => `${row} (${Math.floor(100 * similarity)} %)`).join(', ')
  const more = rows - 1 > others.length ? ` and ${countText(rows - 1 - others.length)} more` : ''
  return `${first.row}: ${named}${more}  ${JSON.stringify(first.text.slice(0, 60))}`
}
