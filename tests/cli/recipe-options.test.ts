/** A recipe as command-line options, and back. */
import { Command } from 'commander'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { kebabCase } from '../../src-shared/fields'
import { type RecipeName, recipeOf, recipes } from '../../src-shared/recipes/recipes'
import type { Checkpoint } from '../../src-shared/records/checkpoint'
import type { Dataset } from '../../src-shared/records/dataset'
import { StudioFailure } from '../../src-shared/result'
import { termsOf } from '../../src-shared/rewards/terms'
import { testFolder } from '../helpers/registry'
import { byNameOrId } from '../../src-main/cli/look-up'
import { addRecipeOptions, inFlags, inputsFrom, settingsFrom } from '../../src-main/cli/recipe-options'

const names = Object.keys(recipes) as RecipeName[]

function parsed(recipe: RecipeName, ...args: readonly string[]): Record<string, unknown> {
  return addRecipeOptions(
    new Command().exitOverride().configureOutput({ writeErr: () => {} }),
    recipeOf(recipe),
  )
    .parse([...args], { from: 'user' })
    .opts()
}

describe('the flags of a recipe', () => {
  it.each(names)('have one for every setting and every input of %s', (name) => {
    const help = addRecipeOptions(new Command(), recipeOf(name)).helpInformation()
    for (const field of [...Object.keys(recipeOf(name).fields), ...Object.keys(recipeOf(name).inputs)])
      expect(help).toContain(`--${kebabCase(field)} <`)
  })

  it.each(names)('take every default of %s back in', (name) => {
    const { fields } = recipeOf(name)
    const args = Object.entries(fields).flatMap(([field, { default: value }]) => [
      `--${kebabCase(field)}`,
      String(value),
    ])
    expect(settingsFrom(recipeOf(name), parsed(name, ...args))).toEqual(
      Object.fromEntries(Object.entries(fields).map(([field, row]) => [field, row.default])),
    )
  })

  it('leave out what was not given, so that the defaults stay the recipe’s', () => {
    expect(settingsFrom(recipes.ppo, parsed('ppo', '--kl-beta', '0.1'))).toEqual({ klBeta: 0.1 })
  })

  it('take a setting that begins with “no” for what it is', () => {
    expect(settingsFrom(recipes.ppo, parsed('ppo', '--no-end-penalty', '2'))).toEqual({ noEndPenalty: 2 })
  })

  it('lay what was given over a preset', () => {
    const [preset] = recipeOf('ppo').presets
    const [field] = Object.keys(preset!.settings)
    expect(settingsFrom(recipes.ppo, parsed('ppo', '--preset', preset!.name))).toEqual(preset!.settings)
    expect(settingsFrom(recipes.ppo, parsed('ppo', '--preset', preset!.name, '--seed', '7'))).toMatchObject({
      seed: 7,
      [field!]: preset!.settings[field!],
    })
  })

  it('refuse a preset that is not there, naming those that are', () => {
    expect(() => settingsFrom(recipes.ppo, parsed('ppo', '--preset', 'Fast'))).toThrow(
      /--preset must be one of “/,
    )
  })

  it('take a rule from its file, and leave an @ in quotes alone', () => {
    const file = join(testFolder(), 'my rule.js')
    writeFileSync(file, 'const reward = () => "a".length // 1\n')
    const rewardsOf = (text: string) => settingsFrom(recipes.ppo, parsed('ppo', '--rewards', text))['rewards']
    expect(rewardsOf(`rule(code=@"${file}") + 0 * pattern(pattern="@x")`)).toBe(
      'rule(code="const reward = () => ""a"".length // 1\n") + 0 * pattern(pattern="@x")',
    )
    expect(termsOf(String(rewardsOf(`rule(code=@"${file}")`)))[0]?.settings).toEqual({
      code: 'const reward = () => "a".length // 1\n',
    })
    expect(() => rewardsOf('rule(code=@none.js)')).toThrow(
      '--rewards names the file none.js, which cannot be read: ENOENT',
    )
  })

  it('leave text that is no number to the recipe’s own check', () => {
    expect(settingsFrom(recipes.sft, parsed('sft', '--epochs', 'many'))).toEqual({ epochs: 'many' })
    expect(settingsFrom(recipes.sft, parsed('sft', '--epochs', ''))).toEqual({ epochs: '' })
  })

  it('refuse a choice that is none of those offered', () => {
    expect(() => parsed('ppo', '--kl-estimator', 'applause')).toThrow(
      /Allowed choices are exact, exact-drawn, sampled/,
    )
  })
})

const dataset = (id: string, name: string) => ({ id, name }) as Dataset
const checkpoint = (id: string, name: string) => ({ id, name }) as Checkpoint
const there = {
  datasets: [
    dataset('dataset-1', 'reviews'),
    dataset('dataset-2', 'letters'),
    dataset('dataset-3', 'letters'),
  ],
  checkpoints: [checkpoint('checkpoint-1', 'SFT, update 600')],
}

describe('what a run is made from', () => {
  it('is found by name or by id, several where the recipe takes several', () => {
    expect(inputsFrom(recipes.pretrain, { texts: ['reviews', 'dataset-2'] }, there)).toEqual({
      texts: ['dataset-1', 'dataset-2'],
    })
    expect(inputsFrom(recipes.ppo, { policy: 'SFT, update 600' }, there)).toEqual({
      policy: ['checkpoint-1'],
    })
  })

  it('is refused when the name is unknown, and what there is is named', () => {
    expect(() => inputsFrom(recipes.ppo, { policy: 'gone' }, there)).toThrow(
      '--policy “gone” is not there. There is “SFT, update 600” (checkpoint-1)',
    )
  })

  it('is refused when the name stands for several', () => {
    expect(() => byNameOrId(there.datasets, 'letters', '--texts')).toThrow(
      '--texts “letters” is the name of several: dataset-2, dataset-3',
    )
  })
})

describe('a refusal', () => {
  it('speaks of flags where it speaks of settings', () => {
    const failure = new StudioFailure({
      kind: 'refused-settings',
      problems: [
        { field: 'learningRate', problem: 'must be smaller' },
        { field: 'disk', problem: 'is full' },
      ],
    })
    expect(inFlags(failure, recipes.sft).message).toBe('--learning-rate: must be smaller\ndisk: is full')
  })
})
