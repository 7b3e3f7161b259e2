/** Where this person pastes commands. */
import type { Ref } from 'vue'
import { shells, usualShell, type Shell } from '../words/shells'
import { useKept } from './kept'

export const useShell = (): Ref<Shell> =>
  useKept('shell', usualShell, (kept) => shells.find((each) => each === kept))
