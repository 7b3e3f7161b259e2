/** Why a run failed, in words for whoever launched it. */
import { errorText, StudioFailure } from '../../src-shared/result'
import { DeviceFailure, failureOf } from '../compute/device-failure'
import { NumericalError } from '../compute/numerical-error'
import { diskFailure } from '../places/disk-failure'
import { RewardFailure } from '../rewards/reward-failure'

/** What nobody expected is written to the console with its stack, too. */
export function reasonOf(thrown: unknown): string {
  const error = diskFailure(thrown) ?? failureOf(thrown)
  if (error instanceof StudioFailure) return errorText(error.error)
  if (error instanceof NumericalError)
    return (
      `${asSentence(error.message)} Training stopped itself before the bad weights were kept: lower the ` +
      'learning rate or the gradient clip.'
    )
  if (error instanceof DeviceFailure)
    return `${asSentence(error.message)} The run can go on from its newest checkpoint.`
  if (error instanceof RewardFailure)
    return `${asSentence(error.message)} Training stopped before anything was learned from it.`
  console.error(error)
  return errorText({ kind: 'bug', message: error instanceof Error ? error.message : String(error) })
}

const asSentence = (message: string): string =>
  `${message.charAt(0).toUpperCase()}${message.slice(1).replace(/\.?$/, '.')}`
