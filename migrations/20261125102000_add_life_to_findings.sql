-- The life of a description that was listed: gone for the time being (`stale`), or for good (`withdrawn`). `since` is when it
-- got its outcome (the program before this one leaves it empty: then it is found_at), `missing_since` and `missing_visits` when and
-- how often it was looked for in vain, `endpoints` its canonical addresses: by them a later confirmation finds what waits for it.
ALTER TABLE findings
    ADD COLUMN since timestamptz,
    ADD COLUMN missing_since timestamptz,
    ADD COLUMN missing_visits integer NOT NULL DEFAULT 0,
    ADD COLUMN endpoints text[] NOT NULL DEFAULT '{}';

ALTER TABLE findings DROP CONSTRAINT findings_outcome_check;
ALTER TABLE findings ADD CONSTRAINT findings_outcome_check
    CHECK (outcome IN ('listed', 'held', 'refused', 'skipped', 'stale', 'withdrawn')) NOT VALID;
ALTER TABLE findings VALIDATE CONSTRAINT findings_outcome_check;

CREATE INDEX findings_url_idx ON findings (md5(url));
CREATE INDEX findings_held_endpoints_idx ON findings USING gin (endpoints) WHERE outcome = 'held';
CREATE INDEX findings_skipped_server_name_idx ON findings (server_name) WHERE outcome = 'skipped';

-- What the catalogs of an origin list on other hosts: a confirmation that the visit to that host could not see by itself.
CREATE TABLE catalog_listings (
    origin_id bigint NOT NULL REFERENCES origins (id) ON DELETE CASCADE,
    catalog_url text COLLATE "C" NOT NULL,
    document_url text COLLATE "C" NOT NULL,
    listed_at timestamptz NOT NULL
);

CREATE INDEX catalog_listings_origin_id_idx ON catalog_listings (origin_id);
-- An address may be longer than a B-tree entry; its hash never is.
CREATE INDEX catalog_listings_document_url_idx ON catalog_listings (md5(document_url));

-- Which remotes an upstream registry gives a name that is crawled here: the crawl takes the listing over, not the testimony.
CREATE TABLE registry_remotes (
    server_name text COLLATE "C" NOT NULL,
    url text COLLATE "C" NOT NULL,
    seen_at timestamptz NOT NULL
);

CREATE UNIQUE INDEX registry_remotes_key ON registry_remotes (server_name, md5(url));

-- A document that says for good that it has moved: where to, and how many visits in a row have seen it.
ALTER TABLE documents
    ADD COLUMN moved_to text,
    ADD COLUMN moved_sightings integer NOT NULL DEFAULT 0;
