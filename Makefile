# Comity: `make demo` sets up, builds and runs; `make test` sets up and runs every check. See README.md.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
# The steps build on one another, and two cores are soon busy: never side by side.
.NOTPARALLEL:
.PHONY: help demo test quick setup setup-test build ui fonts format lint rust-tests browser-tests bench package clean

BINARY := target/debug/comity
DEMO := target/demo
ADDRESS ?= 127.0.0.1:8080
# What tests need beside the code: a PostgreSQL of their own, the independent calendars, the fonts.
TOOLS = COMITY_TEST_POSTGRES="$$(scripts/test-postgres)" COMITY_LAW_ORACLE="$$(scripts/law-oracle)" COMITY_FONTS="$$(scripts/fonts)"

help:  ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 16

demo: build  ## set up, build, make up the Jiashan register and serve it on loopback
	$(BINARY) demo --data $(DEMO) --address $(ADDRESS)

test: setup-test ui fonts format lint rust-tests browser-tests  ## set up and run every check, as CI does
	@echo "all checks passed"

quick: ui fonts format lint  ## format, clippy, all unit tests and one story; under five minutes when warm
	$(TOOLS) cargo test --workspace --locked --lib
	$(TOOLS) cargo test --workspace --locked --test shape --test text --test story

setup:
	scripts/packages build-essential ca-certificates

setup-test: setup
	scripts/packages chromium dpkg-dev fonts-noto-cjk openssl poppler-utils postgresql procps python3 python3-venv strace systemd

build: setup ui fonts
	cargo build --locked --bin comity

ui: ui/dist/manifest.json

ui/dist/manifest.json: ui/package-lock.json $(shell find ui/src ui/css ui/images -type f 2>/dev/null) ui/build.mjs ui/tsconfig.json ui/package.json
	cd ui && npm ci --no-audit --no-fund && npm run check && npm run build

fonts:
	@scripts/fonts

format:
	cargo fmt --all --check

lint:
	cargo clippy --workspace --all-targets --locked -- -D warnings

rust-tests: ui fonts
	$(TOOLS) cargo test --workspace --locked --no-fail-fast

# The program is the one that the Rust tests have just built: built alone it would ask for other features of its
# dependencies, and half of them would be compiled twice.
browser-tests: rust-tests
	cd e2e && npm ci --no-audit --no-fund
	cd e2e && COMITY_BINARY=../$(BINARY) npm test

bench: ui fonts  ## the figures in benchmarks/, measured again on this machine
	cargo build --locked --release --workspace --bins
	benchmarks/run

package: setup ui fonts  ## the Debian package, in target/package
	scripts/packages dpkg-dev
	cargo build --locked --release --bin comity
	package/debian target/release/comity "$$(scripts/fonts)" target/package

clean:  ## remove what was built and the demo's data
	rm -rf target ui/dist ui/node_modules e2e/node_modules
