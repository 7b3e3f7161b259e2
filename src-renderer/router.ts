/** One address a room; the selected thing is in the query, so that a reload and a link come back to it. */
import { createRouter, createWebHashHistory } from 'vue-router'

export const rooms = [
  { name: 'datasets', title: 'Datasets', key: '1' },
  { name: 'label', title: 'Label', key: '2' },
  { name: 'launch', title: 'Launch', key: '3' },
  { name: 'runs', title: 'Runs', key: '4' },
  { name: 'compare', title: 'Compare', key: '5' },
] as const
export type RoomName = (typeof rooms)[number]['name'] | 'models' | 'settings'

export const router = createRouter({
  history: createWebHashHistory(),
  routes: [
    { path: '/', redirect: '/datasets' },
    { path: '/datasets', name: 'datasets', component: () => import('./views/DatasetsView.vue') },
    { path: '/label', name: 'label', component: () => import('./views/LabelView.vue') },
    { path: '/launch', name: 'launch', component: () => import('./views/LaunchView.vue') },
    { path: '/runs', name: 'runs', component: () => import('./views/RunsView.vue') },
    { path: '/compare', name: 'compare', component: () => import('./views/CompareView.vue') },
    { path: '/models', name: 'models', component: () => import('./views/ModelsView.vue') },
    { path: '/settings', name: 'settings', component: () => import('./views/SettingsView.vue') },
    { path: '/:rest(.*)', redirect: '/datasets' },
  ],
})

const titles: Readonly<Record<string, string>> = { ...Object.fromEntries(rooms.map(({ name, title }) => [name, title])), models: 'Models', settings: 'Settings' }
router.afterEach(({ name }) => { document.title = `${titles[String(name)] ?? 'Studio'} - RLHF Studio` })
