// @vitest-environment happy-dom
import { enableAutoUnmount, flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { afterEach, describe, expect, it } from 'vitest'
import CommandLine from '../../../src-renderer/components/launch/CommandLine.vue'
import LaunchPanel from '../../../src-renderer/components/launch/LaunchPanel.vue'
import PresetBar from '../../../src-renderer/components/launch/PresetBar.vue'
import RecipeField from '../../../src-renderer/components/launch/RecipeField.vue'
import RecipeForm from '../../../src-renderer/components/launch/RecipeForm.vue'
import RewardTerms from '../../../src-renderer/components/launch/RewardTerms.vue'
import RecipeList from '../../../src-renderer/components/launch/RecipeList.vue'
import SourcePicker from '../../../src-renderer/components/controls/SourcePicker.vue'
import { textsOf } from '../../../src-renderer/stores/launch/draft'
import { isShown, labelOf, number, text, unitOf } from '../../../src-shared/fields'
import { recipeNames, recipeOf, recipes } from '../../../src-shared/recipes/recipes'
import { rewardsProblem } from '../../../src-shared/rewards/terms'
import { aRun } from '../../../src-renderer/dev/records'

enableAutoUnmount(afterEach)

describe('the launch form', () => {
  it.each(recipeNames)(
    'of %s has every field of the recipe, labelled, at its default, with its unit',
    (name) => {
      const { fields } = recipeOf(name)
      const form = mount(RecipeForm, {
        props: { fields, texts: textsOf(name, {}), changed: new Set<string>(), problems: [] },
      })
      const shown = Object.entries(fields).filter(([, row]) => isShown(row, textsOf(name, {})))
      for (const [field, row] of shown) {
        const control = form.find<HTMLInputElement | HTMLSelectElement>(`#setting-${field}`)
        expect(form.find(`label[for="setting-${field}"]`).text(), field).toBe(labelOf(field))
        expect(control.element.value, field).toBe(textsOf(name, {})[field])
        if (row.type === 'choice')
          expect(
            control.findAll('option').map((option) => option.attributes('value')),
            field,
          ).toEqual(row.choices)
        else expect(control.element.parentElement?.textContent, field).toContain(unitOf(row) ?? '')
      }
      expect(form.findAll('[id^=setting-]:is(input, select, textarea)')).toHaveLength(shown.length)
      expect(form.findAll('fieldset').map((group) => group.find('legend').text())).toEqual([
        ...new Set(shown.map(([, field]) => field.group)),
      ])
    },
  )

  it('shows a setting only beside those that give it a meaning', async () => {
    const { fields } = recipes.sft
    const plain = textsOf('sft', {})
    const form = mount(RecipeForm, {
      props: { fields, texts: plain, changed: new Set<string>(), problems: [] },
    })
    expect(form.find('#setting-loraRank').exists()).toBe(false)
    await form.setProps({ texts: { ...plain, adapter: 'lora' } })
    expect(form.find('#setting-loraRank').exists()).toBe(true)
  })

  it('says what is wrong below the field, and tells a screen reader', () => {
    const form = mount(RecipeForm, {
      props: {
        fields: recipes.ppo.fields,
        texts: textsOf('ppo', {}),
        changed: new Set<string>(),
        problems: [{ field: 'temperature', problem: 'must be between 0.1 and 5' }],
      },
    })
    expect(form.find('#setting-temperature-problem').text()).toBe('Temperature must be between 0.1 and 5')
    expect(form.find('#setting-temperature').attributes()).toMatchObject({
      'aria-invalid': 'true',
      'aria-describedby': 'setting-temperature-problem',
    })
    expect(form.findAll('.problem')).toHaveLength(1)
  })
})

describe('a setting', () => {
  const klBeta = number({ group: 'Objective', doc: 'Pull to the reference.', default: 0.05, min: 0, max: 10 })
  const field = (props: Partial<InstanceType<typeof RecipeField>['$props']> = {}) =>
    mount(RecipeField, {
      props: { name: 'klBeta', field: klBeta, text: '0.05', isChanged: false, ...props },
      attachTo: document.body,
    })

  it('tells what was typed, letter by letter', async () => {
    const one = field()
    await one.find('input').setValue('0.1')
    expect(one.emitted('change')).toEqual([['0.1']])
  })

  it('may be text, which arrows leave alone', async () => {
    const one = field({
      name: 'frozen',
      field: text({ group: 'What is trained', doc: 'By name.', default: '' }),
      text: 'ln_*',
      isChanged: true,
    })
    expect(one.find('input').attributes('inputmode')).toBe('text')
    await one.find('input').trigger('keydown', { key: 'ArrowUp' })
    expect(one.emitted('change')).toBeUndefined()
    expect(one.find('.was').text()).toBe('default empty')
  })

  it('goes back to its default by the button that says it, and by Alt Backspace', async () => {
    const one = field({ text: '0.2', isChanged: true })
    expect(one.find('.was').text()).toBe('default 0.05')
    await one.find('.was').trigger('click')
    await one.find('input').trigger('keydown', { key: 'Backspace', altKey: true })
    expect(one.emitted('change')).toEqual([['0.05'], ['0.05']])
  })

  it('steps with the arrows', async () => {
    const one = field()
    await one.find('input').trigger('keydown', { key: 'ArrowUp', shiftKey: true })
    await one.find('input').trigger('keydown', { key: 'ArrowDown' })
    expect(one.emitted('change')).toEqual([['0.06'], ['0.049']])
  })

  it('leaves the arrows of a choice to the choice', async () => {
    const one = field({ name: 'critic', field: recipes.ppo.fields['critic'] as never, text: 'value-head' })
    await one.find('select').trigger('keydown', { key: 'ArrowUp' })
    expect(one.emitted('change')).toBeUndefined()
  })

  it('explains itself while it has the focus, with its bounds', async () => {
    const one = field()
    expect(one.find('.help').exists()).toBe(false)
    await one.find('input').trigger('focusin')
    expect(one.find('.help').text()).toContain('Pull to the reference')
    expect(one.find('.help').text()).toContain('0 to 10')
    await one.find('input').trigger('focusout')
    expect(one.find('.help').exists()).toBe(false)
  })
})

describe('the rewards of a run', () => {
  /** A form that keeps what is typed, as the Launch room does. */
  const rewards = (text = 'reward-model + 0 * wink', problem?: string) => {
    const one: VueWrapper = mount(RewardTerms, {
      props: {
        name: 'rewards',
        field: recipes.ppo.fields.rewards,
        text,
        isChanged: false,
        problem,
        onChange: (changed: string) => one.setProps({ text: changed }),
      },
      attachTo: document.body,
    })
    return one
  }
  const textOf = (one: VueWrapper) => one.find<HTMLInputElement>('#setting-rewards').element.value

  it('are a row each, and a line of text above them', () => {
    const one = rewards()
    expect(textOf(one)).toBe('reward-model + 0 * wink')
    expect(one.findAll('li').map((row) => row.attributes('aria-label'))).toEqual([
      'Reward 1: Reward model',
      'Reward 2: wink-nlp',
    ])
    expect(one.findAll('li').map((row) => row.text().includes('Watched, trains nothing'))).toEqual([
      false,
      true,
    ])
  })

  it('get a pattern of weight 0.5, and the text says so', async () => {
    const one = rewards('lexicon')
    await one.find('#add-reward').trigger('click')
    await flushPromises()
    expect(document.activeElement?.id).toBe('reward-2-source')
    await one.find('#reward-2-source').setValue('pattern')
    expect(one.find('#reward-2-pattern-problem').text()).toContain('Pattern is empty')
    await one.find('#reward-2-weight').setValue('0.5')
    await one.find('#reward-2-pattern').setValue('gr(ea|8)t')
    await one.find('#reward-2-mode').setValue('requires')
    expect(textOf(one)).toBe('lexicon + 0.5 * pattern(pattern="gr(ea|8)t", mode=requires)')
    expect(rewardsProblem(textOf(one))).toBeUndefined()
    expect(one.find('.problem').exists()).toBe(false)
  })

  it('get a rule over several lines, and the text keeps them', async () => {
    const one = rewards('lexicon')
    await one.find('#reward-1-source').setValue('rule')
    expect(one.find('#reward-1-code-problem').text()).toContain('write a function named reward')
    const source = 'function reward({ completion }) {\n  return 1 // “one”\n}'
    await one.find('textarea#reward-1-code').setValue(source)
    expect(textOf(one)).toBe(`rule(code="${source}")`)
    expect(one.find('#setting-rewards').attributes('rows')).toBe('3')
    expect(rewardsProblem(textOf(one))).toBeUndefined()
  })

  it('get a number each where several are reward models', async () => {
    const one = rewards('reward-model + 0 * reward-model(model=3)')
    await one.find('#add-reward').trigger('click')
    await one.find('#reward-3-source').setValue('reward-model')
    expect(textOf(one)).toBe('reward-model + 0 * reward-model(model=3) + reward-model(model=2)')
    expect(rewardsProblem(textOf(one))).toBeUndefined()
    await one.find('#reward-3-weight').setValue('-0.5')
    await one.find('[aria-label="Remove reward 1, Reward model"]').trigger('click')
    expect(textOf(one)).toBe('0 * reward-model(model=3) + -0.5 * reward-model(model=2)')
  })

  it('follow the text, also where a setting in it is not right yet', async () => {
    const one = rewards()
    await one.find('#setting-rewards').setValue('0.2*lexicon + pattern(cap=0, pattern="x")')
    expect(one.find<HTMLInputElement>('#reward-1-weight').element.value).toBe('0.2')
    expect(one.find('#reward-2-cap-problem').text()).toContain('Cap must be between 1 and 1000')
    expect(textOf(one)).toBe('0.2*lexicon + pattern(cap=0, pattern="x")')
    await one.find('#setting-rewards').setValue('lexicon + ')
    expect(one.find('li').exists()).toBe(false)
  })

  it('keep what is typed as a weight, say it is none, and do not let it start', async () => {
    const one = rewards('lexicon')
    await one.find('#reward-1-weight').setValue('half')
    expect(one.find<HTMLInputElement>('#reward-1-weight').element.value).toBe('half')
    expect(one.find('#reward-1-weight-problem').text()).toContain('Weight must be a number')
    expect(rewardsProblem(textOf(one))).toContain('where a weight is wanted')
  })

  it('go one by one, and the focus stays among them', async () => {
    const one = rewards('lexicon + 0 * wink', 'has none with a weight')
    expect(one.find('#setting-rewards-problem').text()).toBe('Rewards has none with a weight')
    await one.find('[aria-label="Remove reward 1, Lexicon"]').trigger('click')
    await flushPromises()
    expect(textOf(one)).toBe('0 * wink')
    expect(document.activeElement?.id).toBe('reward-1-source')
    await one.find('[aria-label="Remove reward 1, wink-nlp"]').trigger('click')
    await flushPromises()
    expect(textOf(one)).toBe('')
    expect(document.activeElement?.id).toBe('add-reward')
  })
})

describe('what a run is made from', () => {
  const picker = (props: object = {}) =>
    mount(SourcePicker, {
      props: {
        label: 'Text',
        doc: 'What it reads.',
        options: [
          { id: 'd1', name: 'WordNet', detail: '40,600 texts' },
          { id: 'd2', name: 'Reviews', detail: '2,572 texts' },
        ],
        chosen: [],
        isMany: true,
        isRequired: true,
        emptyText: 'Import text in Datasets',
        ...props,
      },
      attachTo: document.body,
    })

  it('asks for a choice, and says what was chosen with its counts', async () => {
    const one = picker()
    expect(one.text()).toContain('Choose')
    await one.setProps({ chosen: ['d1', 'd2'] })
    expect(one.text()).toContain('WordNet + Reviews')
    expect(one.text()).toContain('40,600 texts + 2,572 texts')
  })

  it('says what to do when there is nothing to choose from', () => {
    const one = picker({ options: [] })
    expect(one.text()).toContain('Import text in Datasets')
    expect(one.find('button').attributes('disabled')).toBeDefined()
  })

  it('says what is wrong', () => {
    expect(picker({ problem: 'Choose a dataset.' }).find('[role=alert]').text()).toBe('Choose a dataset.')
  })
})

describe('the recipes', () => {
  it('stand by group, one of them chosen', async () => {
    const list = mount(RecipeList, {
      props: { recipes: recipeNames.map((name) => recipeOf(name)), chosen: 'ppo' },
    })
    expect(list.findAll('h2').map((heading) => heading.text())).toEqual([
      'All of it',
      'From text',
      'From preferences',
      'With a reward',
      'From ratings',
      'From a teacher',
    ])
    expect(list.find('[aria-current=true]').text()).toContain('PPO')
    await list.findAll('button')[1]?.trigger('click')
    expect(list.emitted('choose')).toEqual([['pretrain']])
  })

  it('have the whole chain above them, where arrows do not go off to another room', async () => {
    const props = { recipes: recipeNames.map((name) => recipeOf(name)), chosen: 'pretrain' as const }
    const list = mount(RecipeList, { props, attachTo: document.body })
    const buttons = list.findAll('button')
    await buttons[1]!.trigger('keydown', { key: 'ArrowUp' })
    expect(document.activeElement).toBe(buttons[0]!.element)
    expect(list.emitted('chain')).toBeUndefined()
    await buttons[0]!.trigger('click')
    expect(list.emitted('chain')).toHaveLength(1)
    list.unmount()
  })
})

describe('the presets', () => {
  it('put their settings in, and the one that stands there is shown', async () => {
    const bar = mount(PresetBar, { props: { presets: recipes.pretrain.presets, chosen: 'HappyGPT' } })
    expect(bar.find('select').element.value).toBe('HappyGPT')
    await bar.find('select').setValue('Adder')
    expect(bar.emitted('choose')).toEqual([[recipes.pretrain.presets.find(({ name }) => name === 'Adder')]])
  })

  it('say that none of them stands there', () => {
    expect(
      mount(PresetBar, { props: { presets: recipes.pretrain.presets, chosen: undefined } }).find('select')
        .element.value,
    ).toBe('Own settings')
  })
})

describe('the command line', () => {
  it('reads as one command', () => {
    expect(
      mount(CommandLine, {
        props: { shell: 'sh', parts: ['npx studio train ppo', '--policy sft-01', '--kl-beta 0.1'] },
      })
        .find('code')
        .text()
        .replace(/\s+/g, ' '),
    ).toBe('npx studio train ppo --policy sft-01 --kl-beta 0.1')
  })
})

describe('the last word before a run starts', () => {
  const device = { id: 'cpu', name: 'CPU, 2 threads, compiled', isUsable: true, isDefault: true }
  const panel = (props: object = {}) =>
    mount(LaunchPanel, {
      props: {
        name: '',
        namePlaceholder: 'ppo, numbered',
        devices: [device],
        deviceId: undefined,
        threads: undefined,
        problems: [],
        warnings: [],
        isChecked: true,
        isStarting: false,
        isConnected: true,
        failure: undefined,
        needs: undefined,
        active: undefined,
        waiting: 0,
        leftText: undefined,
        ...props,
      },
    })

  it('is a button that starts', async () => {
    const one = panel()
    expect(one.find('.primary').text()).toContain('Start training')
    await one.find('.primary').trigger('click')
    expect(one.emitted('start')).toHaveLength(1)
  })

  it('is off while there is a problem, and says which', () => {
    const one = panel({
      problems: [
        { target: 'setting-heads', label: 'Heads', problem: 'must divide the width' },
        { target: 'input-texts', label: 'Text', problem: 'Choose a dataset.' },
      ],
    })
    expect(one.find('.primary').attributes()).toMatchObject({
      disabled: '',
      title: 'Heads must divide the width',
    })
    expect(one.findAll('.fit li').map((item) => item.text())).toEqual([
      'Heads must divide the width',
      'Text: Choose a dataset.',
    ])
  })

  it('is off while main does not answer, and blames no device for it', () => {
    const one = panel({ isConnected: false, devices: undefined, isChecked: false })
    expect(one.find('.primary').attributes('disabled')).toBe('')
    expect(one.text()).toContain('Looking for devices')
    expect(panel({ devices: [{ ...device, isUsable: false }] }).text()).toContain('No device can train')
  })

  it('says of the device what is known, and of the others why they cannot be used', () => {
    const one = panel({
      devices: [
        { ...device, memoryBytes: 24e9, mostThreads: 2 },
        {
          ...device,
          id: 'cuda',
          name: 'GPU, CUDA',
          isDefault: false,
          isUsable: false,
          whyNot: 'Its libraries are not installed.',
        },
      ],
    })
    expect(one.text()).toContain('24.0 GB of memory, used unless another is chosen')
    expect(one.find('details').text()).toBe(
      'One device cannot be usedGPU, CUDA: Its libraries are not installed.',
    )
    expect(one.text()).not.toContain('studio selftest')
  })

  it('warns of a device that no test of the studio runs on', () => {
    const dml = { ...device, id: 'dml', name: 'GPU, DirectML', isDefault: false, isUntested: true }
    expect(panel({ devices: [device, dml], deviceId: 'dml' }).text()).toContain(
      'Run studio selftest --device dml before you trust it.',
    )
    expect(panel({ devices: [device, dml] }).text()).not.toContain('studio selftest')
  })

  it('takes a number of threads where the device has threads', async () => {
    const one = panel({ devices: [{ ...device, mostThreads: 8 }] })
    const field = one.find('#run-threads')
    expect(field.attributes()).toMatchObject({ placeholder: '8', min: '1', max: '8' })
    await field.setValue('3')
    await field.setValue('')
    expect(one.emitted('threads')).toEqual([[3], [undefined]])
    expect(panel().find('#run-threads').exists()).toBe(false)
  })

  it('queues behind a run at work', () => {
    const one = panel({ active: aRun({ id: 'ppo-07', state: 'running' }), leftText: '3 min' })
    expect(one.find('.primary').text()).toContain('Queue training')
    expect(one.text()).toContain('Starts when ppo-07 ends, in about 3 min.')
  })

  it('says what it needs of the memory, and what is free where that is less', () => {
    const needs = {
      need: { parameters: 0, gradients: 0, optimizer: 0, activations: 0, cache: 0, workspace: 0 },
      bytes: 1.2e9,
      machineBytes: 24e9,
      freeBytes: 20e9,
      problems: [],
    }
    expect(
      panel({ needs })
        .findAll('.fit li')
        .map((item) => item.text()),
    ).toEqual(['Settings and inputs fit together', 'Needs about 1.2 GB of 24.0 GB'])
    expect(panel({ needs: { ...needs, freeBytes: 0.8e9 } }).text()).toContain(
      'Needs about 1.2 GB of 24.0 GB; 800 MB are free now',
    )
    expect(
      panel({
        needs,
        problems: [
          { target: 'setting-batchRows', label: 'Batch rows', problem: 'The run needs about 30 GB.' },
        ],
      }).text(),
    ).not.toContain('Needs about 1.2 GB')
  })

  it('offers a device only where there is a choice', () => {
    expect(panel().find('select').exists()).toBe(false)
    expect(
      panel({ devices: [device, { ...device, id: 'gpu', name: 'GPU', isDefault: false }] })
        .findAll('option')
        .map((option) => option.text()),
    ).toEqual(['CPU, 2 threads, compiled', 'GPU'])
  })
})
