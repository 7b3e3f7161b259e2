/** What has just happened, said once at the bottom, with a way back where there is one. */
import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import type { Toast } from '../composables/toast'

const shownMs = 6000
const failureShownMs = 12_000

export const useToasts = defineStore('toasts', () => {
  const toasts = ref<Toast[]>([])
  let nextId = 1

  function show(
    text: string,
    { isFailure = false, undo }: { readonly isFailure?: boolean; readonly undo?: () => void } = {},
  ): void {
    const id = nextId++
    toasts.value = [...toasts.value.slice(-2), { id, text, isFailure, ...(undo && { undo }) }]
    setTimeout(() => dismiss(id), isFailure ? failureShownMs : shownMs)
  }
  function dismiss(id: number): void {
    toasts.value = toasts.value.filter((toast) => toast.id !== id)
  }

  /** The newest that can be taken back. */
  const undoable = computed(() => toasts.value.findLast((toast) => toast.undo !== undefined))
  function undo(toast: Toast | undefined): void {
    if (!toast) return
    toast.undo?.()
    dismiss(toast.id)
  }
  return { toasts, undoable, show, dismiss, undo }
})
