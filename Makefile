# Every command of this repository. `make` alone lists them.

.DEFAULT_GOAL := help
SHELL := /bin/bash
PROGRAM = $${CARGO_TARGET_DIR:-target}/release/cardinal

.PHONY: help run test lint sqlx openapi check-generated

help: ## List these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-16s %s\n", $$1, $$2 }' Makefile

# A new data directory starts with made-up hosts to look around in; a database of one's own never does.
run: ## Start the registry on http://127.0.0.1:8080; more flags with ARGS="--address :8080"
	@.ci/install cc $(if $(MCP_REGISTRY_DATABASE_URL),,postgres)
	@cargo build --release --locked
	@demo=; [ -n "$$MCP_REGISTRY_DATABASE_URL" ] || [ -e "$${MCP_REGISTRY_DATA_DIR:-./data}" ] || demo=--demo; \
		exec $(PROGRAM) serve $$demo $(ARGS)

test: ## Run all tests; some of them with ARGS="publish"
	@.ci/install cc postgres browser
	@if .ci/install nextest; then \
		cargo nextest run --workspace --locked --no-fail-fast $(ARGS); \
	else \
		cargo test --workspace --locked --no-fail-fast $(ARGS); \
	fi

lint: ## Check form, lints, documentation, licences and unused dependencies
	@.ci/install cc deny machete
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --document-private-items --locked
	cargo deny --locked check bans licenses sources
	cargo machete

sqlx: ## Write registry-core/.sqlx anew, after a change of SQL
	@.ci/install cc postgres
	.ci/sqlx

openapi: ## Write openapi/registry.json and rules.md anew, after a change of the API or the rules
	@.ci/install cc
	@mkdir -p openapi
	cargo run --quiet --locked -- openapi > openapi/registry.json.new
	cargo run --quiet --locked -- openapi --rules > openapi/rules.md.new
	@for file in registry.json rules.md; do mv openapi/$$file.new openapi/$$file; done

check-generated: sqlx openapi ## Check that the generated files are those that are committed
	@changed=$$(git -c safe.directory='*' status --porcelain -- openapi registry-core/.sqlx) || exit; \
	if [ -n "$$changed" ]; then \
		echo "generated files differ from the committed ones; commit these:" >&2; echo "$$changed" >&2; exit 1; \
	fi
