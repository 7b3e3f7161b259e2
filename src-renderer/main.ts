/** Entry of the page: connects to main once, then shows the rooms. */
import { createPinia } from 'pinia'
import { createApp } from 'vue'
import { apiKey, openApi } from './api'
import App from './App.vue'
import { fetchAllRooms, router } from './router'
import './styles/studio.css'

createApp(App).provide(apiKey, openApi()).use(createPinia()).use(router).mount('#studio')
void fetchAllRooms()
