// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'
import { defineComponent, h, nextTick } from 'vue'
import { provideChartCursor, useChartCursor } from '../../../src-renderer/composables/chart-cursor'

const frame = () => new Promise((resolve) => requestAnimationFrame(resolve))

/** A grid with a chart in it that counts how often it is drawn, and what lies over that chart. */
function aGrid() {
  const drawn = { chart: 0, over: 0 }
  let moveSoon: (step: number | undefined) => void = () => {}
  const Over = defineComponent({
    setup() {
      const cursor = useChartCursor()
      return () => {
        drawn.over++
        return h('i', String(cursor.value ?? 'none'))
      }
    },
  })
  const Chart = defineComponent({
    setup: () => () => {
      drawn.chart++
      return h(Over)
    },
  })
  const Grid = defineComponent({
    setup() {
      ;({ moveSoon } = provideChartCursor())
      return () => h(Chart)
    },
  })
  const view = mount(Grid)
  return { view, drawn, move: (step: number | undefined) => moveSoon(step) }
}

describe('the cursor of all charts', () => {
  it('moves once a frame, to where the pointer was last, and draws no chart anew', async () => {
    const { view, drawn, move } = aGrid()
    for (const step of [3, 4, 7]) move(step)
    expect(view.text()).toBe('none')
    await frame()
    await nextTick()
    expect(view.text()).toBe('7')
    expect(drawn).toEqual({ chart: 1, over: 2 })
    move(undefined)
    await frame()
    await nextTick()
    expect(view.text()).toBe('none')
    expect(drawn.chart).toBe(1)
  })

  it('is none for a chart that stands alone', () => {
    const Alone = defineComponent({
      setup: () => {
        const cursor = useChartCursor()
        return () => h('i', String(cursor.value))
      },
    })
    expect(mount(Alone).text()).toBe('undefined')
  })
})
