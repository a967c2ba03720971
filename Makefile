# Niangjia: what a person types. `make help` lists it.
.DEFAULT_GOAL := help
SHELL := /bin/bash

.PHONY: help run test lint suites bench tour openapi tools oss-sdk-check

help: ## Lists what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

run: ## Starts the server with demo data on SQLite (same as `cargo run`)
	cargo run

test: tools lint suites ## Installs what is missing, then checks and tests everything

tools: ## Installs PostgreSQL and Redis servers when they are missing, and says so
	@deploy/scripts/install-test-tools

lint: ## Format and clippy; a warning is an error
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings

suites: ## All tests; each starts the throwaway servers it needs
	cargo test --workspace --no-fail-fast

bench: tools ## Measures the storms beside their references (release build; ONLY=S1,S2 chooses); fails under a bar
	cargo build --release --workspace --bins --examples
	target/release/examples/play bench "$(ONLY)"

tour: ## Plays the main job against a running server (NIANGJIA_LISTEN, NIANGJIA_DEMO_PASSWORD or NIANGJIA_DATA_DIR)
	cargo run --quiet --example play -- tour

openapi: ## Writes api/openapi.json from the code
	cargo run --quiet -- openapi > api/openapi.json.new && mv api/openapi.json.new api/openapi.json

oss-sdk-check: ## Drives the OSS stand-in with Alibaba's own Python SDK (needs PyPI)
	tests/sdk/run-oss-sdk-check
