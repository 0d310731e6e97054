-- What a name looks like: its forms without regard to case and to characters that pass for one another. The program makes
-- them, since only it knows the look-alikes; a name from before this column gets them when the program migrates. A row
-- that an older program adds in the meantime has none and is filled the next time.
ALTER TABLE servers ADD COLUMN folds text[] NOT NULL DEFAULT '{}';

CREATE INDEX servers_folds_idx ON servers USING gin (folds);
