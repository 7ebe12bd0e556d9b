# The commands of the project. `make` alone lists them.

.DEFAULT_GOAL := help
.PHONY: help run test check explore bench bench-queue bench-support bench-trembita backtest openapi clean-data

# More options for `kordon serve`, e.g. make run ARGS="--listen 0.0.0.0:8080"
ARGS ?=
# How many cases `make explore` draws for each property.
CASES ?= 5000
TARGET := $(or $(CARGO_TARGET_DIR),target)

help: ## List these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

run: ## Install what is missing, build, and serve a hub with sample parties from ./data
	@scripts/install.sh
	cargo build --release --locked --package kordon --bins
	@exec $(TARGET)/release/kordon serve --sample-parties $(ARGS)

test: ## Install what is missing, then run every check
	@scripts/install.sh test
	@scripts/test.sh

check: ## The quick loop: format, clippy, unit tests
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings
	cargo test --workspace --lib --bins

explore: ## Draw new cases for the property tests, CASES of each (5000)
	PROPTEST_CASES=$(CASES) cargo test --locked --no-fail-fast --package kordon-schemas --package kordon-hub --package kordon-adapters --lib
	PROPTEST_CASES=$(CASES) cargo test --locked --no-fail-fast --package kordon-adapters --test trembita --test support_mail --test notices

bench: ## Measure throughput beside pgbench; writes bench/RESULTS.md and bench/results.json
	@scripts/install.sh bench
	cargo build --release --locked --package kordon --package kordon-bench --bins
	@exec $(TARGET)/release/kordon-bench $(ARGS)

bench-queue: ## Measure long queues: reads, calls, the gate, a replay; writes bench/QUEUE.md and bench/queue.json
	@scripts/install.sh bench
	cargo build --release --locked --package kordon --package kordon-bench --bins
	@exec $(TARGET)/release/kordon-bench queue $(ARGS)

bench-support: ## Measure a full support service: the daily control, tickets, timers, deadlines; writes bench/SUPPORT.md and bench/support.json
	cargo build --release --locked --package kordon --package kordon-bench --bins
	@exec $(TARGET)/release/kordon-bench support $(ARGS)

bench-trembita: ## Measure SOAP, signed messages, sealing, verifying; writes bench/TREMBITA.md and bench/trembita.json
	@scripts/install.sh bench
	cargo build --release --locked --package kordon --package kordon-bench --bins
	@exec $(TARGET)/release/kordon-bench trembita $(ARGS)

backtest: ## Measure predicted entries on simulated checkpoints; writes bench/BACKTEST.md and bench/backtest.json
	cargo build --release --locked --package kordon-bench --bins
	@exec $(TARGET)/release/kordon-bench backtest $(ARGS)

openapi: ## Write the contract, openapi/kordon.json, from the code
	@mkdir -p $(TARGET)
	cargo run --quiet --bin kordon -- openapi > $(TARGET)/kordon.json
	@mv $(TARGET)/kordon.json openapi/kordon.json

clean-data: ## Delete ./data, the folder of `make run`, with all that is recorded in it
	@scripts/clean-data.sh
