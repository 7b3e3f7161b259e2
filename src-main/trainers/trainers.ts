/** All trainers by the name of their recipe. */
import type { RecipeName, SettingsOf } from '../../src-shared/recipes/recipes'
import { dpoTrainer } from './dpo'
import { gkdTrainer } from './gkd'
import { grpoTrainer } from './grpo'
import { ilqlTrainer } from './ilql'
import { ktoTrainer } from './kto'
import { nashMdTrainer } from './nash-md'
import { onlineDpoTrainer } from './online-dpo'
import { ppoTrainer } from './ppo'
import { pretrainTrainer } from './pretrain'
import { referenceFreeTrainer } from './reference-free'
import { rewardTrainer } from './reward'
import { rftTrainer } from './rft'
import { sftTrainer } from './sft'
import { trpoTrainer } from './trpo'
import type { AnyTrainerRow, TrainerRow } from './trainer-row'

const trainers: { readonly [Name in RecipeName]: TrainerRow<SettingsOf<Name>> } = {
  pretrain: pretrainTrainer,
  sft: sftTrainer,
  dpo: dpoTrainer,
  kto: ktoTrainer,
  'reference-free': referenceFreeTrainer,
  reward: rewardTrainer,
  ppo: ppoTrainer,
  grpo: grpoTrainer,
  trpo: trpoTrainer,
  rft: rftTrainer,
  'online-dpo': onlineDpoTrainer,
  'nash-md': nashMdTrainer,
  ilql: ilqlTrainer,
  gkd: gkdTrainer,
}

/** The trainer of a recipe, where which one it is does not matter. @param name a run's recipe */
export const trainerOf = (name: RecipeName): AnyTrainerRow => trainers[name]
