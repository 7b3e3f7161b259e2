// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { useToasts } from '../../../src-renderer/stores/toasts'
import { fakeApi } from '../../helpers/fake-api'
import { inPage } from '../../helpers/in-page'

let page: { readonly store: ReturnType<typeof useToasts>; readonly leave: () => void }
beforeEach(() => {
  vi.useFakeTimers()
  page = inPage(fakeApi({}), useToasts)
})
afterEach(() => {
  page.leave()
  vi.useRealTimers()
})

describe('what has just happened', () => {
  it('is said for six seconds, a failure for twelve', () => {
    page.store.show('Renamed.')
    page.store.show('The disk is full.', { isFailure: true })
    vi.advanceTimersByTime(6000)
    expect(page.store.toasts.map(({ text }) => text)).toEqual(['The disk is full.'])
    vi.advanceTimersByTime(6000)
    expect(page.store.toasts).toEqual([])
  })
  it('is taken back newest first, each once', () => {
    const back: string[] = []
    page.store.show('one', { undo: () => back.push('one') })
    page.store.show('two', { undo: () => back.push('two') })
    page.store.show('three')
    for (let i = 0; i < 3; i++) page.store.undo(page.store.undoable)
    expect(back).toEqual(['two', 'one'])
    expect(page.store.toasts.map(({ text }) => text)).toEqual(['three'])
  })
  it('never covers more than three lines', () => {
    for (const text of ['a', 'b', 'c', 'd']) page.store.show(text)
    expect(page.store.toasts.map(({ text }) => text)).toEqual(['b', 'c', 'd'])
  })
})
