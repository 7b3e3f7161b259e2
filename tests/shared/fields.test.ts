import { describe, expect, it } from 'vitest'
import { choice, integer, labelOf, parseSettings, text } from '../../src-shared/fields'

const described = { group: 'Group', doc: 'What it does.' }
const fields = {
  epochs: integer({ ...described, default: 3, min: 1, max: 9, unit: 'epochs' }),
  order: choice(['shuffled', 'as-listed'], { ...described, default: 'shuffled' }),
  targets: text({ ...described, default: 'q, v' }),
  frozen: text({ ...described, default: '' }),
}
const problemsOf = (given: Record<string, unknown>) => parseSettings(fields, given).problems

describe('settings', () => {
  it('are the defaults where nothing is given', () => {
    expect(parseSettings(fields, {})).toEqual({
      settings: { epochs: 3, order: 'shuffled', targets: 'q, v', frozen: '' },
      problems: [],
    })
  })

  it('are text without the spaces around it', () => {
    expect(parseSettings(fields, { targets: ' all ', frozen: ' ln_* ' }).settings).toMatchObject({
      targets: 'all',
      frozen: 'ln_*',
    })
  })

  it('may be empty only where the default is', () => {
    expect(problemsOf({ targets: '  ' })).toEqual([{ field: 'targets', problem: 'must not be empty' }])
    expect(problemsOf({ frozen: '' })).toEqual([])
  })

  it('are refused by name with what is wrong', () => {
    expect(
      problemsOf({ epochs: 10, order: 'sorted', frozen: 7, targets: 'a'.repeat(1001), speed: 1 }),
    ).toEqual([
      { field: 'speed', problem: 'is not a setting of this recipe' },
      { field: 'epochs', problem: 'must be between 1 and 9 epochs' },
      { field: 'order', problem: 'must be one of shuffled, as-listed' },
      { field: 'targets', problem: 'must be at most 1000 characters' },
      { field: 'frozen', problem: 'must be text' },
    ])
  })

  it('are labelled as people write', () => {
    expect(['learningRate', 'klBeta', 'loraRank'].map(labelOf)).toEqual([
      'Learning rate',
      'KL beta',
      'LoRA rank',
    ])
  })
})
