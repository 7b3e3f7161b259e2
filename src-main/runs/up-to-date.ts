/** A run that an older version stored has no value for a newer setting: its default is how that version did it. */
import { defaultsOf } from '../../src-shared/fields'
import { recipeOf } from '../../src-shared/recipes/recipes'
import type { Run } from '../../src-shared/records/run'

export const upToDate = (run: Run): Run => ({
  ...run,
  settings: { ...defaultsOf(recipeOf(run.recipe).fields), ...run.settings },
})
