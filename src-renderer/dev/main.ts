/** Entry of the page alone: every room on sample records, and the gallery of components at #/gallery. */
import { createPinia } from 'pinia'
import { createApp } from 'vue'
import { apiKey } from '../api'
import App from '../App.vue'
import { router } from '../router'
import '../styles/studio.css'
import { sampleApi } from './sample-api'

router.addRoute({ path: '/gallery', name: 'gallery', component: () => import('./GalleryView.vue') })
createApp(App).provide(apiKey, sampleApi()).use(createPinia()).use(router).mount('#studio')
