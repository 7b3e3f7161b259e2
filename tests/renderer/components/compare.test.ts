// @vitest-environment happy-dom
import { enableAutoUnmount, mount } from '@vue/test-utils'
import { afterEach, describe, expect, it } from 'vitest'
import SamplingForm from '../../../src-renderer/components/controls/SamplingForm.vue'
import { plainSampling } from '../../../src-renderer/stores/sampling'
import { weightFormats } from '../../../src-shared/records/sample'

enableAutoUnmount(afterEach)

describe('the sampling form', () => {
  it('offers each way of reading the weights, in words, and says which is chosen', async () => {
    const form = mount(SamplingForm, {
      props: { texts: plainSampling, problems: {}, limit: undefined, weights: 'as-they-are' },
    })
    expect(form.find('label[for="sampling-weights"]').text()).toBe('Weights')
    const choice = form.find<HTMLSelectElement>('#sampling-weights')
    expect(choice.element.value).toBe('as-they-are')
    expect(choice.findAll('option').map((option) => [option.attributes('value'), option.text()])).toEqual([
      ['as-they-are', 'as they are'],
      ['8-bit', '8-bit'],
    ])
    expect(choice.findAll('option')).toHaveLength(weightFormats.length)
    await choice.setValue('8-bit')
    expect(form.emitted('weights')).toEqual([['8-bit']])
  })
})
