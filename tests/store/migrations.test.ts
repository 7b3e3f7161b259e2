import { createHash } from 'node:crypto'
import Database from 'better-sqlite3'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { knownTo } from '../../src-main/runs/run-knows'
import { openRegistry } from '../../src-main/store/database'
import { markExamples } from '../../src-main/store/example-versions'
import { examplesOf, pageOfExamples } from '../../src-main/store/examples'
import { comparisonOf } from '../../src-main/store/comparisons'
import { contendersOf } from '../../src-main/store/contenders'
import { judgmentWatermark, labelProgress, undoJudgment } from '../../src-main/store/judgments'
import { appendLog, logOf } from '../../src-main/store/log-lines'
import { listCheckpoints } from '../../src-main/store/checkpoints'
import type { ReadableDb } from '../../src-main/store/handle'
import { migrate, migrations } from '../../src-main/store/migrations'
import { listRuns } from '../../src-main/store/runs'
import { importedDataset, testFolder, testRegistry } from '../helpers/registry'
import { asked, user } from '../helpers/turns'

/**
 * A landed migration is never edited: its text is what files out there were made with. A new one adds its
 * line here.
 */
const landed: readonly string[] = [
  '77b2f7cae23173c3',
  'ded38fa15443dfb1',
  '06c1d47d66228d5b',
  '0e16512aa2e411dd',
  '802c184cbbe58418',
  '1d40a2650e139172',
  '8553fd311ef40af1',
  'eeeb3292ea8292e1',
  '137e2c281abc3c02',
  '59794dc96ee73ca5',
  '3ad2466a4dd57b5c',
  '77a58757af735b75',
  '92d2cfd8d2ec9e16',
  '0c72d5bd423ab99b',
  '5c7947e3f3f085e6',
  '240d8dc5d51d332a',
  '6bde4c2bbbc20364',
  '9d1d3fcdc9b8d337',
  'f4601c01c389ce39',
  '4b716b7005119da7',
  '506bc1eab7503b2a',
  '4fea309b1cd01ae9',
]

/** A registry as a studio left it that knew only the first `version` migrations. */
function olderRegistry(version: number) {
  const file = path.join(testFolder(), 'registry.sqlite')
  const raw = new Database(file)
  for (const { sql } of migrations.slice(0, version)) raw.exec(sql)
  raw.pragma(`application_id = ${Buffer.from('RLHF').readUInt32BE()}`)
  raw.pragma(`user_version = ${version}`)
  return { file, raw }
}

describe('the migrations', () => {
  it('are those that landed, to the letter', () => {
    expect(migrations.map(({ sql }) => createHash('sha256').update(sql).digest('hex').slice(0, 16))).toEqual(
      landed,
    )
  })

  it('bring an empty file to the present schema, marked as ours', () => {
    const db = testRegistry()
    expect(db.get('PRAGMA user_version')).toEqual({ user_version: migrations.length })
    expect(db.get('PRAGMA application_id')).toEqual({ application_id: Buffer.from('RLHF').readUInt32BE() })
  })

  it('do nothing to a file that has them', () => {
    const db = testRegistry()
    const schema = db.all('SELECT * FROM sqlite_schema')
    migrate(db)
    expect(db.all('SELECT * FROM sqlite_schema')).toEqual(schema)
  })

  it('are whole or not at all: a file that cannot take one stays at the version before', () => {
    const file = path.join(testFolder(), 'registry.sqlite')
    openRegistry(file).close()
    const raw = new Database(file)
    // pretends to be older than it is: its tables are in the way of the first migration
    raw.exec('PRAGMA user_version = 0')
    raw.exec('DROP TABLE registry')
    expect(() => openRegistry(file)).toThrow(/says that it is of format 0/)
    expect(raw.pragma('user_version', { simple: true })).toBe(0)
    // made first, taken back
    expect(raw.prepare("SELECT name FROM sqlite_schema WHERE name = 'registry'").all()).toEqual([])
    raw.close()
  })
})

