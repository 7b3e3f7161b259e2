/** What this window remembers of the first steps: which were gone to from there, and whether they were closed. */
import { ref, shallowRef } from 'vue'

const takenKey = 'studio-first-steps'
const closedKey = 'studio-first-steps-closed'

export const areFirstStepsClosed = (): boolean => localStorage.getItem(closedKey) !== null

export function useFirstStepsMemory<Name extends string>() {
  const taken = shallowRef<ReadonlySet<Name>>(
    new Set((localStorage.getItem(takenKey) ?? '').split(' ').filter(Boolean) as Name[]),
  )
  const isClosed = ref(areFirstStepsClosed())
  function take(name: Name): void {
    taken.value = new Set([...taken.value, name])
    localStorage.setItem(takenKey, [...taken.value].join(' '))
  }
  function close(): void {
    localStorage.setItem(closedKey, 'yes')
    isClosed.value = true
  }
  return { taken, isClosed, take, close }
}
