/**
 * All that the page gets from Electron: a way to ask for its one message port, and where a chosen file lies.
 */
import { contextBridge, ipcRenderer, webUtils } from 'electron'

ipcRenderer.on('studio:port', (event) => window.postMessage('studio:port', '/', event.ports))

contextBridge.exposeInMainWorld('studioHost', {
  connect: () => ipcRenderer.send('studio:connect'),
  pathOf: (file: File) => webUtils.getPathForFile(file),
})
