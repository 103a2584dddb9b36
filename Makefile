# `make run` and `make test` do all the set-up; docs/development.md tells the rest.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

# rustup may have changed only the login shell's path.
export PATH := $(PATH):$(HOME)/.cargo/bin

BINARY := $(or $(CARGO_TARGET_DIR),target)/release/golden-hour
CITY   := var/malta
MALTA  := data/malta/malta.osm.pbf $(wildcard data/malta/overlay.toml)
# Passed to `golden-hour up`: make run ARGS='--units 40 --speed 10'
ARGS   ?=
SECONDS_EACH ?= 30

# Folders are listed too: their time changes when a file is removed.
WEB_SOURCES := $(shell find web -maxdepth 1 -type f 2>/dev/null) \
               $(shell find web/src web/public 2>/dev/null)

.PHONY: help run test web binary fmt bench fuzz setup

help: ## this list
	@grep -hE '^[a-z]+:.*## ' Makefile | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 16

run: setup ## build everything, import the demo city once, start a living centre
	@$(MAKE) --no-print-directory -s binary
	@$(MAKE) --no-print-directory -s $(CITY)/manifest.json
	@exec $(BINARY) up --city $(CITY) --data var/centre $(ARGS)

test: ## every check and test, the browser's too
	@scripts/test.sh

web: web/dist/index.html ## build the console into web/dist

binary: web/dist/index.html ## build target/release/golden-hour
	@cargo build --release --package golden-hour

fmt: ## format the Rust code
	@cargo fmt --all

bench: ## run the programs under bench/
	@scripts/bench.sh

fuzz: setup ## fuzz every parser for a while: make fuzz SECONDS_EACH=60
	@scripts/fuzz.sh $(SECONDS_EACH)

setup:
	@scripts/setup.sh run

web/dist/index.html: web/node_modules/.golden-hour $(WEB_SOURCES)
	@scripts/web.sh build

web/node_modules/.golden-hour: web/package-lock.json
	@scripts/web.sh install

# The sources that say how a pack is laid out: a pack of an older layout is made again.
LAYOUT := apps/ems-store/src/pack.rs crates/ems-roads/src/codec.rs

$(CITY)/manifest.json: $(MALTA) $(LAYOUT) | $(BINARY)
	@$(BINARY) city import data/malta/malta.osm.pbf \
	    $(patsubst %,--overlay %,$(wildcard data/malta/overlay.toml)) --out $(CITY)
	@touch $@

# cargo decides whether the binary is up to date; this only says that it comes first.
$(BINARY):
	@$(MAKE) --no-print-directory -s binary
