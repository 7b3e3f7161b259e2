/** The older policy within whose nucleus NLPO draws: it becomes the newest from time to time. */
import type { PpoSettings } from '../../src-shared/recipes/ppo'
import { trainedPart } from '../compute/parameters'
import { copyModel } from '../model/language-model'
import type { LanguageModel } from '../model/model'
import type { ResumeState, Snapshot } from './trainer'

export interface PolicyMask {
  readonly model: LanguageModel
  readonly topP: number
  /** @param done rollouts */
  follow(done: number): void
  stored(): ResumeState['tensors']
}

const prefix = 'mask-weights/'

/** @returns undefined where everything may be drawn */
export function openMask(
  policy: LanguageModel,
  { maskTopP: topP, maskEvery }: PpoSettings,
  resume?: Snapshot,
): PolicyMask | undefined {
  if (topP === 1) return undefined
  const model = copyModel(policy)
  const own = trainedPart(model.parameters)
  const newest = trainedPart(policy.parameters)
  const names = Object.keys(own.spec)
  for (const name of names) {
    const stored = resume?.resume.tensors[prefix + name]
    if (stored) own.view(name).set(stored)
  }
  return {
    model,
    topP,
    follow(done) {
      if (done % maskEvery === 0) for (const name of names) own.view(name).set(newest.view(name))
    },
    stored: () => Object.fromEntries(names.map((name) => [prefix + name, own.view(name).slice()])),
  }
}
