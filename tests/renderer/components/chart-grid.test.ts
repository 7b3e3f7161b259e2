// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import { describe, expect, it, vi } from 'vitest'
import { nextTick, type ComponentPublicInstance } from 'vue'
import ChartGrid from '../../../src-renderer/components/charts/ChartGrid.vue'
import MetricChart from '../../../src-renderer/components/charts/MetricChart.vue'
import { appendPoint, emptySeries, type Series } from '../../../src-renderer/stores/series'
import type { MetricName } from '../../../src-shared/metrics'

const frame = () => new Promise((resolve) => requestAnimationFrame(resolve))

/** A grid of one run's charts, and the names of what was rendered anew. */
function aGrid() {
  const rendered: string[] = []
  const series = new Map<MetricName, Series>()
  const runs = () => [{ id: 'one', name: 'base-01', series }]
  const add = (name: MetricName, step: number, value: number): void => {
    const line = series.get(name) ?? emptySeries()
    series.set(name, line)
    appendPoint(line, step, value)
  }
  add('loss/train', 0, 2)
  const view = mount(ChartGrid, {
    props: {
      runs: runs(),
      lastStep: 100,
      stepUnit: 'updates',
      smoothing: 0,
      isLog: false,
      checkpoints: [],
      alarms: [],
    },
    global: {
      mixins: [
        {
          updated(this: ComponentPublicInstance) {
            rendered.push(this.$options.__name ?? '')
          },
        },
      ],
    },
  })
  return {
    view,
    add,
    arrive: () => view.setProps({ runs: runs() }),
    rendered,
  }
}

describe('points that come to charts', () => {
  it('have them drawn with the next frame, and no chart is rendered anew', async () => {
    const { view, add, arrive, rendered } = aGrid()
    // its colours come once it stands, and are drawn with a frame of their own
    await frame()
    await frame()
    rendered.length = 0
    const wished = vi.spyOn(globalThis, 'requestAnimationFrame')
    add('loss/train', 1, 1.5)
    await arrive()
    await nextTick()
    expect(wished).toHaveBeenCalledTimes(1)
    wished.mockRestore()
    expect(view.findAllComponents(MetricChart)).toHaveLength(1)
    expect(rendered).toContain('ChartGrid')
    expect(rendered).not.toContain('MetricChart')
  })

  it('make a chart where they are the first of their metric', async () => {
    const { view, add, arrive } = aGrid()
    add('optimizer/gradient-norm', 1, 0.4)
    await arrive()
    const titles = view.findAllComponents(MetricChart).map((chart) => chart.props('panel').title)
    expect(titles).toEqual(['Loss', 'Gradient norm'])
  })

  it('stand under the cursor of the chart that is pointed at', async () => {
    const { view, add, arrive } = aGrid()
    add('optimizer/gradient-norm', 1, 0.4)
    await arrive()
    const [first, second] = view.findAllComponents(MetricChart)
    expect([first, second].map((chart) => chart?.props('hasReading'))).toEqual([true, false])
    await second?.trigger('pointerenter')
    expect([first, second].map((chart) => chart?.props('hasReading'))).toEqual([false, true])
  })
})
