/** The tables of recipes and trainers, walked: whatever stands in one is whole, and the other knows it. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { defaultsOf, type Fields } from '../../src-shared/fields'
import { metrics } from '../../src-shared/metrics'
import { recipeNames, recipeOf, type RecipeName } from '../../src-shared/recipes/recipes'
import { usualUse } from '../../src-shared/recipes/usual-use'
import { datasetKinds } from '../../src-shared/records/dataset'
import { modelKinds } from '../../src-shared/records/checkpoint'
import { rehearsalEngine } from '../../src-main/compute/rehearsal'
import type { SizedRun } from '../../src-main/launch/sized-run'
import { standIns, unbegun } from '../../src-main/launch/stand-ins'
import { trainerOf } from '../../src-main/trainers/trainers'
import { panels } from '../../src-renderer/charts/panels'

const config = {
  architecture: 'gpt',
  layers: 1,
  heads: 2,
  width: 16,
  contextTokens: 12,
  vocabulary: 8,
  isTied: true,
} as const

/** A run of a recipe by its defaults, small, with everything that any setting could ask for. */
function sizedRun(name: RecipeName): SizedRun {
  const { inputs, fields } = recipeOf(name)
  const small = { batchRows: 4, batchExamples: 4, batchPairs: 4, completions: 4, maxTokens: 4, width: 16 }
  const often = { layers: 1, heads: 2, contextTokens: 12, samplesEvery: 1, measureEvery: 1, epochs: 1 }
  const known = Object.entries({ ...small, ...often, updates: 1 }).filter(([field]) => field in fields)
  const entries = Object.entries(inputs)
  const models = entries.flatMap(([input, row]) =>
    row.type === 'checkpoint' ? [[input, { kind: row.kind, config }] as const] : [],
  )
  const texts = entries.flatMap(([input, row]) =>
    row.type === 'dataset' ? [[input, { rows: 20, promptTokens: 3, tokens: 6 }] as const] : [],
  )
  return {
    recipe: name,
    settings: { ...defaultsOf(fields), ...Object.fromEntries(known) },
    models: Object.fromEntries(models),
    texts: Object.fromEntries(texts),
    characters: 7,
    threads: 1,
  }
}

describe.each(recipeNames)('the recipe %s', (name) => {
  const recipe = recipeOf(name)
  const row = trainerOf(name)

  it('stands under its own name, with a title and a prefix that no other has', () => {
    expect(recipe.name).toBe(name)
    expect(recipe.title).not.toBe('')
    expect(recipeNames.filter((other) => recipeOf(other).runPrefix === recipe.runPrefix)).toEqual([name])
    expect(recipeNames.filter((other) => recipeOf(other).title === recipe.title)).toEqual([name])
  })

  it('has a headline that is a metric with a place in a chart', () => {
    expect(metrics).toHaveProperty([recipe.headline])
    expect(panels.filter((panel) => panel.metrics.includes(recipe.headline))).toHaveLength(1)
  })

  it('names inputs and settings that it has', () => {
    for (const input of Object.values(recipe.inputs)) {
      for (const [setting, value] of Object.entries(
        typeof input.neededWhen === 'object' ? input.neededWhen : {},
      )) {
        const field = recipe.fields[setting]
        expect(field?.type === 'choice' ? field.choices : []).toContain(value)
      }
      if (input.type !== 'dataset') continue
      if (input.readBy !== undefined) expect(recipe.inputs[input.readBy]?.type).toBe('checkpoint')
      if (input.labelFrom !== undefined) expect(recipe.fields).toHaveProperty(input.labelFrom)
    }
  })

  it('shows settings beside values that others can have', () => {
    for (const { shownWhen = {} } of Object.values(recipe.fields as Fields))
      for (const [setting, wanted] of Object.entries(shownWhen)) {
        const field = recipe.fields[setting]
        for (const value of [wanted].flat())
          expect(field?.type === 'choice' ? field.choices : [], setting).toContain(value)
      }
  })

  it('has a trainer whose row names settings of the recipe alone', () => {
    const { setting, parts } = row.batch(sizedRun(name).settings, 6)
    const named = [setting, ...(parts === undefined ? [] : [parts]), ...row.smaller.map(({ field }) => field)]
    for (const field of named) expect(recipe.fields).toHaveProperty(field)
  })

  it('is started from what is given to it alone, and says its headline', async () => {
    const run = sizedRun(name)
    const newModel = row.newModel?.(run.settings, run.characters)
    const resume = newModel && unbegun({ kind: 'language-model', config: newModel })
    const said = new Set<string>()
    for await (const event of await row.start(rehearsalEngine(1), standIns(run, 20), run.settings, resume))
      if (event.kind === 'update') for (const metric of Object.keys(event.values)) said.add(metric)
    expect([...said]).toContain(recipe.headline)
  })

  it('has a line in a page of help', () => {
    const pages = ['cli', 'algorithms', 'main-job', 'models', 'architecture', 'design'].map((page) =>
      readFileSync(`resources/docs/${page}.md`, 'utf8'),
    )
    expect(pages.join('\n')).toMatch(new RegExp(`\\b(${recipe.name}|${recipe.made})\\b`, 'i'))
  })
})

describe('where one begins', () => {
  it.each([...datasetKinds, ...modelKinds])('with %s is said by one recipe', (kind) => {
    const use = usualUse(kind)
    expect(use && recipeOf(use.recipe).inputs[use.input]).toBeDefined()
    const all = recipeNames.flatMap((name) =>
      Object.values(recipeOf(name).inputs).filter(({ usualFor = [] }) => usualFor.includes(kind)),
    )
    expect(all).toHaveLength(1)
  })
})
