// @vitest-environment happy-dom
/** The Help room: its pages, the way between them, and what a page cannot do. */
import { afterEach, describe, expect, it } from 'vitest'
import { nextTick } from 'vue'
import HelpView from '../../../src-renderer/views/HelpView.vue'
import { aRoom, type Room } from '../../helpers/a-room'
import { fakeApi, settled } from '../../helpers/fake-api'

describe('Help', () => {
  let room: Room
  const open = async (address: string) => {
    room = await aRoom(HelpView, fakeApi({}), address)
    return room.view
  }
  afterEach(() => room.leave())

  it('opens at its index, which links every other page', async () => {
    const view = await open('/help')
    expect(view.find('.help-text h1').text()).toBe('Help')
    const listed = view.findAll('.help-contents > ul > li > a').map((link) => link.text())
    expect(listed.length).toBeGreaterThan(8)
    expect(new Set(listed).size).toBe(listed.length)
  })

  it('goes from page to page by links, and names the sections of the one that is open', async () => {
    const view = await open('/help')
    await view.find('.help-text a[href*="architecture"]').trigger('click')
    await settled(20)
    expect(room.router.currentRoute.value.query['page']).toBe('architecture')
    expect(view.find('.help-text h1').text()).toBe('How the studio is built')
    expect(view.find('[aria-current=page]').text()).toBe('How the studio is built')
    expect(view.find('.help-contents ul ul').text()).toContain('Four walks')
  })

  it('shows diagrams as they were drawn, tables, and images that were built in', async () => {
    const view = await open('/help?page=architecture')
    expect(view.find('pre').text()).toContain('compute process, one a running training')
    await room.router.push('/help?page=compute')
    await nextTick()
    expect(view.find('table th').text()).not.toBe('')
    expect(view.find('img').attributes('src')).toMatch(/compute.*\.svg|^data:image\/svg/)
    expect(view.find('img').attributes('alt')).not.toBe('')
  })

  it('writes addresses elsewhere out, since nothing leads out of the studio', async () => {
    const view = await open('/help?page=compute')
    const hrefs = view.findAll('.help-text a').map((link) => link.attributes('href'))
    expect(hrefs.filter((href) => !href?.startsWith('/help'))).toEqual([])
    expect(view.find('.elsewhere').text()).toContain('https://koffi.dev')
  })

  it('comes back to its index when there is no such page', async () => {
    const view = await open('/help?page=nothing')
    expect(view.find('.help-text h1').text()).toBe('Help')
  })
})
