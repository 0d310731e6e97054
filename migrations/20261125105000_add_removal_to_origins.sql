-- An origin that is removed stays as a mark: nobody visits it, and nobody adds it again by accident.
ALTER TABLE origins ADD COLUMN removed_at timestamptz;

-- What strangers submitted lately is counted before more of it is taken.
CREATE INDEX origins_submitted_idx ON origins (added_at) WHERE added_by = 'anyone';
