/**
 * Items of one completion or of many, judged in other ways than left or right, by several people or again. The list of
 * verdicts was part of the table of judgments, which is made anew; its rows and their numbers stay.
 */
export const labelModesSchema = `
ALTER TABLE queues ADD COLUMN labelling TEXT NOT NULL DEFAULT '{}';  -- JSON: mode, order, repeats, people
ALTER TABLE comparisons ADD COLUMN candidates TEXT;   -- JSON: all of them where they are not two; left is the first
ALTER TABLE comparisons ADD COLUMN copy_of INTEGER REFERENCES comparisons (id);
ALTER TABLE comparisons ADD COLUMN copy_for TEXT;     -- whom the copy is for: who judged it already, or another
ALTER TABLE comparisons ADD COLUMN uncertainty REAL;  -- of the queue's reward model; NULL while it has not looked
ALTER TABLE comparisons ADD COLUMN newest_rows INTEGER NOT NULL DEFAULT 0;
CREATE INDEX comparisons_by_original ON comparisons (copy_of) WHERE copy_of IS NOT NULL;
CREATE INDEX comparisons_copied ON comparisons (queue_id, place) WHERE copy_of IS NOT NULL;

DROP VIEW preference_pairs;
CREATE TABLE said (                              -- append-only: the newest row of a comparison counts
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  comparison_id INTEGER NOT NULL REFERENCES comparisons (id),
  verdict TEXT NOT NULL CHECK (verdict IN ('left', 'right', 'tie', 'both-bad', 'skip', 'answer', 'retracted')),
  margin TEXT CHECK (margin IN ('better', 'slightly')),
  answer TEXT,                                   -- JSON, in the form of its queue's mode
  rows INTEGER NOT NULL DEFAULT 0,               -- examples that the answer makes
  judged_at_ms INTEGER NOT NULL,
  window TEXT NOT NULL DEFAULT '',
  annotator TEXT NOT NULL DEFAULT '',
  CHECK (margin IS NULL OR verdict IN ('left', 'right')),
  CHECK ((answer IS NOT NULL) = (verdict = 'answer'))
) STRICT;
INSERT INTO said (id, comparison_id, verdict, margin, judged_at_ms, window, annotator)
  SELECT id, comparison_id, verdict, margin, judged_at_ms, window, annotator FROM judgments;
DROP TABLE judgments;
ALTER TABLE said RENAME TO judgments;
CREATE INDEX judgments_by_comparison ON judgments (comparison_id, id);
CREATE TRIGGER judgments_stay BEFORE UPDATE ON judgments BEGIN SELECT RAISE(ABORT, 'judgments are append-only'); END;
CREATE TRIGGER judgments_remain BEFORE DELETE ON judgments BEGIN SELECT RAISE(ABORT, 'judgments are append-only'); END;
CREATE TRIGGER newest_judgment AFTER INSERT ON judgments BEGIN
  UPDATE comparisons SET
    newest_judgment_id = CASE WHEN NEW.verdict = 'retracted' THEN NULL ELSE NEW.id END,
    newest_verdict = CASE WHEN NEW.verdict = 'retracted' THEN NULL ELSE NEW.verdict END,
    newest_rows = NEW.rows
  WHERE id = NEW.comparison_id;
END;

-- Judgments as training data. A pair counts from judgment_id until replaced_by, the next judgment of its comparison:
-- "known at watermark W" is judgment_id <= W AND (replaced_by IS NULL OR replaced_by > W). What one was asked again
-- measures the person and is no second pair; what several were asked has one root.
CREATE VIEW preference_pairs AS
SELECT
  comparisons.queue_id, comparisons.id AS comparison_id, comparisons.place, comparisons.is_flagged,
  coalesce(comparisons.copy_of, comparisons.id) AS root,
  comparisons.prompt, comparisons.prompt_turns,
  iif(judgments.verdict = 'left', left_text, right_text) AS chosen,
  iif(judgments.verdict = 'left', right_text, left_text) AS rejected,
  judgments.margin,
  judgments.id AS judgment_id,
  (SELECT min(later.id) FROM judgments AS later
    WHERE later.comparison_id = comparisons.id AND later.id > judgments.id) AS replaced_by
FROM comparisons JOIN judgments ON judgments.comparison_id = comparisons.id
WHERE judgments.verdict IN ('left', 'right') AND comparisons.copy_for IS NOT 'same';
`
