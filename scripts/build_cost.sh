#!/usr/bin/env bash
# Measures what each package that we name costs to build: a clean dev build, tests included, in a
# folder of its own. Prints the figures of docs/dependencies.md; what each compiler took stays in
# target/build_cost.log. Takes some minutes.
# usage: scripts/build_cost.sh
set -euo pipefail
cd "$(dirname "$0")/.."

mkdir -p target
log="$PWD/target/build_cost.log"
: >"$log"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cargo fetch --locked
GH_CPU_LOG="$log" CARGO_TARGET_DIR="$folder" CARGO_INCREMENTAL=0 \
    RUSTC_WRAPPER="$PWD/scripts/cpu_noted" \
    CC="$PWD/scripts/cpu_noted cc" CC_KNOWN_WRAPPER_CUSTOM=cpu_noted \
    cargo test --workspace --no-run --locked >&2
node scripts/build_cost.mjs "$log"
