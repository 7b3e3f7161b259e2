/**
 * A run that meets the end of the memory it may have: a limit on its process stands in for a machine that is
 * full.
 */
import { spawn } from 'node:child_process'
import { describe, expect, it, onTestFinished } from 'vitest'
import { defaultsOf } from '../../src-shared/fields'
import { pretrainFields } from '../../src-shared/recipes/pretrain'
import type { RunEvent } from '../../src-main/processes/messages'
import { createRun } from '../../src-main/store/runs'
import { builtMain } from '../helpers/built-main'
import { importedDataset, testRegistry } from '../helpers/registry'
import { skipped, whyNotLinux } from '../helpers/skipping'

/** Trains in a process that may not have more addresses than that. */
async function trained(
  kilobytes: number,
  settings: Readonly<Record<string, number>>,
): Promise<readonly RunEvent[]> {
  const db = testRegistry()
  const { computeProcess } = await builtMain()
  const texts = importedDataset(
    db,
    'text',
    Array.from({ length: 40 }, (_, row) => ({ completion: `text number ${row}, and so on` })),
  )
  const run = createRun(db, {
    name: 'large',
    recipe: 'pretrain',
    settings: { ...defaultsOf(pretrainFields), ...settings },
    inputs: { texts: [texts.id] },
    device: 'cpu',
    threads: 1,
    programVersion: '0',
    createdAtMs: 1,
  })
  const child = spawn(
    'bash',
    ['-c', `ulimit -v ${kilobytes}; exec "$0" "$1"`, process.execPath, computeProcess],
    { stdio: ['ignore', 'ignore', 'ignore', 'ipc'], serialization: 'advanced' },
  )
  onTestFinished(() => {
    child.kill()
  })
  const events: RunEvent[] = []
  const ended = new Promise<void>((resolve) => {
    child.on('message', (message: { readonly kind: string; readonly events?: readonly RunEvent[] }) => {
      if (message.kind === 'events') events.push(...(message.events ?? []))
    })
    child.on('close', () => {
      resolve()
    })
  })
  child.send({ kind: 'train', run: { registryPath: db.path, runId: run.id } })
  await ended
  return events
}

describe.skipIf(whyNotLinux !== undefined)(`out of memory${skipped(whyNotLinux)}`, () => {
  it.each([
    [
      'in a graph',
      13_000_000,
      { layers: 2, width: 256, contextTokens: 512, batchRows: 512 },
      /^The memory of the device is full\. The run can go on from its newest checkpoint\.$/,
    ],
    [
      'for its parameters',
      8_000_000,
      { layers: 8, heads: 8, width: 512 },
      /^The system has no [\d.]+ GB of memory to give: close other programs, choose a smaller model, or train an adapter alone\. The run can go on/,
    ],
  ])('%s, a run ends with the reason in words', async (_, kilobytes, settings, reason) => {
    const events = await trained(kilobytes, settings)
    expect(events.at(-1)).toEqual({
      kind: 'ended',
      state: 'failed',
      error: expect.stringMatching(reason) as string,
    })
  })
})
