/**
 * All recipes by name, in the order in which a model passes through them. Launch form, lists, command line
 * and compute process look a recipe up here.
 */
import type { Infer } from '../fields'
import { dpo } from './dpo'
import { gkd } from './gkd'
import { grpo } from './grpo'
import { ilql } from './ilql'
import { kto } from './kto'
import { nashMd } from './nash-md'
import { onlineDpo } from './online-dpo'
import { ppo } from './ppo'
import { pretrain } from './pretrain'
import type { Recipe } from './recipe'
import { referenceFree } from './reference-free'
import { reward } from './reward'
import { rft } from './rft'
import { sft } from './sft'
import { trpo } from './trpo'

export const recipes = {
  pretrain,
  sft,
  dpo,
  kto,
  'reference-free': referenceFree,
  reward,
  ppo,
  grpo,
  trpo,
  rft,
  'online-dpo': onlineDpo,
  'nash-md': nashMd,
  ilql,
  gkd,
} as const satisfies Readonly<Record<string, Recipe>>

export type RecipeName = keyof typeof recipes

export const recipeNames = Object.keys(recipes) as readonly RecipeName[]

/** The values of a recipe's settings. */
export type SettingsOf<Name extends RecipeName> = Infer<(typeof recipes)[Name]['fields']>

export type KnownRecipe = Recipe & { readonly name: RecipeName }

/** A recipe by its name, where which one it is does not matter. */
export const recipeOf = (name: RecipeName): KnownRecipe => recipes[name]
