#!/usr/bin/env bash
# Fuzzes the targets under fuzz/, one after the other, and says how to repeat what they find.
# usage: scripts/fuzz.sh [SECONDS_EACH] [TARGET...]
#
# A target starts from its seeds (fuzz/seeds/TARGET, and what ships under data/ in its form) and
# from what earlier runs found (fuzz/corpus/TARGET). GH_FUZZ_SEEDS=DIR adds DIR/TARGET, if it is there.
# GH_FUZZ_RUNS=N ends a target after N inputs, if that is sooner.
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

# What ships in the form that a target reads.
shipped() {
    case $1 in
    profile) echo data/profiles ;;
    overlay) echo data/malta/overlay.toml ;;
    counts_csv) echo data/holidays ;;
    rehearsal) echo data/sim ;;
    clinical_tables) echo data/clinical ;;
    dispatch_files) echo data/dispatch data/clocks ;;
    esac
}

# Files are laid into one folder, for the fuzzer takes folders only.
gather() {
    local target=$1 folder="fuzz/corpus/$1"
    mkdir -p "$folder"
    for path in "fuzz/seeds/$target" $(shipped "$target") ${GH_FUZZ_SEEDS:+"$GH_FUZZ_SEEDS/$target"}; do
        [ ! -e "$path" ] || find "$path" -type f ! -name SOURCE.md -print0 |
            while IFS= read -r -d '' file; do
                cp -- "$file" "$folder/seed-$(sha256sum <"$file" | cut -c1-16)"
            done
    done
}

targets=("$@")
[ "${#targets[@]}" -gt 0 ] || mapfile -t targets < <(cargo fuzz list)
found=()
for target in "${targets[@]}"; do
    echo "== $target for $seconds s"
    gather "$target"
    limits=(-max_total_time="$seconds" -runs="${GH_FUZZ_RUNS:--1}" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1)
    cargo fuzz run "$target" "fuzz/corpus/$target" -- "${limits[@]}" || found+=("$target")
done
[ "${#found[@]}" -gt 0 ] || exit 0

echo
echo "fuzz: ${#found[@]} of ${#targets[@]} targets found something: ${found[*]}"
echo "Repeat it, cut it down, then write the bytes into a test beside the fix:"
for target in "${found[@]}"; do
    for artifact in fuzz/artifacts/"$target"/*; do
        [ -e "$artifact" ] || continue
        echo "    RUSTC_BOOTSTRAP=1 cargo fuzz run $target $artifact"
        echo "    RUSTC_BOOTSTRAP=1 cargo fuzz tmin $target $artifact"
    done
done
exit 1
