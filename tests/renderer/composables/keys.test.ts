// @vitest-environment happy-dom
import { enableAutoUnmount, mount } from '@vue/test-utils'
import { afterEach, describe, expect, it } from 'vitest'
import { defineComponent, h } from 'vue'
import { chordOf, useKeys, type Keys } from '../../../src-renderer/composables/keys'

const pressed: string[] = []
const noting = (...chords: readonly string[]): Keys =>
  Object.fromEntries(
    chords.map((chord) => [
      chord,
      () => {
        pressed.push(chord)
      },
    ]),
  )

/** A room with these keys and a few things that can have the focus. */
function room(keys: Keys, isOn?: () => boolean) {
  return mount(
    defineComponent({
      setup: () => {
        useKeys(keys, isOn)
        return () =>
          h('div', [
            h('input', { type: 'text' }),
            h('input', { type: 'checkbox' }),
            h('button', 'Go'),
            h('div', { role: 'dialog' }, h('b', 'over')),
          ])
      },
    }),
    { attachTo: document.body },
  )
}
const press = (target: Element | null, key: string, more: KeyboardEventInit = {}) => {
  const event = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more })
  target?.dispatchEvent(event)
  return event
}
const chord = (key: string, more: KeyboardEventInit = {}) =>
  chordOf(new KeyboardEvent('keydown', { key, ...more }))

enableAutoUnmount(afterEach)
afterEach(() => {
  pressed.length = 0
  document.body.innerHTML = ''
})

describe('a chord', () => {
  it('names a digit by its place, so that Shift 1 is the same key on every layout', () => {
    expect(chord('1', { code: 'Digit1' })).toBe('1')
    expect(chord('!', { code: 'Digit1', shiftKey: true })).toBe('Shift 1')
    expect(chord('&', { code: 'Digit1' })).toBe('1') // a French layout without Shift
    expect(chord('2', { code: 'Numpad2' })).toBe('2')
  })
  it('names a letter by what it writes, also with capitals locked', () => {
    expect(chord('B', { code: 'KeyB' })).toBe('b')
    expect(chord('z', { code: 'KeyY' })).toBe('z') // a German layout
  })
  it('names a letter by its place where the layout writes no Latin ones', () => {
    expect(chord('е', { code: 'KeyT' })).toBe('t') // Russian
  })
  it('leaves Shift out of a sign that needs it', () => {
    expect(chord('?', { code: 'Slash', shiftKey: true })).toBe('?')
  })
  it('takes the command key of a Mac for Ctrl', () => {
    expect(chord('k', { metaKey: true })).toBe('Ctrl k')
    expect(chord('Enter', { ctrlKey: true })).toBe('Ctrl Enter')
  })
})

describe('the keys of a room', () => {
  it('are heard wherever the focus is, and go no further', () => {
    const page = room(noting('b'))
    expect(press(document.body, 'b').defaultPrevented).toBe(true)
    press(page.find('button').element, 'b')
    expect(pressed).toEqual(['b', 'b'])
  })
  it('hear a chord before the button that has the focus, which would take its Enter', () => {
    const page = room(noting('Ctrl Enter'))
    let clicks = 0
    const button = page.find('button').element
    button.addEventListener('keydown', () => {
      clicks++
    })
    press(button, 'Enter', { ctrlKey: true })
    press(button, 'Enter')
    expect(pressed).toEqual(['Ctrl Enter'])
    expect(clicks).toBe(1) // the plain Enter
  })
  it('leave letters to a text field, but not chords and Escape', () => {
    const page = room(noting('b', 'Ctrl k', 'Escape'))
    const field = page.find('input[type=text]').element
    press(field, 'b')
    press(field, 'k', { ctrlKey: true })
    press(field, 'Escape')
    expect(pressed).toEqual(['Ctrl k', 'Escape'])
  })
  it('are heard on a check box, which takes no letters', () => {
    const page = room(noting('b'))
    press(page.find('input[type=checkbox]').element, 'b')
    expect(pressed).toEqual(['b'])
  })
  it('leave Enter to a button that has the focus', () => {
    const page = room(noting('Enter'))
    expect(press(page.find('button').element, 'Enter').defaultPrevented).toBe(false)
    press(document.body, 'Enter')
    expect(pressed).toEqual(['Enter'])
  })
  it('are silent below a dialog', () => {
    const page = room(noting('b', 'Ctrl k'))
    press(page.find('b').element, 'b')
    press(page.find('b').element, 'k', { ctrlKey: true })
    expect(pressed).toEqual([])
  })
  it('are silent while they are off, and once the room is gone', () => {
    let isOn = false
    const page = room(noting('b'), () => isOn)
    press(document.body, 'b')
    isOn = true
    page.unmount()
    press(document.body, 'b')
    expect(pressed).toEqual([])
  })
})
