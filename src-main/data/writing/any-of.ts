/** What any example of many has, found by looking at each. */
import { isConversation, isSpoken } from '../../../src-shared/turn-texts'
import type { AnyOf, Parts } from './form'

export const noneYet: AnyOf = { isSpoken: false, hasArguments: false, hasMargins: false }

export const alsoOf = (found: AnyOf, parts: Parts): AnyOf => ({
  isSpoken: found.isSpoken || isSpoken(parts),
  hasArguments:
    found.hasArguments || (isConversation(parts.prompt) && parts.prompt.templateArguments !== undefined),
  hasMargins: found.hasMargins || parts.margin !== undefined,
})
