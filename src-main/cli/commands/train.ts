/** `studio train RECIPE …`: a command for each recipe, and one for each preset that needs nothing more said. */
import type { Command } from 'commander'
import type { Preset } from '../../../src-shared/recipes/recipe'
import { recipeNames, recipeOf, type KnownRecipe } from '../../../src-shared/recipes/recipes'
import { addRecipeOptions, type OptionValues } from '../recipe-options'
import type { Workplace } from '../surroundings'
import { followingFrom, trainCommand } from '../train'

export function addTrain(program: Command, workplace: Workplace): void {
  const train = program
    .command('train')
    .description('Train a model; `studio train RECIPE --help` lists its settings.')
  for (const recipe of recipeNames.map(recipeOf)) {
    addRecipe(train, recipe, workplace)
    for (const preset of recipe.presets) addPreset(train, recipe, preset, workplace)
  }
}

function addRecipe(train: Command, recipe: KnownRecipe, workplace: Workplace): void {
  const command = train
    .command(recipe.name)
    .description(`${recipe.title}: ${recipe.summary}. ${recipe.source}.`)
  addRecipeOptions(command, recipe).action((options: OptionValues) =>
    workplace.writing((api) => trainCommand(recipe, options, followingFrom(api, workplace))),
  )
}

function addPreset(
  train: Command,
  recipe: KnownRecipe,
  { name, doc, command }: Preset,
  workplace: Workplace,
): void {
  if (command === undefined) return
  const made = train.command(command).description(`${recipe.title}, preset “${name}”: ${doc}`)
  addRecipeOptions(made, { ...recipe, presets: [] }).action((options: OptionValues) =>
    workplace.writing((api) =>
      trainCommand(recipe, { ...options, preset: name }, followingFrom(api, workplace)),
    ),
  )
}
