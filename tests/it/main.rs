//! Every test that needs Postgres, HTTP or a browser, in one binary.
#![expect(unreachable_pub, reason = "the harness is a module of this one binary; its pub is for the tests")]

#[path = "../harness/mod.rs"]
mod harness;

mod api_bodies;
mod api_edit;
mod api_hostile;
mod api_names;
mod api_prefix;
mod api_publish;
mod api_read;
mod api_status;
mod api_surface;
mod api_validate;
mod api_walk;
mod auth_dns;
mod auth_github;
mod auth_http;
mod auth_oidc;
mod auth_token;
mod browser;
mod cli;
mod client_rows;
mod cluster;
mod connect;
mod corpus_documents;
mod corpus_server_json;
mod crash;
mod crawl;
mod crawl_corpus;
mod crawl_fleet;
mod crawl_life;
mod crawl_locations;
mod crawl_neighbour;
mod crawl_polite;
mod crawl_secrets;
mod crawl_trust;
mod import;
mod import_corpus;
mod lint;
mod openapi;
mod origins;
mod outbound;
mod package;
mod postgres;
mod probe;
mod program;
mod rate_limit;
mod search;
mod search_index;
mod search_quality;
mod self_description;
mod upstream;
mod world;
