/**
 * The page's one line to main: a MessagePort in Electron, a WebSocket from the headless server. The rest of
 * the page does not know which. A dropped line is opened again; what was under way on it ends with
 * `disconnected`.
 */
import { inject, readonly, ref, type InjectionKey, type Ref } from 'vue'
import { connect, type Api, type Frame, type Wire } from '../src-shared/wire'

/** What the preload script gives the page in Electron. */
interface StudioHost {
  /** Asks for a port, which arrives as a message. */
  connect(): void
  /** Where a file the person chose lies. */
  pathOf(file: File): string
}

declare global {
  interface Window {
    readonly studioHost?: StudioHost
  }
}

export interface StudioApi extends Api {
  /** False while the line to main is down. */
  readonly isConnected: Readonly<Ref<boolean>>
  /** True while a server answers that does not know this browser: it was started again. */
  readonly isRefused: Readonly<Ref<boolean>>
  /**
   * A path that main can read: the file's own, or that of a copy sent to the server.
   * @throws Error in words
   */
  pathOf(file: File, signal: AbortSignal): Promise<string>
  /** The folder that was chosen, from its first file; only where the page may know where files lie. */
  readonly folderOf: ((first: File) => string) | undefined
}

export const apiKey: InjectionKey<StudioApi> = Symbol('api')

/** @throws Error outside the studio: a component asked for main without being given it */
export function useApi(): StudioApi {
  const api = inject(apiKey)
  if (!api) throw new Error('no line to main was provided')
  return api
}

const retryMs = 1000

export function openApi(): StudioApi {
  const { api, isConnected, isRefused } = openLine()
  const host = window.studioHost
  return {
    isConnected: readonly(isConnected),
    isRefused: readonly(isRefused),
    call: async (name, input) => (await api()).call(name, input),
    async *stream(name, input, signal) {
      yield* (await api()).stream(name, input, signal)
    },
    pathOf: async (file, signal) => host?.pathOf(file) ?? upload(file, signal),
    folderOf: host && ((first) => folderAbove(host.pathOf(first), first.webkitRelativePath)),
  }
}

interface Line {
  /** Main at the other end, as soon as the line is up. */
  api(): Promise<Api>
  readonly isConnected: Ref<boolean>
  readonly isRefused: Ref<boolean>
}

/** A line that is opened again whenever it drops. */
function openLine(): Line {
  const isConnected = ref(false)
  const isRefused = ref(false)
  const waiting: ((api: Api) => void)[] = []
  let current: Api | undefined

  async function open(): Promise<void> {
    try {
      const wire = await (window.studioHost ? portWire(window.studioHost) : socketWire())
      current = connect(wire)
      isConnected.value = true
      isRefused.value = false
      for (const resolve of waiting.splice(0)) resolve(current)
      wire.onClose(lost)
    } catch {
      isRefused.value = await doesServerAnswer()
      lost()
    }
  }

  function lost(): void {
    current = undefined
    isConnected.value = false
    setTimeout(() => void open(), retryMs)
  }

  void open()
  return {
    api: () => (current ? Promise.resolve(current) : new Promise((resolve) => waiting.push(resolve))),
    isConnected,
    isRefused,
  }
}

/** A file at /models/small/onnx/a.bin, chosen with its folder as small/onnx/a.bin: /models/small. */
const folderAbove = (path: string, relativePath: string): string =>
  path
    .split(/[\\/]/)
    .slice(0, 1 - relativePath.split('/').length)
    .join(path.includes('\\') ? '\\' : '/')

/** Main answers `connect` with one end of a channel. */
function portWire(host: StudioHost): Promise<Wire> {
  return new Promise((resolve) => {
    window.addEventListener('message', function take(event) {
      const port = event.ports[0]
      if (event.source !== window || event.data !== 'studio:port' || !port) return
      window.removeEventListener('message', take)
      resolve({
        send: (frame) => port.postMessage(frame),
        onFrame: (listener) => {
          port.onmessage = (message) => listener(message.data as Frame)
        },
        onClose: (listener) => port.addEventListener('close', () => listener()),
      })
    })
    host.connect()
  })
}

async function socketWire(): Promise<Wire> {
  await enter()
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/ws`)
    socket.onerror = () => reject(new Error('the studio’s server does not answer'))
    socket.onopen = () =>
      resolve({
        send: (frame) => socket.send(JSON.stringify(frame)),
        onFrame: (listener) => {
          socket.onmessage = (message) => listener(JSON.parse(String(message.data)) as Frame)
        },
        onClose: (listener) => socket.addEventListener('close', () => listener()),
      })
  })
}

/** A closed socket does not say why. When the page itself is still served, this browser is not known. */
const doesServerAnswer = (): Promise<boolean> =>
  window.studioHost
    ? Promise.resolve(false)
    : fetch('/', { method: 'HEAD' }).then(
        ({ ok }) => ok,
        () => false,
      )

/**
 * Exchanges the token of the address the page was opened with (the router may have put its slash there already) for a
 * cookie, and takes it out of the address bar. An address opened a second time is known by its cookie.
 */
async function enter(): Promise<void> {
  const token = /^#\/?token=(.+)$/.exec(location.hash)?.[1]
  if (token === undefined) return
  history.replaceState(null, '', `${location.pathname}#/`)
  await fetch('/enter', { method: 'POST', headers: { 'x-studio-token': decodeURIComponent(token) } })
}

/** A browser may not say where a file lies, so the server gets a copy, which it deletes after the import. */
async function upload(file: File, signal: AbortSignal): Promise<string> {
  const response = await fetch(`/upload?name=${encodeURIComponent(file.name)}`, {
    method: 'POST',
    body: file,
    signal,
  })
  const answer = (await response.json()) as { readonly path?: string; readonly problem?: string }
  if (!answer.path) throw new Error(answer.problem ?? 'The server did not take the file.')
  return answer.path
}
