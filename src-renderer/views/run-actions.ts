/** What can be done with the run that is open; one thing at a time, and what went wrong is said. */
import { computed, ref, type Ref } from 'vue'
import { useRouter } from 'vue-router'
import type { Checkpoint } from '../../src-shared/records/checkpoint'
import type { QueueMove, Run } from '../../src-shared/records/run'
import { runFileText } from '../../src-shared/run-file-text'
import { copyText } from '../composables/copy-text'
import { saveText } from '../composables/save-text'
import { useCheckpoints } from '../stores/checkpoints'
import { useDatasets } from '../stores/datasets'
import { useShell } from '../composables/shell'
import { commandOf, draftOf } from '../stores/launch/draft'
import { commandNames } from '../stores/launch/options'
import { useRuns } from '../stores/runs'
import { useToasts } from '../stores/toasts'
import { canResume } from '../words/run-words'

/** @param writing the newest checkpoints that write, of the runs that are open */
export function useRunActions(
  run: Readonly<Ref<Run | undefined>>,
  writing: Readonly<Ref<readonly Checkpoint[]>>,
) {
  const runs = useRuns()
  const toasts = useToasts()
  const router = useRouter()

  const isBusy = ref(false)
  const isActive = computed(() => run.value?.state === 'running' || run.value?.state === 'queued')
  const isStopping = computed(() => run.value?.state === 'stopping')

  async function act(doing: (runId: string) => Promise<string | undefined>): Promise<void> {
    if (!run.value || isBusy.value) return
    isBusy.value = true
    const problem = await doing(run.value.id)
    isBusy.value = false
    if (problem !== undefined) toasts.show(problem, { isFailure: true })
  }
  function stop(): void {
    if (isActive.value || isStopping.value) void act(runs.stop)
  }
  function resume(): void {
    if (run.value && canResume(run.value)) void act(runs.resume)
  }
  const rename = (name: string): void => void act((id) => runs.rename(id, name))
  const remove = (): Promise<void> => act(runs.remove)
  const move = (to: QueueMove): void => void act((id) => runs.move(id, to))
  function fork(): void {
    if (run.value) void router.push({ name: 'launch', query: { from: run.value.id } })
  }
  function compare(): void {
    const [left, right] = writing.value
    if (!left) return
    void router.push({ name: 'compare', query: { left: left.id, ...(right && { right: right.id }) } })
  }
  return { isBusy, isActive, isStopping, stop, resume, move, rename, remove, fork, compare }
}

/** The run as a command of the terminal, on the clipboard. */
export function useCopiedCommand(run: Readonly<Ref<Run | undefined>>): () => Promise<void> {
  const datasets = useDatasets()
  const checkpoints = useCheckpoints()
  const toasts = useToasts()
  const shell = useShell()

  return async () => {
    if (!run.value) return
    const names = commandNames(datasets.list, checkpoints.all)
    const command = commandOf(draftOf(run.value), names, shell.value)
    const isCopied = await copyText(command.join(' '))
    const said = isCopied ? 'The command is on the clipboard.' : 'The clipboard is not open to the studio.'
    toasts.show(said, { isFailure: !isCopied })
  }
}

/** What the run was launched with, as a file that Launch and the command line open again. */
export function useSavedRun(run: Readonly<Ref<Run | undefined>>): () => void {
  const datasets = useDatasets()
  const checkpoints = useCheckpoints()
  return () => {
    if (!run.value) return
    const names = new Map([...datasets.list, ...checkpoints.all].map(({ id, name }) => [id, name]))
    const text = runFileText(run.value, (id) => names.get(id))
    saveText(text, `${run.value.name}.json`, 'application/json')
  }
}
