// @vitest-environment happy-dom
import { enableAutoUnmount, mount } from '@vue/test-utils'
import { afterEach, describe, expect, it } from 'vitest'
import { defineComponent, h, nextTick, type Ref } from 'vue'
import { useFileDrop } from '../../../src-renderer/composables/file-drop'

enableAutoUnmount(afterEach)

function page() {
  const taken: string[] = []
  let isOver: Readonly<Ref<boolean>> | undefined
  const view = mount(
    defineComponent({
      setup() {
        isOver = useFileDrop((files) => taken.push(...files.map(({ name }) => name)))
        return () => h('p')
      },
    }),
  )
  return { view, taken, isOver: () => isOver?.value }
}
function drag(type: string, types: readonly string[], files: readonly File[] = []): Event {
  const event = Object.assign(new Event(type, { bubbles: true, cancelable: true }), {
    dataTransfer: { types, files },
    relatedTarget: null,
  })
  document.body.dispatchEvent(event)
  return event
}

describe('files dropped in the window', () => {
  it('are taken wherever they fall, and the window does not open them itself', () => {
    const { taken } = page()
    expect(drag('dragover', ['Files']).defaultPrevented).toBe(true)
    expect(
      drag('drop', ['Files'], [new File([''], 'a.jsonl'), new File([''], 'b.csv')]).defaultPrevented,
    ).toBe(true)
    expect(taken).toEqual(['a.jsonl', 'b.csv'])
  })
  it('are announced while they are held over it', async () => {
    const { isOver } = page()
    drag('dragover', ['Files'])
    expect(isOver()).toBe(true)
    drag('dragleave', ['Files'])
    await nextTick()
    expect(isOver()).toBe(false)
  })
  it('are not mistaken for a text that is dragged', () => {
    const { taken, isOver } = page()
    expect(drag('dragover', ['text/plain']).defaultPrevented).toBe(false)
    drag('drop', ['text/plain'])
    expect([taken, isOver()]).toEqual([[], false])
  })
})
