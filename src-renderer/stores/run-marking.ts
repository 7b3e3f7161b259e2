/** Tags, notes, pins and places of runs: each change is said, and can be taken back. */
import { defineStore } from 'pinia'
import type { Run } from '../../src-shared/records/run'
import type { RunMark, RunShelf } from '../../src-shared/records/run-marks'
import { countOf } from '../../src-shared/sizes'
import { useRuns } from './runs'
import { useToasts } from './toasts'

type Changes = Omit<RunMark, 'runId'>

/** As a run is marked now, of what is about to change. */
const before = (run: Run, changes: Changes): RunMark => ({
  runId: run.id,
  ...(changes.tags !== undefined && { tags: [...(run.tags ?? [])] }),
  ...(changes.note !== undefined && { note: run.note ?? '' }),
  ...(changes.isPinned !== undefined && { isPinned: run.isPinned ?? false }),
  ...(changes.shelf !== undefined && { shelf: run.shelf ?? 'desk' }),
})

const said: Readonly<Record<RunShelf, string>> = {
  desk: 'back among the runs',
  archive: 'archived',
  bin: 'in the bin',
}

export const useRunMarking = defineStore('run-marking', () => {
  const runs = useRuns()
  const toasts = useToasts()

  async function send(marks: readonly RunMark[]): Promise<boolean> {
    const problem = await runs.mark(marks)
    if (problem !== undefined) toasts.show(problem, { isFailure: true })
    return problem === undefined
  }

  /** @param wish what is to be said of a run; undefined leaves it as it is */
  async function mark(all: readonly Run[], wish: (run: Run) => Changes | undefined, text: string) {
    const wishes = all.flatMap((run) => {
      const changes = wish(run)
      return changes ? [{ run, changes }] : []
    })
    if (wishes.length === 0) return
    const undone = wishes.map(({ run, changes }) => before(run, changes))
    if (!(await send(wishes.map(({ run, changes }) => ({ runId: run.id, ...changes }))))) return
    const whom = wishes.length === 1 ? wishes[0]?.run.name : countOf(wishes.length, 'run', 'runs')
    toasts.show(`${whom} ${wishes.length === 1 ? 'is' : 'are'} ${text}.`, { undo: () => void send(undone) })
  }

  return markings(mark)
})

type Marking = (all: readonly Run[], wish: (run: Run) => Changes | undefined, text: string) => Promise<void>

/** What can be said of runs, each as the change it makes and the words for it. */
const markings = (mark: Marking) => ({
  addTag: (all: readonly Run[], tag: string) =>
    mark(
      all,
      ({ tags = [] }) => (tags.includes(tag) ? undefined : { tags: [...tags, tag] }),
      `tagged “${tag}”`,
    ),
  removeTag: (all: readonly Run[], tag: string) =>
    mark(
      all,
      ({ tags = [] }) => (tags.includes(tag) ? { tags: tags.filter((one) => one !== tag) } : undefined),
      `without the tag “${tag}”`,
    ),
  note: (run: Run, note: string) =>
    mark([run], () => (note === (run.note ?? '') ? undefined : { note }), 'noted'),
  /** Pins all, or unpins them where all are pinned. */
  pin(all: readonly Run[]) {
    const isPinned = !all.every((run) => run.isPinned)
    return mark(
      all,
      (run) => ((run.isPinned ?? false) === isPinned ? undefined : { isPinned }),
      isPinned ? 'pinned' : 'not pinned any more',
    )
  },
  put: (all: readonly Run[], shelf: RunShelf) =>
    mark(all, (run) => ((run.shelf ?? 'desk') === shelf ? undefined : { shelf }), said[shelf]),
})
