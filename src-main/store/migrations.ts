/**
 * The schema: a list that only grows. A landed migration is never edited; `PRAGMA user_version` counts those
 * applied. A migration that reads JSON passes over rows that are none: one damaged run must not keep the
 * registry shut.
 */
import { StudioFailure } from '../../src-shared/result'
import type { ReadableDb, WritableDb } from './handle'
import { exampleVersionsSchema } from './example-versions-schema'
import { firstSchema } from './first-schema'
import { labelModesSchema } from './label-modes-schema'
import { turnsSchema } from './turns-schema'

export interface Migration {
  readonly name: string
  readonly sql: string
}

export const migrations: readonly Migration[] = [
  { name: 'datasets, labels, runs', sql: firstSchema },
  { name: 'a log line knows its update', sql: 'ALTER TABLE log_lines ADD COLUMN step INTEGER' },
  {
    name: 'a checkpoint knows its architecture, its licence and where it was imported from',
    sql: `ALTER TABLE checkpoints ADD COLUMN architecture TEXT NOT NULL DEFAULT 'gpt';
      ALTER TABLE checkpoints ADD COLUMN licence TEXT NOT NULL DEFAULT '';
      ALTER TABLE checkpoints ADD COLUMN imported_from TEXT`,
  },
  { name: 'a run knows its threads', sql: 'ALTER TABLE runs ADD COLUMN threads INTEGER' },
  {
    name: 'an imported adapter knows the checkpoint it stands on',
    sql: `ALTER TABLE checkpoints ADD COLUMN base_id INTEGER REFERENCES checkpoints (id);
      CREATE INDEX checkpoints_by_base ON checkpoints (base_id)`,
  },
  {
    name: 'a reward model of before there were margins goes on without',
    sql: `UPDATE runs SET settings = json_set(settings, '$.margin', 0)
      WHERE recipe = 'reward' AND json_valid(settings)`,
  },
  {
    name: 'a policy is rewarded by a sum: the one reward it had, and the judge that watched',
    sql: `UPDATE runs SET settings = json_remove(
        json_set(
          settings,
          '$.rewards',
          coalesce(json_extract(settings, '$.rewardFrom'), 'reward-model') || ' + 0 * wink'
        ),
        '$.rewardFrom')
      WHERE recipe = 'ppo' AND json_valid(settings)`,
  },
  {
    name: 'a completion knows what wrote it, a judgment its window',
    sql: `ALTER TABLE comparisons ADD COLUMN left_writer TEXT;
      ALTER TABLE comparisons ADD COLUMN right_writer TEXT;
      ALTER TABLE samples ADD COLUMN sampling TEXT;
      ALTER TABLE judgments ADD COLUMN window TEXT NOT NULL DEFAULT ''`,
  },
  {
    name: 'a queue may have several writers: an arena; a judgment knows who said it',
    sql: `CREATE TABLE contenders (                -- a queue that has some is an arena
        queue_id INTEGER NOT NULL REFERENCES queues (id),
        place INTEGER NOT NULL,
        checkpoint_id INTEGER NOT NULL REFERENCES checkpoints (id),
        sampling TEXT NOT NULL,                   -- JSON
        is_drawn INTEGER NOT NULL DEFAULT 1,      -- 0: rests, no new pair is drawn with it
        PRIMARY KEY (queue_id, place)
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX contenders_by_checkpoint ON contenders (checkpoint_id);
      ALTER TABLE judgments ADD COLUMN annotator TEXT NOT NULL DEFAULT ''`,
  },
  {
    name: 'automatic judges score what people judged in an arena',
    sql: `CREATE TABLE arena_judges (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        queue_id INTEGER NOT NULL REFERENCES queues (id),
        rewards TEXT NOT NULL,
        checkpoint_id INTEGER REFERENCES checkpoints (id) ON DELETE SET NULL,
        name TEXT NOT NULL
      ) STRICT;
      CREATE INDEX arena_judges_by_queue ON arena_judges (queue_id);
      CREATE INDEX arena_judges_by_checkpoint ON arena_judges (checkpoint_id);
      CREATE TABLE arena_scores (
        judge_id INTEGER NOT NULL REFERENCES arena_judges (id) ON DELETE CASCADE,
        comparison_id INTEGER NOT NULL REFERENCES comparisons (id),
        left_score REAL NOT NULL,
        right_score REAL NOT NULL,
        PRIMARY KEY (judge_id, comparison_id)
      ) STRICT, WITHOUT ROWID`,
  },
  { name: 'a conversation is turns, and stands beside what they say', sql: turnsSchema },
  {
    name: 'a dataset is of any kind that the program knows: the list was part of the column',
    sql: `ALTER TABLE datasets RENAME COLUMN kind TO listed_kind;
      ALTER TABLE datasets ADD COLUMN kind TEXT NOT NULL DEFAULT 'text';
      UPDATE datasets SET kind = listed_kind;
      ALTER TABLE datasets DROP COLUMN listed_kind`,
  },
  {
    name: 'what a reward model is worth on what it never saw is kept, row by row',
    sql: `CREATE TABLE reward_reports (
        run_id INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
        place INTEGER NOT NULL,                   -- in the order in which they are shown
        step INTEGER NOT NULL,                    -- the update after which it was measured
        part TEXT NOT NULL,
        name TEXT NOT NULL,
        count INTEGER NOT NULL,
        value REAL NOT NULL,
        low REAL,                                 -- 95 % interval
        high REAL,
        said REAL,                                -- calibration: how sure it said it was
        PRIMARY KEY (run_id, place)
      ) STRICT, WITHOUT ROWID`,
  },
  {
    name: 'runs ask people, and what was said is kept',
    sql: `CREATE TABLE live_questions (
        id INTEGER PRIMARY KEY,
        run_id INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
        asked TEXT NOT NULL,                      -- JSON: how, prompt, completions
        round INTEGER NOT NULL,                   -- the newest rollout that asks it
        asked_at_ms INTEGER NOT NULL,
        UNIQUE (run_id, asked)
      ) STRICT;
      CREATE TABLE live_answers (                 -- append-only: the newest of a question counts
        id INTEGER PRIMARY KEY,
        question_id INTEGER NOT NULL REFERENCES live_questions (id) ON DELETE CASCADE,
        answer REAL,                              -- absent: it was taken back
        annotator TEXT,
        answered_at_ms INTEGER NOT NULL
      ) STRICT;
      CREATE INDEX live_questions_by_round ON live_questions (run_id, round);
      CREATE INDEX live_answers_by_question ON live_answers (question_id);
      CREATE VIEW answered_live AS
        SELECT asked.id, asked.run_id, asked.asked, asked.round, asked.asked_at_ms,
          said.id AS answer_id, said.answer
        FROM live_questions AS asked LEFT JOIN live_answers AS said
          ON said.id = (SELECT max(id) FROM live_answers WHERE question_id = asked.id)`,
  },
  { name: 'items are judged in several ways, by several people, and again', sql: labelModesSchema },
  {
    name: 'a run elsewhere is found again',
    sql: `CREATE TABLE remote_jobs (               -- of runs that are under way on a cluster
        run_id INTEGER PRIMARY KEY REFERENCES runs (id) ON DELETE CASCADE,
        cluster TEXT NOT NULL,                    -- its name in its user's own list: no address stands here
        job TEXT NOT NULL,
        heard INTEGER NOT NULL                    -- the newest line of it that is written down
      ) STRICT`,
  },
  {
    name: 'people say of runs what they are for: tags, a note, a pin, and where they lie',
    sql: `ALTER TABLE runs ADD COLUMN tags TEXT NOT NULL DEFAULT '[]';  -- JSON
      ALTER TABLE runs ADD COLUMN note TEXT NOT NULL DEFAULT '';
      ALTER TABLE runs ADD COLUMN is_pinned INTEGER NOT NULL DEFAULT 0;
      ALTER TABLE runs ADD COLUMN shelf TEXT NOT NULL DEFAULT 'desk'`,
  },
  {
    name: 'a dataset keeps how it was read',
    sql: `-- JSON: columns that were read and not, notes; none where no file was read
      ALTER TABLE datasets ADD COLUMN reading TEXT`,
  },
  { name: 'people tag, leave out and edit examples', sql: exampleVersionsSchema },
  {
    name: 'runs of one sweep know it; those that wait keep their order, and a stopped one why it was stopped',
    sql: `CREATE TABLE sweeps (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        name TEXT NOT NULL,
        recipe TEXT NOT NULL,
        plan TEXT NOT NULL,                       -- JSON: settings with their values, how drawn, when stopped
        created_at_ms INTEGER NOT NULL
      ) STRICT;
      ALTER TABLE runs ADD COLUMN sweep_id INTEGER REFERENCES sweeps (id);
      ALTER TABLE runs ADD COLUMN turn INTEGER NOT NULL DEFAULT 0;  -- of those that wait: the lowest is next
      ALTER TABLE runs ADD COLUMN stop_reason TEXT;
      CREATE INDEX runs_by_sweep ON runs (sweep_id)`,
  },
  {
    name: 'plans: steps one after the other, and what each has made',
    sql: `CREATE TABLE plans (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        name TEXT NOT NULL,
        is_stopped INTEGER NOT NULL DEFAULT 0,
        created_at_ms INTEGER NOT NULL
      ) STRICT;
      CREATE TABLE plan_steps (
        plan_id INTEGER NOT NULL REFERENCES plans (id) ON DELETE CASCADE,
        place INTEGER NOT NULL,
        step TEXT NOT NULL,                       -- JSON: a run or a round of judging, and what it is made from
        made TEXT,                                -- id of its run or queue, which may be gone by now
        is_enough INTEGER NOT NULL DEFAULT 0,     -- a person goes on with what there is of it
        problem TEXT,                             -- why it could not begin
        PRIMARY KEY (plan_id, place)
      ) STRICT, WITHOUT ROWID`,
  },
  {
    name: 'the search index of long imports is merged in larger steps',
    sql: `-- FTS5 merges the parts of its index whenever so many lie beside each other (4 unless told):
      -- each word is written anew less often, and searches are as fast; from 16 on all are merged at once
      INSERT INTO examples_search (examples_search, rank) VALUES ('automerge', 12)`,
  },
]