describe('a log line', () => {
  it('from before it knew its update still reads, without one', () => {
    const { file, raw } = olderRegistry(1)
    raw.exec(
      'INSERT INTO runs (id, name, recipe, state, settings, judgment_watermark, device, program_version, ' +
        "created_at_ms) VALUES (1, 'ppo-01', 'ppo', 'finished', '{}', 0, 'cpu', '0', 0)",
    )
    raw.exec("INSERT INTO log_lines (run_id, at_ms, level, text) VALUES (1, 5, 'alarm', 'KL is below zero.')")
    raw.close()

    const db = openRegistry(file)
    appendLog(db, 'run-1', [{ atMs: 6, step: 12, level: 'info', text: 'Later.' }])
    expect(logOf(db, 'run-1')).toEqual([
      { atMs: 5, level: 'alarm', text: 'KL is below zero.' },
      { atMs: 6, step: 12, level: 'info', text: 'Later.' },
    ])
    db.close()
  })
})

describe('a checkpoint', () => {
  it('from before adapters were imported stands on nothing', () => {
    const { file, raw } = olderRegistry(4)
    raw.exec(
      'INSERT INTO checkpoints (name, kind, step, parameters, context_tokens, tokenizer, bytes, path, ' +
        "created_at_ms) VALUES ('Old', 'language-model', 0, 1, 1, '', 1, 'old.safetensors', 0)",
    )
    raw.close()
    const db = openRegistry(file)
    const [old] = listCheckpoints(db)
    expect(old).toMatchObject({ name: 'Old' })
    expect(old).not.toHaveProperty('base')
    db.close()
  })
})

/** Puts runs with these settings into a registry that has had only the first `version` migrations. */
function registryWithRuns(version: number, runs: readonly (readonly [recipe: string, settings: string])[]) {
  const { file, raw } = olderRegistry(version)
  const insert = raw.prepare(
    'INSERT INTO runs (name, recipe, state, settings, judgment_watermark, device, program_version, ' +
      "created_at_ms) VALUES ('old', ?, 'stopped', ?, 0, 'cpu', '0', 0)",
  )
  for (const run of runs) insert.run(...run)
  raw.close()
  return openRegistry(file)
}

/** Settings as they are stored, in the order the runs came. */
const storedSettings = (db: ReadableDb): readonly string[] =>
  db.all<{ settings: string }>('SELECT settings FROM runs ORDER BY id').map(({ settings }) => settings)

describe('a reward model’s run', () => {
  it('from before there were margins goes on without, and no other run is touched', () => {
    const db = registryWithRuns(5, [
      ['reward', '{"centering":0.1}'],
      ['sft', '{"epochs":2}'],
    ])
    expect(listRuns(db).map(({ settings }) => settings)).toEqual([
      { epochs: 2 },
      { centering: 0.1, margin: 0 },
    ])
    db.close()
  })

  it('whose settings are damaged is left as it is, and the registry opens', () => {
    const db = registryWithRuns(5, [
      ['reward', '{"centering":'],
      ['reward', '{"centering":0.1}'],
    ])
    expect(storedSettings(db)).toEqual(['{"centering":', '{"centering":0.1,"margin":0}'])
    db.close()
  })
})

describe('a policy’s run', () => {
  it('from before rewards were a sum has its one reward and the judge that watched', () => {
    const db = registryWithRuns(6, [
      ['ppo', '{"rewardFrom":"lexicon","topK":30}'],
      ['ppo', '{"rewardFrom":"reward-model"}'],
      ['sft', '{"epochs":2}'],
    ])
    expect(listRuns(db).map(({ settings }) => settings)).toEqual([
      { epochs: 2 },
      { rewards: 'reward-model + 0 * wink' },
      { rewards: 'lexicon + 0 * wink', topK: 30 },
    ])
    db.close()
  })

  it('whose settings are damaged is left as it is, and the registry opens', () => {
    const db = registryWithRuns(6, [
      ['ppo', ''],
      ['ppo', '{"rewardFrom":"lexicon"}'],
    ])
    expect(storedSettings(db)).toEqual(['', '{"rewards":"lexicon + 0 * wink"}'])
    db.close()
  })
})

