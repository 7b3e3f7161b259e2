/** One address a room; the selected thing is in the query, so that a reload and a link come back to it. */
import { createRouter, createWebHashHistory } from 'vue-router'
import { areFirstStepsClosed } from './composables/first-steps-memory'
import { rooms, type RoomName } from './composables/rooms'

const views: Readonly<Record<RoomName, () => Promise<unknown>>> = {
  datasets: () => import('./views/DatasetsView.vue'),
  label: () => import('./views/LabelRoom.vue'),
  launch: () => import('./views/LaunchView.vue'),
  runs: () => import('./views/RunsView.vue'),
  compare: () => import('./views/CompareView.vue'),
  models: () => import('./views/ModelsView.vue'),
  settings: () => import('./views/SettingsView.vue'),
  help: () => import('./views/HelpView.vue'),
  'first-steps': () => import('./views/FirstStepsView.vue'),
}

/** Whoever has not closed the first steps begins with them. */
const entrance = (): string => (areFirstStepsClosed() ? '/datasets' : '/first-steps')

export const router = createRouter({
  history: createWebHashHistory(),
  routes: [
    { path: '/', redirect: entrance },
    ...Object.entries(views).map(([name, component]) => ({ path: `/${name}`, name, component })),
    { path: '/:rest(.*)', redirect: entrance },
  ],
})

/** Once the first room stands, the others are fetched too: they must open also while main does not answer. */
export async function fetchAllRooms(): Promise<void> {
  await router.isReady()
  requestIdleCallback(() => {
    for (const view of Object.values(views)) void view()
  })
}

const titles: Readonly<Record<string, string>> = {
  ...Object.fromEntries(rooms.map(({ name, title }) => [name, title])),
  models: 'Models',
  settings: 'Settings',
  help: 'Help',
  'first-steps': 'First steps',
}
router.afterEach(({ name }) => {
  document.title = `${titles[String(name)] ?? 'Studio'} - RLHF Studio`
})
