-- A row for each change of what was fetched and of what is listed: the bytes before it, and the difference as an RFC 6902
-- patch where both are JSON. What is current stands in documents and versions; the first revision has no row. Bytes and patches
-- that are too long are left out, their hashes are not.
CREATE TABLE document_revisions (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    document_id bigint NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
    number integer NOT NULL CHECK (number > 1),
    at timestamptz NOT NULL,
    sha256 bytea NOT NULL CHECK (octet_length(sha256) = 32),
    previous_sha256 bytea NOT NULL CHECK (octet_length(previous_sha256) = 32),
    previous_body bytea,
    diff text,
    CONSTRAINT document_revisions_document_id_number_key UNIQUE (document_id, number)
);

CREATE TABLE listing_revisions (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    version_id bigint NOT NULL REFERENCES versions (id) ON DELETE CASCADE,
    number integer NOT NULL CHECK (number > 1),
    at timestamptz NOT NULL,
    sha256 bytea NOT NULL CHECK (octet_length(sha256) = 32),
    previous_sha256 bytea NOT NULL CHECK (octet_length(previous_sha256) = 32),
    previous_document text,
    diff text,
    CONSTRAINT listing_revisions_version_id_number_key UNIQUE (version_id, number)
);
