/** One file before it comes in: what its columns are read as, and its first rows as they would be read. */
import { defineStore } from 'pinia'
import { computed, shallowRef } from 'vue'
import type { ColumnMapping, DatasetKind, ImportPreview, ReadingWish } from '../../src-shared/records/dataset'
import { errorText } from '../../src-shared/result'
import { useApi } from '../api'
import { keepMapping, keptMapping } from '../composables/kept-mappings'
import { sourceName, type ImportSource } from '../composables/running-import'
import { useImports } from './imports'

interface Asked {
  readonly source: ImportSource
  readonly wish: ReadingWish
  readonly preview?: ImportPreview
  /** Why the file cannot be looked at, in words. */
  readonly problem?: string
}

export const useMapping = defineStore('mapping', () => {
  const imports = useImports()
  const asked = shallowRef<Asked>()
  const look = useLook()

  const open = (source: ImportSource | undefined): void => void (source && ask({ source, wish: {} }))

  async function ask(wanted: Asked): Promise<void> {
    const isFirst = asked.value?.source !== wanted.source
    asked.value = wanted
    const found = await look.at(wanted)
    if (!found) return
    asked.value = { source: wanted.source, wish: wanted.wish, ...found }
    // what was said of the last file with the same columns is said of this one
    const kept = isFirst && found.preview ? keptMapping(found.preview) : undefined
    if (kept) change(kept, wanted.wish.kind)
  }

  function change(columns: ColumnMapping, kind: DatasetKind | undefined): void {
    if (!asked.value) return
    const hasColumns = Object.keys(columns).length > 0
    void ask({ ...asked.value, wish: { ...(hasColumns && { columns }), ...(kind && { kind }) } })
  }

  /** @param meaning undefined reads the column by its name again */
  function read(column: string, meaning: string | undefined): void {
    const { columns = {}, kind } = asked.value?.wish ?? {}
    change(withMeaning(columns, column, meaning), kind)
  }
  const asKind = (kind: DatasetKind | undefined): void => change(asked.value?.wish.columns ?? {}, kind)

  function close(): void {
    look.stop()
    asked.value = undefined
  }

  /** Imports the file as it is shown, and keeps the mapping for files with the same columns. */
  function start(): void {
    if (!asked.value) return
    const { source, wish, preview } = asked.value
    if (preview && wish.columns) keepMapping(preview, wish.columns)
    imports.start([source], wish)
    close()
  }
  return { ...shownOf(() => asked.value), open, read, asKind, close, start }
})

/** As the screen is given it. */
function shownOf(asked: () => Asked | undefined) {
  const shown = computed(() => {
    const now = asked()
    return (
      now && { fileName: sourceName(now.source), preview: now.preview, wish: now.wish, problem: now.problem }
    )
  })
  return { shown }
}

/** Looks at a file in main; a later look ends the one before it. */
function useLook() {
  const api = useApi()
  let looking = new AbortController()
  async function at({ source, wish }: Asked): Promise<Pick<Asked, 'preview' | 'problem'> | undefined> {
    looking.abort()
    looking = new AbortController()
    const { signal } = looking
    try {
      const found =
        typeof source === 'string'
          ? await api.call('hub.preview', { address: source, ...wish }, signal)
          : await api.call('datasets.preview', { path: await api.pathOf(source, signal), ...wish })
      if (signal.aborted) return undefined
      return found.ok ? { preview: found.value } : { problem: errorText(found.error) }
    } catch (error) {
      return signal.aborted ? undefined : { problem: error instanceof Error ? error.message : String(error) }
    }
  }
  return { at, stop: () => looking.abort() }
}

/** Each meaning belongs to one column, and each column has one. */
function withMeaning(columns: ColumnMapping, column: string, meaning: string | undefined): ColumnMapping {
  const others = Object.entries(columns).filter(([each, name]) => name !== column && each !== meaning)
  return Object.fromEntries(meaning === undefined ? others : [...others, [meaning, column]])
}
