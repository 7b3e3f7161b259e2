/** Entry of the page that a team's members get: labelling, and nothing else of the studio. */
import { createPinia } from 'pinia'
import { createApp } from 'vue'
import { apiKey, openApi } from './api'
import TeamApp from './TeamApp.vue'
import './styles/studio.css'

createApp(TeamApp).provide(apiKey, openApi()).use(createPinia()).mount('#studio')
