-- Until when a document need not be asked for again, by its own word (discovery section 11); none where that is not known.
ALTER TABLE documents ADD COLUMN fresh_until timestamptz;
