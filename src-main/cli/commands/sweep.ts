/** `studio sweep …`: one recipe with several settings, from a file or from flags; and what becomes of a sweep. */
import type { Command } from 'commander'
import { recipeNames, recipeOf, type KnownRecipe } from '../../../src-shared/recipes/recipes'
import type { Sweep } from '../../../src-shared/records/sweep'
import { measuredBy, type Ranked } from '../../../src-shared/sweeps/ranking'
import { newestValue } from '../../store/metric-points'
import { runOf } from '../../store/runs'
import { listSweeps } from '../../store/sweeps'
import { byNameOrId } from '../look-up'
import { addRecipeOptions, type OptionValues } from '../recipe-options'
import type { Workplace } from '../surroundings'
import { followSweep, runFileCommand, sweepFlagsCommand, sweepText } from '../sweep'
import { exits, valueOf } from '../terminal'
import { count, table } from '../text'
import { followingFrom } from '../train'

export function addSweep(program: Command, workplace: Workplace): void {
  const sweep = program
    .command('sweep')
    .description(
      'Try a recipe with several settings, one run each; `studio sweep RECIPE --help` lists its flags.',
    )
    .argument('[file]', 'A sweep as JSON: a run’s file with "sweep" in it (see the page on runs).')
    .action((file: string | undefined) =>
      file === undefined
        ? listed(workplace)
        : workplace.writing((api) => runFileCommand(file, followingFrom(api, workplace))),
    )
  for (const recipe of recipeNames.map(recipeOf)) addRecipe(sweep, recipe, workplace)
  addShow(sweep, workplace)
  addStop(sweep, workplace)
  addResume(sweep, workplace)
}

function addRecipe(sweep: Command, recipe: KnownRecipe, workplace: Workplace): void {
  const command = sweep
    .command(recipe.name)
    .description(`${recipe.title}: settings to try, and all of its own.`)
  addRecipeOptions(command, recipe)
    .requiredOption(
      '--over <setting=values...>',
      'What is tried: --over beta=0.05,0.1,0.2 "learning-rate=1e-5..1e-3 log 5". A range in a grid says how many.',
    )
    .option('--random <runs>', 'So many runs drawn at random; else every value with every other.')
    .option('--draw-seed <number>', 'Decides what is drawn.', '0')
    .option('--metric <name>', 'What runs are held against each other by; else the recipe’s own.')
    .option(
      '--stop-early <updates>',
      'From this update on, stop a run that is behind the median of the others.',
    )
    .action((options: OptionValues) =>
      workplace.writing((api) => sweepFlagsCommand(recipe, options, followingFrom(api, workplace))),
    )
}

const listed = ({ reading, terminal }: Workplace): Promise<void> =>
  reading((db) =>
    terminal.result(listSweeps(db), (sweeps) =>
      sweeps.length === 0
        ? 'No sweeps yet. `studio sweep RECIPE --help` shows how to start one.'
        : table(
            ['id', 'name', 'recipe', 'settings', 'runs'],
            sweeps.map((each: Sweep) => [
              each.id,
              each.name,
              each.recipe,
              each.plan.axes.map(({ setting }) => setting).join(', '),
              count(each.runIds.length),
            ]),
          ),
    ),
  )

function addShow(sweep: Command, { reading, terminal }: Workplace): void {
  sweep
    .command('show')
    .description('The runs of a sweep, the best first.')
    .argument('<sweep>', 'Name or id.')
    .action((asked: string) =>
      reading((db) => {
        const found = byNameOrId(listSweeps(db), asked, 'SWEEP')
        const rows = found.runIds.map((runId): Ranked => {
          const value = newestValue(db, runId, measuredBy(found))
          return { run: runOf(db, runId), ...(value !== undefined && { value }) }
        })
        terminal.result({ sweep: found, runs: rows.map(({ run }) => run) }, () => sweepText(found, rows))
      }),
    )
}

function addStop(sweep: Command, { writing, terminal }: Workplace): void {
  sweep
    .command('stop')
    .description('Take all runs of a sweep that wait out of the queue.')
    .argument('<sweep>', 'Name or id.')
    .action((asked: string) =>
      writing(async (api) => {
        const { id } = byNameOrId(valueOf(await api.call('sweeps.list', {})), asked, 'SWEEP')
        terminal.result(
          valueOf(await api.call('sweeps.stop', { sweepId: id })),
          ({ name }) => `Stopped “${name}”.`,
        )
        return exits.done
      }),
    )
}

function addResume(sweep: Command, workplace: Workplace): void {
  sweep
    .command('resume')
    .description('Go on with all runs of a sweep that wait, failed or were stopped by hand.')
    .argument('<sweep>', 'Name or id.')
    .action((asked: string) =>
      workplace.writing(async (api) => {
        const { id } = byNameOrId(valueOf(await api.call('sweeps.list', {})), asked, 'SWEEP')
        const sweepNow = valueOf(await api.call('sweeps.resume', { sweepId: id }))
        return followSweep(sweepNow, followingFrom(api, workplace))
      }),
    )
}
