/** Files dropped anywhere in the window. */
import { onScopeDispose, ref, type Ref } from 'vue'

/** Listens while the component lives. @returns whether files are held over the window now */
export function useFileDrop(take: (files: readonly File[]) => void): Readonly<Ref<boolean>> {
  const isOver = ref(false)
  const listening = new AbortController()
  const options = { signal: listening.signal }
  const hasFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') ?? false

  window.addEventListener(
    'dragover',
    (event) => {
      if (!hasFiles(event)) return
      event.preventDefault() // else the window would leave the studio and show the file
      isOver.value = true
    },
    options,
  )
  window.addEventListener(
    'dragleave',
    (event) => {
      if (event.relatedTarget === null) isOver.value = false
    },
    options,
  )
  window.addEventListener(
    'drop',
    (event) => {
      if (!hasFiles(event)) return
      event.preventDefault()
      isOver.value = false
      take([...(event.dataTransfer?.files ?? [])])
    },
    options,
  )
  onScopeDispose(() => listening.abort())
  return isOver
}
