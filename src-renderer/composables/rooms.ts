/** The rooms, in the order of the rail, each with its key. */

export const rooms = [
  { name: 'datasets', title: 'Datasets', key: '1' },
  { name: 'label', title: 'Label', key: '2' },
  { name: 'launch', title: 'Launch', key: '3' },
  { name: 'runs', title: 'Runs', key: '4' },
  { name: 'compare', title: 'Compare', key: '5' },
] as const
export type RoomName = (typeof rooms)[number]['name'] | 'models' | 'settings' | 'help' | 'first-steps'
