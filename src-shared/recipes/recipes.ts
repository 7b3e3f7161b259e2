/** All recipes by name: launch form, command line and compute process look a recipe up here. */
import type { RecipeName } from '../records/run'
import { ppo } from './ppo'
import { pretrain } from './pretrain'
import type { Recipe } from './recipe'
import { reward } from './reward'
import { sft } from './sft'

export const recipes: Readonly<Record<RecipeName, Recipe>> = { pretrain, sft, reward, ppo }