describe('a comparison', () => {
  it('from before its writers were kept has none, its verdict no window and no name, its queue no contenders', () => {
    const { file, raw } = olderRegistry(7)
    raw.exec(`
      INSERT INTO datasets (id, name, kind, origin, state, rows, bytes, file_name, terms, created_at_ms) VALUES
        (1, 'Prompts', 'prompts', 'imported', 'ready', 1, 1, '', '', 0),
        (2, 'Judgments', 'preferences', 'judgments', 'ready', 0, 0, '', '', 0);
      INSERT INTO checkpoints (
        id, name, kind, step, parameters, context_tokens, tokenizer, bytes, path, created_at_ms)
        VALUES (1, 'Old', 'language-model', 0, 1, 1, '', 1, 'old.safetensors', 0);
      INSERT INTO queues (
        id, dataset_id, name, checkpoint_id, prompt_dataset_id, sampling, goal, guidance, created_at_ms)
        VALUES (1, 2, 'q', 1, 1, '{}', 9, '', 0);
      INSERT INTO comparisons (
        id, queue_id, place, created_at_ms, prompt,
        left_text, left_tokens, left_has_ended, right_text, right_tokens, right_has_ended)
        VALUES (1, 1, 1, 0, 'p', 'a', 1, 1, 'b', 1, 1);
      INSERT INTO judgments (comparison_id, verdict, judged_at_ms) VALUES (1, 'left', 5);`)
    raw.close()
    const db = openRegistry(file)
    expect(comparisonOf(db, 'comparison-1').prompt).toBe('p')
    expect([...examplesOf(db, 'dataset-2')]).toMatchObject([{ prompt: 'p', completion: 'a', rejected: 'b' }])
    expect(comparisonOf(db, 'comparison-1').left).toEqual({ text: 'a', tokens: 1, hasEnded: true })
    expect(labelProgress(db, 'queue-1').recent).toMatchObject([{ verdict: 'left', window: '' }])
    expect(labelProgress(db, 'queue-1').recent[0]).not.toHaveProperty('annotator')
    expect(contendersOf(db, 'queue-1')).toEqual([])
    db.close()
  })
})

describe('a registry of the first version', () => {
  it('has texts and transcripts that stay what they are, beside conversations that come later', () => {
    const transcript = '\n\nHuman: Egg?\n\nAssistant:'
    const { file, raw } = olderRegistry(1)
    raw.exec(`
      INSERT INTO datasets (id, name, kind, origin, state, rows, bytes, file_name, terms, content_hash, summary,
        created_at_ms)
        VALUES (1, 'Old', 'preferences', 'imported', 'ready', 1, 1, '', '', 'h', '{"histograms":[]}', 0)`)
    raw
      .prepare('INSERT INTO examples (id, prompt, completion, rejected) VALUES (?, ?, ?, ?)')
      .run(2 ** 32 + 1, transcript, ' Eight.', ' No.')
    raw.exec(
      `INSERT INTO examples_search (rowid, prompt, completion, rejected)
        SELECT id, prompt, completion, rejected FROM examples`,
    )
    raw.close()

    const db = openRegistry(file)
    expect([...examplesOf(db, 'dataset-1')]).toEqual([
      {
        id: 2 ** 32 + 1,
        datasetId: 'dataset-1',
        row: 1,
        isFlagged: false,
        prompt: transcript,
        completion: ' Eight.',
        rejected: ' No.',
      },
    ])
    const found = { filter: { search: 'eight' }, offset: 0, limit: 9 }
    expect(pageOfExamples(db, 'dataset-1', found).total).toBe(1)
    const prompt = asked(user('Egg?'))
    const { id } = importedDataset(db, 'prompts', [{ prompt }])
    expect([...examplesOf(db, id)]).toMatchObject([{ prompt }])
    db.close()
  })
})

describe('the schema', () => {
  it('has only strict tables', () => {
    const db = testRegistry()
    const loose = db.all<{ name: string }>(
      "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND strict = 0 AND " +
        "name NOT LIKE 'sqlite_%' AND name NOT LIKE 'examples_search%'",
    )
    expect(loose).toEqual([])
  })

  it('follows foreign keys, keeps a log ahead of the file, and waits for the disk', () => {
    const db = testRegistry()
    expect(db.get('PRAGMA foreign_keys')).toEqual({ foreign_keys: 1 })
    expect(db.get('PRAGMA journal_mode')).toEqual({ journal_mode: 'wal' })
    expect(db.get('PRAGMA synchronous')).toEqual({ synchronous: 2 }) // FULL
  })
})

