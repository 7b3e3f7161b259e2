// @vitest-environment happy-dom
import { enableAutoUnmount, mount } from '@vue/test-utils'
import { afterEach, describe, expect, it } from 'vitest'
import { defineComponent, h } from 'vue'
import { chordOf, useKeys, type Keys } from '../../../src-renderer/composables/keys'

const press = (target: EventTarget, init: KeyboardEventInit): KeyboardEvent => {
  const event = new KeyboardEvent('keydown', { bubbles: true, cancelable: true, ...init })
  target.dispatchEvent(event)
  return event
}
function mounted(keys: Keys, isOn = () => true) {
  return mount(defineComponent({ setup() { useKeys(keys, isOn); return () => h('div', [h('input', { type: 'text' }), h('button')]) } }), { attachTo: document.body })
}
enableAutoUnmount(afterEach)

describe('a chord', () => {
  it('names a digit by its place, so that shift does not turn it into a sign', () => {
    expect(chordOf(new KeyboardEvent('keydown', { key: '!', code: 'Digit1', shiftKey: true }))).toBe('Shift 1')
    expect(chordOf(new KeyboardEvent('keydown', { key: '"', code: 'Digit2', shiftKey: true }))).toBe('Shift 2')
  })
  it('takes a sign as it is written, whatever it took to write it', () => {
    expect(chordOf(new KeyboardEvent('keydown', { key: '?', code: 'Minus', shiftKey: true }))).toBe('?')
  })
  it('treats the command key of a Mac as Ctrl', () => {
    expect(chordOf(new KeyboardEvent('keydown', { key: 'k', metaKey: true }))).toBe('Ctrl k')
  })
})

describe('keys of a component', () => {
  it('act while it lives and not after', () => {
    const seen: string[] = []
    const wrapper = mounted({ b: () => seen.push('b') })
    expect(press(document.body, { key: 'b' }).defaultPrevented).toBe(true)
    wrapper.unmount()
    press(document.body, { key: 'b' })
    expect(seen).toEqual(['b'])
  })
  it('leave letters to a text field, but not chords and Escape', () => {
    const seen: string[] = []
    const field = mounted({ 'b': () => seen.push('b'), 'Ctrl k': () => seen.push('Ctrl k'), 'Escape': () => seen.push('Escape') }).find('input').element
    press(field, { key: 'b' })
    press(field, { key: 'k', ctrlKey: true })
    press(field, { key: 'Escape' })
    expect(seen).toEqual(['Ctrl k', 'Escape'])
  })
  it('rest while something else is open', () => {
    const seen: string[] = []
    let isOn = false
    mounted({ b: () => seen.push('b') }, () => isOn)
    press(document.body, { key: 'b' })
    isOn = true
    press(document.body, { key: 'b' })
    expect(seen).toEqual(['b'])
  })
})
