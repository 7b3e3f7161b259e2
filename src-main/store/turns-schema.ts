/**
 * Conversations as turns. They stand as JSON beside the text that they say, which is what is searched, measured and
 * counted; where there is none, the text itself is the prompt or the completion. Rows of before stay the texts that
 * they are: nobody can say of a transcript which of its lines began a turn.
 */
export const turnsSchema = `
ALTER TABLE examples ADD COLUMN turns TEXT;            -- JSON: those of prompt, completion and rejected that are turns
ALTER TABLE comparisons ADD COLUMN prompt_turns TEXT;  -- JSON of a conversation
ALTER TABLE samples ADD COLUMN prompt_turns TEXT;

DROP VIEW preference_pairs;
-- Judgments as training data. A pair counts from judgment_id until replaced_by, the next judgment of its comparison:
-- "known at watermark W" is judgment_id <= W AND (replaced_by IS NULL OR replaced_by > W).
CREATE VIEW preference_pairs AS
SELECT
  comparisons.queue_id, comparisons.id AS comparison_id, comparisons.place, comparisons.is_flagged,
  comparisons.prompt, comparisons.prompt_turns,
  iif(judgments.verdict = 'left', left_text, right_text) AS chosen,
  iif(judgments.verdict = 'left', right_text, left_text) AS rejected,
  judgments.margin,
  judgments.id AS judgment_id,
  (SELECT min(later.id) FROM judgments AS later
    WHERE later.comparison_id = comparisons.id AND later.id > judgments.id) AS replaced_by
FROM comparisons JOIN judgments ON judgments.comparison_id = comparisons.id
WHERE judgments.verdict IN ('left', 'right');
`
