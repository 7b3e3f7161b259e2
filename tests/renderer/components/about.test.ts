// @vitest-environment happy-dom
/** About: what is inside with its licence, and the report that is copied when asked for. */
import { mount } from '@vue/test-utils'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import StudioSettings from '../../../src-renderer/components/settings/StudioSettings.vue'
import { inside } from '../../../src-renderer/composables/inside'
import { appInfo } from '../../../src-renderer/dev/sample-records'

const settings = () =>
  mount(StudioSettings, {
    props: { info: appInfo, devices: appInfo.devices, theme: 'light', annotator: 'a', inside },
  })

describe('About', () => {
  it('lists what is inside: what main loads, what the page is built from, nothing that only tests need', () => {
    const names = inside.map(({ name }) => name)
    for (const name of ['onnxruntime-node', 'better-sqlite3', 'vue', 'zod', 'Electron'])
      expect(names).toContain(name)
    for (const name of ['vitest', 'electron-builder', 'typescript', 'happy-dom'])
      expect(names).not.toContain(name)
  })

  it('says of each package the licence that its own description says', () => {
    const root = path.join(import.meta.dirname, '../../..')
    for (const name of ['onnxruntime-node', 'better-sqlite3', 'vue', '@tensorflow/tfjs', 'koffi']) {
      const own = JSON.parse(readFileSync(path.join(root, 'node_modules', name, 'package.json'), 'utf8')) as {
        readonly version: string
        readonly license: string
      }
      expect(inside).toContainEqual({ name, version: own.version, licence: own.license })
    }
  })

  it('shows them as rows', () => {
    const table = settings().get('.inside table')
    expect(table.findAll('tbody tr')).toHaveLength(inside.length)
    expect(settings().get('.inside summary').text()).toMatch(
      new RegExp(`${inside.length} parts under \\d+ licences`),
    )
  })

  it('asks for a report when the button is pressed, and not before', async () => {
    const shown = settings()
    expect(shown.emitted('report')).toBeUndefined()
    await shown
      .findAll('button')
      .find((button) => button.text() === 'Copy report')!
      .trigger('click')
    expect(shown.emitted('report')).toHaveLength(1)
  })
})
