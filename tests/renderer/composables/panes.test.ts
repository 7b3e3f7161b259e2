// @vitest-environment happy-dom
import { beforeEach, describe, expect, it } from 'vitest'
import { focusPane } from '../../../src-renderer/composables/panes'

const focused = () => document.activeElement?.closest('[aria-label]')?.getAttribute('aria-label')

describe('F6', () => {
  beforeEach(() => {
    document.body.innerHTML = `
      <nav aria-label="Rooms"><a href="#">1</a></nav>
      <aside aria-label="List"><button>a</button></aside>
      <section class="work" aria-label="Work"><nav aria-label="inside"></nav><input></section>
      <footer aria-label="Status"></footer>`
  })
  it('goes from pane to pane and around, and does not stop inside one', () => {
    const places = Array.from({ length: 5 }, () => {
      focusPane(1)
      return focused()
    })
    expect(places).toEqual(['Rooms', 'List', 'Work', 'Status', 'Rooms'])
  })
  it('goes on from the pane that has the focus in it, and back with Shift', () => {
    document.querySelector('input')?.focus()
    focusPane(1)
    expect(focused()).toBe('Status')
    document.querySelector('input')?.focus()
    focusPane(-1)
    expect(focused()).toBe('List')
  })
})
