import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { judgmentsCommand, tasksCommand, waitingIn } from '../../src-main/cli/label-elsewhere'
import { openTerminal } from '../../src-main/cli/terminal'
import { judgmentsIn } from '../../src-main/labels/judgments-elsewhere'
import { openReadOnly, openRegistry } from '../../src-main/store/database'
import { testQueue } from '../helpers/labels'
import { testFolder } from '../helpers/registry'
import { testStudio } from '../helpers/test-studio'

interface Task {
  readonly data: Readonly<Record<string, unknown>>
}

/** As Label Studio exports it. */
const annotated = (task: Task, selected: string, more: object = {}) => ({
  ...task,
  annotations: [
    {
      completed_by: { id: 1, email: 'ada@labels.example' },
      result: [{ from_name: 'preference', to_name: 'preference', type: 'pairwise', value: { selected } }],
      ...more,
    },
  ],
})

describe('judgments from elsewhere', () => {
  it('are taken once, each for its own item by id and by text, and nothing else is', async () => {
    const folder = testFolder()
    const writing = openRegistry(join(folder, 'registry.sqlite'))
    const { queue } = testQueue(writing, 5)
    writing.close()
    const { api, ask } = await testStudio({ folder })
    const db = openReadOnly(join(folder, 'registry.sqlite'))
    let text = ''
    tasksCommand(db, { queue: queue.id, program: 'label-studio' }, { write: (more) => (text += more) })
    const tasks = JSON.parse(text) as readonly Task[]
    expect(tasks).toHaveLength(5)
    const file = join(folder, 'answered.json')
    const ofAnother = { data: { ...tasks[2]!.data, left: 'of another registry' } }
    writeFileSync(
      file,
      JSON.stringify([
        annotated(tasks[0]!, 'left'),
        annotated(tasks[1]!, 'right'),
        annotated(tasks[1]!, 'left'), // somebody else, on what has a verdict by then
        annotated(ofAnother, 'left'),
        annotated(tasks[3]!, 'left', { was_cancelled: true }),
        { ...tasks[4]!, annotations: [] },
      ]),
    )
    let said = ''
    const terminal = openTerminal(
      { out: { write: (more) => (said += more) }, err: { write: () => true } },
      true,
      () => 0,
    )
    await judgmentsCommand(api, waitingIn(db, queue.id), file, terminal)
    expect(JSON.parse(said)).toEqual({ taken: 2, passedOver: 1, judgedAlready: 1, notWaiting: 1 })
    const kept = await ask('labels.export', { queueId: queue.id, format: 'jsonl' })
    expect(
      kept.text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).toMatchObject([
      { verdict: 'left', annotator: 'ada@labels.example' },
      { verdict: 'right', annotator: 'ada@labels.example' },
    ])
    db.close()
  })

  it.each([
    ['no JSON', 'a.json: is no list of objects in JSON'],
    ['{}', 'a.json: is no list of objects in JSON'],
    ['[1]', 'a.json: is no list of objects in JSON'],
    ['[{"annotator": 1, "preference": "left"}]', 'a.json: item 1 knows no item of a queue'],
  ])('are refused in words when the file is %s', (text, words) => {
    expect(() => judgmentsIn(text, 'a.json', 'pair')).toThrow(words)
  })

  it('of a mode that others have no question for are refused', () => {
    expect(() => judgmentsIn('[]', 'a.json', 'edit')).toThrow(
      'for which Argilla and Label Studio have no question',
    )
  })
})
