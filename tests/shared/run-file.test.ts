import { describe, expect, it } from 'vitest'
import { readRunFile } from '../../src-shared/run-file'
import { inputsHere } from '../../src-shared/run-file-inputs'
import { recipeOf } from '../../src-shared/recipes/recipes'
import { axisFrom, axisText } from '../../src-shared/sweeps/axis-text'

const { fields } = recipeOf('dpo')
const rate = fields['learningRate']!
const axis = (text: string) => axisFrom('learningRate', rate, text)

describe('values of a swept setting, as people write them', () => {
  it.each([
    ['0.05, 0.1,0.2', { setting: 'learningRate', values: [0.05, 0.1, 0.2] }],
    ['1e-5..1e-3 log', { setting: 'learningRate', from: 1e-5, to: 1e-3, scale: 'log' }],
    ['1e-5 .. 1e-3', { setting: 'learningRate', from: 1e-5, to: 1e-3, scale: 'linear' }],
    ['8..64 LOG 4', { setting: 'learningRate', from: 8, to: 64, scale: 'log', points: 4 }],
    ['0.1, lots', { setting: 'learningRate', values: [0.1, 'lots'] }],
    [' , ', { problem: 'has no values to try' }],
    ['1..many', { problem: 'is no range of numbers: “1..many”. Write it like 1e-5..1e-3 log' }],
  ])('“%s”', (text, expected) => {
    const found = axis(text)
    expect(found).toEqual(expected)
    if (!('problem' in found)) expect(axis(axisText(found, rate))).toEqual(found)
  })

  it('keep the commas of texts', () => {
    const rewards = recipeOf('ppo').fields['rewards']!
    expect(axisFrom('rewards', rewards, 'length(most=9, least=1) | afinn')).toEqual({
      setting: 'rewards',
      values: ['length(most=9, least=1)', 'afinn'],
    })
  })
})

const file = (content: object) => readRunFile('a.json', JSON.stringify(content))

describe('the file of a run', () => {
  it('says the recipe, what it is made from and what is tried', () => {
    expect(
      file({
        recipe: 'dpo',
        inputs: { policy: 'sft-01 at 200', pairs: ['a', { name: 'b', hash: 'ff' }] },
        settings: { beta: 0.2 },
        sweep: { over: { learningRate: '1e-5..1e-3 log', seed: [1, 2] }, random: 4, stopEarly: 20 },
      }),
    ).toEqual({
      recipe: 'dpo',
      settings: { beta: 0.2 },
      inputs: { policy: [{ name: 'sft-01 at 200' }], pairs: [{ name: 'a' }, { name: 'b', hash: 'ff' }] },
      plan: {
        axes: [
          { setting: 'learningRate', from: 1e-5, to: 1e-3, scale: 'log' },
          { setting: 'seed', values: [1, 2] },
        ],
        draw: { by: 'random', runs: 4, seed: 0 },
        stopping: { afterStep: 20, leastOthers: 3 },
      },
    })
  })

  it.each([
    [{}, /"recipe" must be one of pretrain/],
    [{ recipe: 'dpo', setings: {} }, /has "setings", which no run has/],
    [{ recipe: 'dpo', settings: { beta: null } }, /"settings.beta" must be a number or a text/],
    [{ recipe: 'dpo', inputs: { policy: 3 } }, /"inputs.policy" must be a name/],
    [{ recipe: 'dpo', sweep: { over: {} } }, /"sweep.over" names no setting/],
    [{ recipe: 'dpo', sweep: { over: { betta: '1..2' } } }, /"sweep.over.betta" is not a setting/],
    [{ recipe: 'dpo', sweep: {} }, /"sweep.over" is missing/],
  ])('is refused with the part that is wrong: %j', (content, said) => {
    expect(() => file(content)).toThrow(said)
  })

  it('is refused where it is no JSON', () => {
    expect(() => readRunFile('a.json', 'recipe: dpo')).toThrow(/^a\.json: is no JSON/)
  })

  it('finds its inputs by name, and says which is not here', () => {
    const here = {
      datasets: [{ id: 'dataset-1', name: 'pairs' }],
      checkpoints: [
        { id: 'checkpoint-1', name: 'sft' },
        { id: 'checkpoint-2', name: 'sft' },
      ],
    }
    const inputs = (policy: string, pairs = 'pairs') =>
      inputsHere('a.json', file({ recipe: 'dpo', inputs: { policy, pairs } }), here)
    expect(inputs('checkpoint-2')).toEqual({ policy: ['checkpoint-2'], pairs: ['dataset-1'] })
    expect(() => inputs('sft')).toThrow(
      /“sft”, the name of several here: name one of checkpoint-1, checkpoint-2/,
    )
    expect(() => inputs('checkpoint-1', 'gone')).toThrow(
      /"inputs.pairs" needs the dataset “gone”, which is not here/,
    )
  })
})
