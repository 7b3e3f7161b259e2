/**
 * The first schema. Keys are numbers here and words outside ("run-12"), see ids.ts.
 * An example's key is its dataset's key times 2³² plus its row: a dataset is one range of keys, a row is
 * found by counting.
 */
export const firstSchema = `
CREATE TABLE registry (                          -- one row: facts about this file
  id INTEGER PRIMARY KEY CHECK (id = 1),
  process_id INTEGER NOT NULL,                   -- the process that opened it to write, last
  sample_project_made_at_ms INTEGER
) STRICT;
INSERT INTO registry (id, process_id) VALUES (1, 0);

CREATE TABLE datasets (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('text', 'labelled', 'demonstrations', 'preferences', 'prompts')),
  origin TEXT NOT NULL CHECK (origin IN ('bundled', 'imported', 'judgments')),
  state TEXT NOT NULL CHECK (state IN ('importing', 'ready', 'removing')),
  rows INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  file_name TEXT NOT NULL,
  terms TEXT NOT NULL,
  content_hash TEXT,                             -- SHA-256 of kind and examples; none for judgments, which grow
  summary TEXT,                                  -- JSON, see dataset-summary.ts
  created_at_ms INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX datasets_by_content ON datasets (content_hash) WHERE state = 'ready';

CREATE TABLE examples (                          -- narrow columns first: reading them never touches a long text
  id INTEGER PRIMARY KEY,
  dataset_id INTEGER GENERATED ALWAYS AS (id >> 32) VIRTUAL,
  row INTEGER GENERATED ALWAYS AS (id & 4294967295) VIRTUAL,
  is_flagged INTEGER NOT NULL DEFAULT 0,
  label REAL,
  source TEXT,
  prompt_characters INTEGER,
  completion_characters INTEGER,
  rejected_characters INTEGER,
  prompt TEXT,
  completion TEXT,
  rejected TEXT
) STRICT;
CREATE INDEX examples_facets ON examples (id, is_flagged, label, source, prompt_characters, completion_characters, rejected_characters);
CREATE VIRTUAL TABLE examples_search USING fts5 (
  prompt, completion, rejected,
  content = 'examples', content_rowid = 'id', columnsize = 0, prefix = '1', tokenize = 'unicode61 remove_diacritics 2'
);

CREATE TABLE runs (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL,
  recipe TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'stopping', 'finished', 'stopped', 'failed')),
  settings TEXT NOT NULL,                        -- JSON: the whole parsed settings
  judgment_watermark INTEGER NOT NULL,
  device TEXT NOT NULL,
  program_version TEXT NOT NULL,
  created_at_ms INTEGER NOT NULL,
  started_at_ms INTEGER,
  ended_at_ms INTEGER,
  step INTEGER NOT NULL DEFAULT 0,
  total_steps INTEGER NOT NULL DEFAULT 0,
  left_ms REAL,
  error TEXT
) STRICT;

CREATE TABLE checkpoints (                       -- a row stands for files that are wholly on disk
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('language-model', 'reward-model')),
  run_id INTEGER REFERENCES runs (id),
  step INTEGER NOT NULL,
  parameters INTEGER NOT NULL,
  context_tokens INTEGER NOT NULL,
  tokenizer TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  path TEXT NOT NULL,                            -- from the registry's folder, with /
  resume_path TEXT,
  created_at_ms INTEGER NOT NULL,
  UNIQUE (run_id, step)
) STRICT;

CREATE TABLE run_inputs (
  run_id INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  input TEXT NOT NULL,
  position INTEGER NOT NULL,
  dataset_id INTEGER REFERENCES datasets (id),
  checkpoint_id INTEGER REFERENCES checkpoints (id),
  PRIMARY KEY (run_id, input, position),
  CHECK ((dataset_id IS NULL) <> (checkpoint_id IS NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX run_inputs_by_dataset ON run_inputs (dataset_id);
CREATE INDEX run_inputs_by_checkpoint ON run_inputs (checkpoint_id);

CREATE TABLE metric_points (
  run_id INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  step INTEGER NOT NULL,
  value REAL,                                    -- NULL is NaN, which SQLite cannot hold
  PRIMARY KEY (run_id, name, step)
) STRICT, WITHOUT ROWID;

CREATE TABLE samples (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  run_id INTEGER REFERENCES runs (id) ON DELETE CASCADE,
  checkpoint_id INTEGER REFERENCES checkpoints (id) ON DELETE SET NULL,
  step INTEGER NOT NULL,
  prompt TEXT NOT NULL,
  completion TEXT NOT NULL,
  tokens INTEGER NOT NULL,
  has_ended INTEGER NOT NULL,
  reward REAL,
  judge REAL
) STRICT;
CREATE INDEX samples_by_run ON samples (run_id, step);
CREATE INDEX samples_by_checkpoint ON samples (checkpoint_id);

CREATE TABLE log_lines (
  id INTEGER PRIMARY KEY,
  run_id INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  at_ms INTEGER NOT NULL,
  level TEXT NOT NULL CHECK (level IN ('info', 'alarm', 'error')),
  text TEXT NOT NULL
) STRICT;
CREATE INDEX log_lines_by_run ON log_lines (run_id);

CREATE TABLE queues (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  dataset_id INTEGER NOT NULL UNIQUE REFERENCES datasets (id),
  name TEXT NOT NULL,
  checkpoint_id INTEGER NOT NULL REFERENCES checkpoints (id),
  prompt_dataset_id INTEGER NOT NULL REFERENCES datasets (id),
  sampling TEXT NOT NULL,                        -- JSON
  goal INTEGER NOT NULL,
  guidance TEXT NOT NULL,
  created_at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX queues_by_checkpoint ON queues (checkpoint_id);
CREATE INDEX queues_by_prompts ON queues (prompt_dataset_id);

CREATE TABLE comparisons (                       -- left and right are the sides shown
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  queue_id INTEGER NOT NULL REFERENCES queues (id),
  place INTEGER NOT NULL,
  newest_judgment_id INTEGER,                    -- kept by the trigger below; NULL while unjudged
  newest_verdict TEXT,
  is_flagged INTEGER NOT NULL DEFAULT 0,
  created_at_ms INTEGER NOT NULL,
  prompt TEXT NOT NULL,
  left_text TEXT NOT NULL,
  left_tokens INTEGER NOT NULL,
  left_has_ended INTEGER NOT NULL,
  right_text TEXT NOT NULL,
  right_tokens INTEGER NOT NULL,
  right_has_ended INTEGER NOT NULL,
  UNIQUE (queue_id, place)
) STRICT;
CREATE INDEX comparisons_unjudged ON comparisons (queue_id, place) WHERE newest_judgment_id IS NULL;
CREATE INDEX comparisons_judged ON comparisons (queue_id, newest_verdict, newest_judgment_id) WHERE newest_judgment_id IS NOT NULL;
CREATE INDEX comparisons_by_judgment ON comparisons (queue_id, newest_judgment_id) WHERE newest_judgment_id IS NOT NULL;

CREATE TABLE judgments (                         -- append-only: the newest row of a comparison counts
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  comparison_id INTEGER NOT NULL REFERENCES comparisons (id),
  verdict TEXT NOT NULL CHECK (verdict IN ('left', 'right', 'tie', 'both-bad', 'skip', 'retracted')),
  margin TEXT CHECK (margin IN ('better', 'slightly')),
  judged_at_ms INTEGER NOT NULL,
  CHECK (margin IS NULL OR verdict IN ('left', 'right'))
) STRICT;
CREATE INDEX judgments_by_comparison ON judgments (comparison_id, id);
CREATE TRIGGER judgments_stay BEFORE UPDATE ON judgments BEGIN SELECT RAISE(ABORT, 'judgments are append-only'); END;
CREATE TRIGGER judgments_remain BEFORE DELETE ON judgments BEGIN SELECT RAISE(ABORT, 'judgments are append-only'); END;
CREATE TRIGGER newest_judgment AFTER INSERT ON judgments BEGIN
  UPDATE comparisons SET
    newest_judgment_id = CASE WHEN NEW.verdict = 'retracted' THEN NULL ELSE NEW.id END,
    newest_verdict = CASE WHEN NEW.verdict = 'retracted' THEN NULL ELSE NEW.verdict END
  WHERE id = NEW.comparison_id;
END;

-- Judgments as training data. A pair counts from judgment_id until replaced_by, the next judgment of its comparison:
-- "known at watermark W" is judgment_id <= W AND (replaced_by IS NULL OR replaced_by > W).
CREATE VIEW preference_pairs AS
SELECT
  comparisons.queue_id, comparisons.id AS comparison_id, comparisons.place, comparisons.is_flagged, comparisons.prompt,
  iif(judgments.verdict = 'left', left_text, right_text) AS chosen,
  iif(judgments.verdict = 'left', right_text, left_text) AS rejected,
  judgments.margin,
  judgments.id AS judgment_id,
  (SELECT min(later.id) FROM judgments AS later WHERE later.comparison_id = comparisons.id AND later.id > judgments.id) AS replaced_by
FROM comparisons JOIN judgments ON judgments.comparison_id = comparisons.id
WHERE judgments.verdict IN ('left', 'right');
`
