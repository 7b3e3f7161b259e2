/**
 * What people make of an example is append-only, so that it can be taken back and a run goes on with what it was
 * launched with; its standing now is kept beside it by a trigger. Keys are those of examples, also where judgments make
 * the rows.
 */
export const exampleVersionsSchema = `
CREATE TABLE example_versions (                  -- the newest row of an example counts
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  example_id INTEGER NOT NULL,
  is_excluded INTEGER NOT NULL,
  tags TEXT NOT NULL,                            -- JSON
  parts TEXT,                                    -- JSON: prompt, completion and rejected from here on; NULL: as before
  said_at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX example_versions_by_example ON example_versions (example_id, id);
CREATE TABLE marked_examples (                   -- kept by the trigger below
  example_id INTEGER PRIMARY KEY,
  version_id INTEGER NOT NULL,
  is_excluded INTEGER NOT NULL,
  tags TEXT NOT NULL
) STRICT;
CREATE INDEX excluded_examples ON marked_examples (example_id) WHERE is_excluded = 1;
CREATE TRIGGER newest_version AFTER INSERT ON example_versions BEGIN
  INSERT INTO marked_examples (example_id, version_id, is_excluded, tags)
    VALUES (NEW.example_id, NEW.id, NEW.is_excluded, NEW.tags)
    ON CONFLICT (example_id) DO UPDATE SET
      version_id = excluded.version_id, is_excluded = excluded.is_excluded, tags = excluded.tags;
END;
CREATE TRIGGER versions_stay BEFORE UPDATE ON example_versions BEGIN
  SELECT RAISE(ABORT, 'versions of examples are append-only');
END;
ALTER TABLE runs ADD COLUMN example_watermark INTEGER NOT NULL DEFAULT 0;  -- newest version known at launch
`
