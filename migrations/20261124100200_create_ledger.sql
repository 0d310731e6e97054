-- Every change to what is public, in commit order, each row chained to the one before. seq is not a sequence: it is counted
-- under the ledger's lock, so that no gap can hide a slow commit.
CREATE TABLE ledger (
    seq bigint PRIMARY KEY,
    at timestamptz NOT NULL,
    actor text NOT NULL,
    action text NOT NULL,
    server_name text COLLATE "C" NOT NULL,
    version text COLLATE "C" NOT NULL,
    document_hash bytea NOT NULL CHECK (octet_length(document_hash) = 32),
    prev_hash bytea NOT NULL CHECK (octet_length(prev_hash) = 32),
    hash bytea NOT NULL CHECK (octet_length(hash) = 32)
);

CREATE INDEX ledger_server_name_version_idx ON ledger (server_name, version, seq);

-- Append-only: not even the program's own mistakes may rewrite history.
CREATE FUNCTION ledger_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the ledger is append-only';
END
$$;

CREATE TRIGGER ledger_append_only BEFORE UPDATE OR DELETE ON ledger
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only();
