import { describe, expect, it } from 'vitest'
import { impersonal, studioReport } from '../../src-main/devices/studio-report'
import type { Run } from '../../src-shared/records/run'

const failed = (over: Partial<Run>): Run =>
  ({
    id: 'run-1',
    name: 'Letters to my mother',
    recipe: 'dpo',
    state: 'failed',
    device: 'cpu',
    step: 7,
    programVersion: '0.1.0',
    endedAtMs: 1,
    ...over,
  }) as Run

describe('the report of a studio', () => {
  const report = studioReport({
    version: '0.1.0',
    host: 'electron',
    devices: [
      { id: 'cpu', name: 'CPU, 2 threads, compiled', isUsable: true, isDefault: true },
      {
        id: 'cuda',
        name: 'CUDA',
        isUsable: false,
        isDefault: false,
        whyNot: 'No driver in /home/mia/drivers.',
      },
    ],
    runs: [
      failed({
        error: 'The disk is full: /home/mia/letters/registry.sqlite could not be written.',
        endedAtMs: 1,
      }),
      failed({ recipe: 'sft', error: 'The compute process ran out of memory at update 7.', endedAtMs: 2 }),
    ],
  })

  it('says versions, devices and why one cannot be used', () => {
    expect(report).toContain('RLHF Studio 0.1.0, electron')
    expect(report).toContain(`node ${process.versions.node}`)
    expect(report).toContain('- cpu: CPU, 2 threads, compiled')
    expect(report).toContain('- cuda: CUDA; not usable: No driver in (path)')
  })

  it('says the last failures, the newest first', () => {
    expect(report.split('\n').slice(-2)).toEqual([
      '- sft on cpu, update 7, version 0.1.0: The compute process ran out of memory at update 7.',
      '- dpo on cpu, update 7, version 0.1.0: The disk is full: (path) could not be written.',
    ])
  })

  it('names no person, file or run', () => expect(report).not.toMatch(/mia|letters|mother|registry/i))
})

describe('a sentence for others', () => {
  it.each([
    ['C:\\Users\\Mia\\My-letters\\a.jsonl is not there (any more).', '(path) is not there (any more).'],
    ['“Dear mother” is longer than the model reads.', '“…” is longer than the model reads.'],
    ['letters.jsonl was not imported: line 3.', '(file) was not imported: line 3.'],
    ['Ask at https://hub.example/mia/letters?token=secret again.', 'Ask at (address) again.'],
    ['mia@example.org may not read it', '(address) may not read it'],
    ['update 3 of 400; 1/2 of the rows', 'update 3 of 400; 1/2 of the rows'],
  ])('%s', (said, expected) => expect(impersonal(said)).toBe(expected))
})
