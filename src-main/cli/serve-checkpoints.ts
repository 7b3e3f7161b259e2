/**
 * `studio serve CHECKPOINT …`: checkpoints behind OpenAI's addresses, until Ctrl C. Reads the registry, writes
 * nothing.
 */
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { StudioFailure } from '../../src-shared/result'
import { secret } from '../border/door'
import { startEndpoint, type Endpoint, type EndpointOptions } from '../endpoint/endpoint'
import { servedModels } from '../endpoint/served-models'
import { warmProcess } from '../processes/warm-process'
import { listCheckpoints } from '../store/checkpoints'
import type { ReadableDb } from '../store/handle'
import { byNameOrId } from './look-up'
import type { Surroundings } from './surroundings'
import type { Terminal } from './terminal'

interface Place {
  readonly db: ReadableDb
  readonly around: Pick<Surroundings, 'fork' | 'now'>
  readonly terminal: Terminal
  readonly registryPath: string
}

interface Options {
  readonly port?: string
  readonly key?: string
  readonly origin?: readonly string[]
}

export async function serveCheckpoints(
  { db, around, terminal, registryPath }: Place,
  asked: readonly string[],
  options: Options,
  signal: AbortSignal,
): Promise<void> {
  const models = modelsAsked(db, asked)
  const key = options.key ?? secret()
  const warm = warmProcess(registryPath, around.fork)
  try {
    const endpoint = await opened(
      {
        models,
        write: warm.write,
        key,
        ...(options.origin && { origins: options.origin }),
        now: around.now,
        drawSeed: () => randomInt(2 ** 32),
        reportBug: (where, error) => console.error(`${where}:`, error),
      },
      portFrom(options.port),
    )
    const address = {
      baseUrl: `http://127.0.0.1:${endpoint.port}/v1`,
      apiKey: key,
      models: models().map(({ id }) => id),
    }
    terminal.result(address, () => linesOf(address))
    if (!signal.aborted) await once(signal, 'abort')
    endpoint.close()
  } finally {
    warm.close()
  }
}

/** Those named stay; “all” is asked anew with each request: what a run has made since is there, too. */
function modelsAsked(db: ReadableDb, asked: readonly string[]): EndpointOptions['models'] {
  if (asked.length === 1 && asked[0] === 'all') return () => servedModels(listCheckpoints(db))
  const chosen = asked.map((each) => byNameOrId(listCheckpoints(db), each, 'CHECKPOINT'))
  const mute = chosen.find(({ kind }) => kind !== 'language-model')
  if (mute) refuse('CHECKPOINT', `“${mute.name}” is a reward model; it writes no text`)
  const models = servedModels(chosen)
  return () => models
}

function portFrom(text: string | undefined): number {
  const port = Number(text ?? 0)
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    refuse('--port', `must be a whole number between 0 and 65535, not “${text}”`)
  return port
}

const portProblems: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is taken by another program: choose another, or leave it out',
  EACCES: 'may not be used here: choose one above 1023, or leave it out',
}

async function opened(options: EndpointOptions, port: number): Promise<Endpoint> {
  try {
    return await startEndpoint(options, port)
  } catch (error) {
    const problem = portProblems[(error as NodeJS.ErrnoException).code ?? '']
    if (problem === undefined) throw error
    return refuse('--port', problem)
  }
}

function refuse(field: string, problem: string): never {
  throw new StudioFailure({ kind: 'invalid-input', field, problem })
}

const linesOf = ({
  baseUrl,
  apiKey,
  models,
}: {
  baseUrl: string
  apiKey: string
  models: readonly string[]
}) =>
  [
    `OPENAI_BASE_URL=${baseUrl}`,
    `OPENAI_API_KEY=${apiKey}`,
    ...models.map((model) => `  model: ${model}`),
    'Ctrl C ends it.',
  ].join('\n')