describe('a judgment', () => {
  it('from before there were other ways to judge stays what it was, and may be taken back', () => {
    const { file, raw } = olderRegistry(12)
    raw.exec(`
      INSERT INTO datasets (id, name, origin, state, rows, bytes, file_name, terms, created_at_ms, kind) VALUES
        (1, 'p', 'imported', 'ready', 0, 0, '', '', 0, 'prompts'),
        (2, 'j', 'judgments', 'ready', 0, 0, '', '', 0, 'preferences');
      INSERT INTO checkpoints (id, name, kind, step, parameters, context_tokens, tokenizer, bytes, path, created_at_ms)
        VALUES (1, 'c', 'language-model', 0, 1, 1, '', 1, 'c', 0);
      INSERT INTO queues (
          id, dataset_id, name, checkpoint_id, prompt_dataset_id, sampling, goal, guidance, created_at_ms)
        VALUES (1, 2, 'q', 1, 1, '{}', 9, '', 0);
      INSERT INTO comparisons (queue_id, place, created_at_ms, prompt, left_text, left_tokens, left_has_ended,
          right_text, right_tokens, right_has_ended)
        VALUES (1, 1, 0, 'p', 'l', 1, 1, 'r', 1, 1), (1, 2, 0, 'p', 'l2', 1, 1, 'r2', 1, 1);
      INSERT INTO judgments (comparison_id, verdict, margin, judged_at_ms, window, annotator)
        VALUES (1, 'left', 'slightly', 5, 'w', 'Ada'), (2, 'tie', NULL, 6, 'w', 'Ada'),
          (2, 'retracted', NULL, 7, 'w', 'Ada');`)
    raw.close()
    const db = openRegistry(file)
    expect([...examplesOf(db, 'dataset-2')]).toMatchObject([
      { completion: 'l', rejected: 'r', margin: 'slightly' },
    ])
    expect(labelProgress(db, 'queue-1')).toMatchObject({ judged: 1, pairs: 1, goal: 9 })
    const undo = { queueId: 'queue-1', nowMs: 8, window: 'v', others: [], annotator: 'Ada' }
    expect(undoJudgment(db, undo)?.place).toBe(1)
    expect(judgmentWatermark(db)).toBe(4)
    expect(() => db.run('DELETE FROM judgments')).toThrow('append-only')
    expect(() => db.run("UPDATE judgments SET verdict = 'tie'")).toThrow('append-only')
    db.close()
  })
})

describe('an example', () => {
  it('from before it could be left out is trained on, and so is it by a run of then', () => {
    const { file, raw } = olderRegistry(18)
    raw.exec(`
      INSERT INTO datasets (id, name, origin, state, rows, bytes, file_name, terms, created_at_ms, kind)
        VALUES (1, 't', 'imported', 'ready', 1, 0, '', '', 0, 'text');
      INSERT INTO examples (id, completion) VALUES (4294967297, 'said');
      INSERT INTO runs (name, recipe, state, settings, judgment_watermark, device, program_version, created_at_ms)
        VALUES ('sft-01', 'sft', 'stopped', '{}', 0, 'cpu', '0', 0);`)
    raw.close()
    const db = openRegistry(file)
    expect([...examplesOf(db, 'dataset-1')]).toMatchObject([{ completion: 'said' }])
    markExamples(db, [{ exampleId: 4294967297, isExcluded: true }], 5)
    expect([...examplesOf(db, 'dataset-1')]).toEqual([])
    const [run] = listRuns(db)
    expect([...examplesOf(db, 'dataset-1', knownTo(run!))]).toMatchObject([{ completion: 'said' }])
    expect(() => db.run('UPDATE example_versions SET is_excluded = 0')).toThrow('append-only')
    db.close()
  })
})
