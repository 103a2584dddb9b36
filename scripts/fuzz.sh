#!/usr/bin/env bash
# Fuzzes every target under fuzz/ for a while. usage: scripts/fuzz.sh [SECONDS] [TARGET...]
set -euo pipefail
cd "$(dirname "$0")/.."

seconds=${1:-30}
shift || true
if ! cargo fuzz --version >/dev/null 2>&1; then
    echo "fuzz: cargo-fuzz is missing: cargo install --locked cargo-fuzz" >&2
    exit 1
fi
# The sanitizer's flags are unstable; this lets the stable compiler take them.
export RUSTC_BOOTSTRAP=1
targets=("$@")
[ "${#targets[@]}" -gt 0 ] || mapfile -t targets < <(cargo fuzz list)
for target in "${targets[@]}"; do
    echo "== $target for $seconds s"
    cargo fuzz run "$target" -- -max_total_time="$seconds"
done
