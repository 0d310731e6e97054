//! Every test that needs Postgres, HTTP or a browser, in one binary.
#![expect(unreachable_pub, reason = "the harness is a module of this one binary; its pub is for the tests")]

#[path = "../harness/mod.rs"]
mod harness;

mod api_edit;
mod api_hostile;
mod api_names;
mod api_publish;
mod api_read;
mod api_status;
mod api_walk;
mod browser;
mod cli;
mod client_rows;
mod cluster;
mod connect;
mod corpus_documents;
mod crash;
mod crawl;
mod crawl_corpus;
mod import;
mod import_corpus;
mod openapi;
mod outbound;
mod postgres;
mod program;
mod search;
