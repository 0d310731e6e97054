# Every command of this repository. `make` alone lists them.

.DEFAULT_GOAL := help
SHELL := /bin/bash
TARGET = $${CARGO_TARGET_DIR:-target}
PROGRAM = $${CARGO_TARGET_DIR:-target}/release/cardinal

.PHONY: help run test bench bench-search search-quality fuzz fuzz-api lint sqlx openapi check-generated

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

bench: ## Measure how fast the registry crawls and answers, with a release build; some answers with ARGS="walk"
	@.ci/install cc postgres
	@cargo bench --locked --bench crawl
	@cargo bench --locked --bench api -- $(ARGS)

bench-search: ## Measure how fast searches answer, over 60,000 and a million generated versions; one of them with ARGS="60000"
	@.ci/install cc postgres
	@cargo bench --locked --bench search -- $(ARGS)

search-quality: ## Measure how well searches answer, over real servers and judged queries; reasons with ARGS="explain"
	@.ci/install cc postgres
	@cargo bench --locked --bench search_quality -- $(ARGS)

# Each parser in fuzz/targets gets random bytes for FUZZ_SECONDS, starting from its seeds; FUZZ_TARGETS chooses parsers. What it
# learns stays in target/fuzz/corpus. cargo-fuzz passes options that stable compilers take with RUSTC_BOOTSTRAP only.
FUZZ_SECONDS ?= 60
FUZZ_TARGETS ?= $(basename $(notdir $(wildcard fuzz/targets/*.rs)))
FUZZ = RUSTC_BOOTSTRAP=1 cargo fuzz

fuzz: ## Feed random bytes to every parser of strangers' documents; longer with FUZZ_SECONDS=600, some with FUZZ_TARGETS="card txt"
	@.ci/install cc fuzz
	@for target in $(FUZZ_TARGETS); do \
		echo "fuzz: $$target for $(FUZZ_SECONDS) s"; corpus=$(TARGET)/fuzz/corpus/$$target; mkdir -p $$corpus; \
		$(FUZZ) run --target-dir $(TARGET)/fuzz $$target $$corpus fuzz/seeds/$$target -- \
			-max_total_time=$(FUZZ_SECONDS) -timeout=10 -max_len=16384 -print_final_stats=1 || exit; \
	done

# FUZZ_EXAMPLES is how many random requests each operation gets beside the systematic ones; FUZZ_PATHS chooses operations.
FUZZ_EXAMPLES ?= 100
FUZZ_PATHS ?= ^/
export SEED ?= 1

fuzz-api: ## Hold generated requests' answers against the API's description; more of them with FUZZ_EXAMPLES=1000, others with SEED=2
	@.ci/install cc postgres venv
	@cargo build --quiet --locked
	@venv=$(TARGET)/fuzz-venv; \
	cmp -s tests/fuzz/requirements.txt $$venv/requirements.txt || { \
		python3 -m venv --clear $$venv && $$venv/bin/pip install --quiet --disable-pip-version-check -r tests/fuzz/requirements.txt && \
		cp tests/fuzz/requirements.txt $$venv/; }; \
	FUZZ_VENV=$$venv tests/fuzz/run $(TARGET)/debug/cardinal $(FUZZ_EXAMPLES) --include-path-regex '$(FUZZ_PATHS)'

lint: ## Check form, lints, documentation, licences and unused dependencies
	@.ci/install cc deny machete
	cargo fmt --all --check
	cargo fmt --manifest-path fuzz/Cargo.toml --check
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
	cargo run --quiet --locked -- openapi --lint > openapi/lint.md.new
	@for file in registry.json rules.md lint.md; do mv openapi/$$file.new openapi/$$file; done

check-generated: sqlx openapi ## Check that the generated files are those that are committed
	@changed=$$(git -c safe.directory='*' status --porcelain -- openapi registry-core/.sqlx) || exit; \
	if [ -n "$$changed" ]; then \
		echo "generated files differ from the committed ones; commit these:" >&2; echo "$$changed" >&2; exit 1; \
	fi
