/** What can be done in a room: by its key, and found by its words in the palette. */
import { computed, onScopeDispose, shallowReactive, type ComputedRef } from 'vue'
import { useKeys } from './keys'

export interface RoomAction {
  readonly title: string
  /** As in `Keys`; none for what only the palette does. */
  readonly key?: string
  readonly act: () => void
  readonly isOn?: () => boolean
}

type Registered = () => readonly RoomAction[]

const registered = shallowReactive(new Set<Registered>())

/** Of the rooms that stand, those that can be done now. */
export function useRoomActions(): ComputedRef<readonly RoomAction[]> {
  return computed(() => [...registered].flatMap((actions) => actions()))
}

/** Actions without a key that come and go: found in the palette. */
export function useListedActions(actions: () => readonly RoomAction[]): void {
  registered.add(actions)
  onScopeDispose(() => registered.delete(actions))
}

/** The room's actions, for as long as it stands. */
export function useActions(actions: readonly RoomAction[], isOn: () => boolean = () => true): void {
  const can = ({ isOn: itself }: RoomAction): boolean => isOn() && (itself?.() ?? true)
  useListedActions(() => actions.filter(can))
  const byKey = actions.flatMap((action) =>
    action.key === undefined ? [] : [[action.key, keyed(action)] as const],
  )
  useKeys(Object.fromEntries(byKey), isOn)

  /** A key that is held down is one act, not many about what nobody has read. */
  function keyed(action: RoomAction): (event: KeyboardEvent) => void {
    return (event) => {
      if (!event.repeat && can(action)) action.act()
    }
  }
}