/** Marks the file as ours in SQLite's header: "RLHF". */
const APPLICATION_ID = 0x524c4846

/** Brings the file to migration `upTo`, each step whole or not at all. */
export function migrate(db: WritableDb, upTo = migrations.length): void {
  for (let version = schemaVersion(db); version < upTo; version++) {
    try {
      db.transaction(() => {
        db.script(migrations[version]?.sql ?? '')
        db.script(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${version + 1}`)
      })
    } catch (error) {
      throw isAnswerOfSchema(error) ? refusal(notWhatItSays(db, version)) : error
    }
  }
}

/** Not of the disk: the statement does not fit the tables that are there. */
const isAnswerOfSchema = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'SQLITE_ERROR'

const notWhatItSays = (db: ReadableDb, version: number): string =>
  `The registry ${db.path} is damaged: it says that it is of format ${version}, and its tables are not. It was left ` +
  'as it is; put a copy of it back, or choose another registry.'

/**
 * @throws StudioFailure storage, when the file is another program's or was written by a newer version of this
 *   one
 */
export function refuseForeignFile(db: ReadableDb): void {
  const isEmpty = db.get('SELECT 1 FROM sqlite_schema LIMIT 1') === undefined
  if (!isEmpty && pragma(db, 'application_id') !== APPLICATION_ID) {
    throw refusal(
      `${db.path} is a database of another program. It was left as it is; choose another registry.`,
    )
  }
  const version = schemaVersion(db)
  if (version < 0) throw refusal(notWhatItSays(db, version))
  if (version > migrations.length) {
    throw refusal(
      `The registry ${db.path} was written by a newer version of RLHF Studio (format ${version}; this ` +
        `one knows ${migrations.length}). It was left as it is; open it with the newer version, or choose ` +
        'another registry.',
    )
  }
}

/**
 * @throws StudioFailure storage, when the file still waits for a migration, which only its writer may make
 */
export function refuseOlderFile(db: ReadableDb): void {
  if (schemaVersion(db) < migrations.length)
    throw refusal(
      `The registry ${db.path} is of an older version of RLHF Studio. Open it in the studio once; that ` +
        'brings it up to date.',
    )
}

const schemaVersion = (db: ReadableDb): number => pragma(db, 'user_version')

const pragma = (db: ReadableDb, name: 'user_version' | 'application_id'): number =>
  Number(db.get<Record<string, number>>(`PRAGMA ${name}`)?.[name])

const refusal = (problem: string): StudioFailure => new StudioFailure({ kind: 'storage', problem })
