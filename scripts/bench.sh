#!/usr/bin/env bash
# Runs each program under bench/ in release mode; `scripts/bench.sh NAME [ARGUMENT ...]` runs one. Installs
# and builds first what they measure: Chromium, the console and the binary; with GH_BINARY set, no binary.
# `roads` also gets OSRM and Valhalla, `ecg` WFDB and NeuroKit, where there is a Python for them.
set -euo pipefail
cd "$(dirname "$0")/.."

shopt -s nullglob
manifests=(bench/"${1:-*}"/Cargo.toml)
# A pattern in quotes is not expanded: without a name, take them all.
[ "$#" -gt 0 ] || manifests=(bench/*/Cargo.toml)
if [ "${#manifests[@]}" -eq 0 ] || [ ! -e "${manifests[0]}" ]; then
    echo "bench: no package ${1:-} under bench/" >&2
    exit 1
fi
scripts/setup.sh bench
if [ -n "${GH_BINARY:-}" ]; then
    scripts/web.sh install
else
    make --no-print-directory -s binary
fi
for manifest in "${manifests[@]}"; do
    echo "== $(dirname "$manifest")"
    [ "$manifest" != bench/roads/Cargo.toml ] || scripts/setup.sh peers
    [ "$manifest" != bench/ecg/Cargo.toml ] || scripts/setup.sh ecg-peers
    cargo run --quiet --release --manifest-path "$manifest" -- "${@:2}"
done
