/** The launch form filled from the file of a run: what is wrong with the file is said, and the form stays. */
import { readRunFile } from '../../src-shared/run-file'
import { inputsHere } from '../../src-shared/run-file-inputs'
import { thrownText } from '../../src-shared/result'
import { useCheckpoints } from '../stores/checkpoints'
import { useDatasets } from '../stores/datasets'
import { useLaunch } from '../stores/launch/launch'
import { useToasts } from '../stores/toasts'

/** More than any run says. */
const mostBytes = 1_000_000

export function useRunFile(): (file: File) => Promise<void> {
  const launch = useLaunch()
  const datasets = useDatasets()
  const checkpoints = useCheckpoints()
  const toasts = useToasts()

  return async (file) => {
    try {
      if (file.size > mostBytes)
        return toasts.show(`${file.name} is too large for the file of a run.`, { isFailure: true })
      const said = readRunFile(file.name, await file.text())
      const inputs = inputsHere(file.name, said, { datasets: datasets.list, checkpoints: checkpoints.all })
      launch.fill({ ...said, inputs })
      const rest = said.plan ? ' What it sweeps is not in the form: studio sweep starts it whole.' : ''
      toasts.show(`The form says what ${file.name} says.${rest}`)
    } catch (error) {
      toasts.show(thrownText(error), { isFailure: true })
    }
  }
}
