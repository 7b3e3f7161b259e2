// @vitest-environment happy-dom
import { flushPromises, mount } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'
import KeptKeys from '../../../src-renderer/components/settings/KeptKeys.vue'

describe('keys of judge models', () => {
  const shown = (isKept: boolean, whyNot?: string) => {
    const asked: [string, string][] = []
    const wrapper = mount(KeptKeys, {
      props: {
        kept: { names: ['OPENAI_API_KEY'], ...(whyNot !== undefined && { whyNot }) },
        problem: isKept ? undefined : 'name: is an environment variable already',
        keep: async (name: string, key: string) => {
          asked.push([name, key])
          return isKept
        },
      },
    })
    return { wrapper, asked }
  }
  const typed = async (wrapper: ReturnType<typeof shown>['wrapper']) => {
    await wrapper.get('input[type=text]').setValue(' MY_JUDGE ')
    await wrapper.get('input[type=password]').setValue('sk-tender')
    await wrapper.get('form').trigger('submit')
    await flushPromises()
    const valueOf = (input: string) => (wrapper.get(input).element as HTMLInputElement).value
    return [valueOf('input[type=text]'), valueOf('input[type=password]')]
  }

  it('are handed on once, and stay in no field, kept or refused', async () => {
    const kept = shown(true)
    expect(await typed(kept.wrapper)).toEqual(['', ''])
    expect(kept.asked).toEqual([['MY_JUDGE', 'sk-tender']])
    expect(kept.wrapper.html()).not.toContain('sk-tender')
    const refused = shown(false)
    expect(await typed(refused.wrapper)).toEqual([' MY_JUDGE ', ''])
    expect(refused.wrapper.get('[role=alert]').text()).toContain('environment variable already')
  })

  it('are named, and forgotten by their name', async () => {
    const { wrapper } = shown(true)
    await wrapper.get('button[aria-label="Forget OPENAI_API_KEY"]').trigger('click')
    expect(wrapper.emitted('forget')).toEqual([['OPENAI_API_KEY']])
  })

  it('cannot be typed where nothing keeps them, which is said', () => {
    const { wrapper } = shown(true, 'This system has no key store.')
    expect(wrapper.find('form').exists()).toBe(false)
    expect(wrapper.text()).toContain('This system has no key store.')
  })
})
