#!/usr/bin/env bash
# Runs every check and test, or the stages named: scripts/test.sh [STAGE...]
# Logs stay in var/test; docs/testing.md tells how stages and skips work.
set -euo pipefail

SELF=$(realpath "$0")
ROOT=$(dirname "$(dirname "$SELF")")
LOGS=$ROOT/var/test
STAGES=(setup fmt tidy licences web-build web-check web-test clippy cargo-test browser)
cd "$ROOT"

# Debian keeps servers such as mosquitto out of a user's path; rustup is not in every shell's.
export PATH="$PATH:/usr/sbin:/sbin:${HOME:-}/.cargo/bin"
TARGET=${CARGO_TARGET_DIR:-target}

# In CI the lock file must already say all; at a desk cargo may complete it.
# There nobody is at hand to end a stage that hangs.
locked=()
limit=()
if [ "${CI:-}" = true ]; then
    locked=(--locked)
    limit=(timeout --kill-after=30 35m)
fi

usage() {
    echo "usage: scripts/test.sh [STAGE...]"
    echo "stages, in order: ${STAGES[*]}"
}

# --- The stages: each runs in a shell of its own, so that the first error ends it.

stage_setup() { scripts/setup.sh test; }

stage_fmt() { cargo fmt --all --check; }

stage_tidy() { cargo xtask tidy; }

stage_licences() { cargo xtask licences; }

stage_web-build() { make --no-print-directory -s web; }

stage_web-check() { in_web npm run check; }

stage_web-test() { in_web npm test; }

stage_clippy() {
    make_room_for_console
    cargo clippy "${locked[@]}" --workspace --all-targets -- -D warnings
}

stage_cargo-test() {
    make_room_for_console
    cargo test "${locked[@]}" --workspace --no-fail-fast
}

stage_browser() {
    make --no-print-directory -s web
    cargo build "${locked[@]}" --package golden-hour
    import_city
    export GH_BINARY GH_CITY
    in_web npm run e2e
}

# --- What the stages call.

in_web() {
    make --no-print-directory -s web/node_modules/.golden-hour
    cd web
    "$@"
}

# The binary embeds web/dist, so the folder must be there even when only the Rust code is checked.
make_room_for_console() { mkdir -p web/dist; }

# The browser test gets the everyday build: the release build is what `make run` waits for.
import_city() {
    GH_BINARY=$(realpath "$TARGET/debug/golden-hour")
    GH_CITY=$LOGS/malta
    local overlay=()
    [ ! -e data/malta/overlay.toml ] || overlay=(--overlay data/malta/overlay.toml)
    rm -rf "$GH_CITY"
    "$GH_BINARY" city import data/malta/malta.osm.pbf "${overlay[@]}" \
        --out "$GH_CITY"
}

# --- Counting: each runner's own closing lines are added up from its log.

# The sum of the numbers that a pattern leaves of the log's lines; 0 without a log.
sum() {
    local log=$LOGS/$1.log pattern=$2
    [ -e "$log" ] || { echo 0; return; }
    sed -E 's/\x1b\[[0-9;]*m//g' "$log" | sed -nE "s/$pattern/\1/p" |
        awk '{n += $1} END {print n + 0}'
}

n_logged_skips() {
    local log=$LOGS/$1.skipped
    if [ -e "$log" ]; then grep -c '^skipped:' "$log" || true; else echo 0; fi
}

# Prints "passed failed skipped" of one stage.
count() {
    local skips
    case $1 in
        cargo-test)
            # libtest counts a test that gave up for a reason as passed; the skip log knows better.
            skips=$(n_logged_skips "$1")
            echo "$(($(sum "$1" '^test result: .* ([0-9]+) passed; .*') - skips))" \
                "$(sum "$1" '^test result: .* ([0-9]+) failed; .*')" "$skips"
            ;;
        web-test)
            echo "$(sum "$1" '^ *Tests .*[^0-9]([0-9]+) passed.*')" \
                "$(sum "$1" '^ *Tests .*[^0-9]([0-9]+) failed.*')" \
                "$(sum "$1" '^ *Tests .*[^0-9]([0-9]+) skipped.*')"
            ;;
        browser)
            # node prints `# pass 5`, or `ℹ pass 5`, by version and terminal.
            echo "$(sum "$1" '^[^a-z]{1,4}pass ([0-9]+)$')" \
                "$(sum "$1" '^[^a-z]{1,4}fail ([0-9]+)$')" \
                "$(sum "$1" '^[^a-z]{1,4}skipped ([0-9]+)$')"
            ;;
        *)
            echo 0 0 0
            ;;
    esac
}

close_with_counts() {
    local stage counts passed=0 failed=0 skipped=0
    echo
    for stage in "$@"; do
        read -r -a counts <<<"$(count "$stage")"
        [ "${counts[*]}" != "0 0 0" ] || continue
        printf '%-12s%6d passed,%4d failed,%4d skipped\n' "$stage" "${counts[@]}"
        [ ! -e "$LOGS/$stage.skipped" ] || sort "$LOGS/$stage.skipped" | uniq -c
        passed=$((passed + counts[0])) failed=$((failed + counts[1]))
        skipped=$((skipped + counts[2]))
    done
    echo "$passed passed, $failed failed, $skipped skipped"
}

# --- The run.

run_stage() {
    local stage=$1 start=$SECONDS status=0 out tee
    echo "== $stage"
    rm -f "$LOGS/$stage.log" "$LOGS/$stage.skipped"
    exec {out}> >(exec tee "$LOGS/$stage.log")
    tee=$!
    GH_SKIP_LOG=$LOGS/$stage.skipped "${limit[@]}" "$SELF" --in-shell "$stage" \
        >&"$out" 2>&1 {out}>&- || status=$?
    exec {out}>&-
    drain "$tee"
    if [ "$status" -ne 0 ]; then
        close_with_counts "${wanted[@]}"
        [ "$status" -ne 124 ] || echo "$stage hung: it was ended" >&2
        echo "FAILED: $stage after $((SECONDS - start)) s, all it said is in var/test/$stage.log" >&2
        echo "run it alone: scripts/test.sh $stage" >&2
        exit 1
    fi
    echo "== $stage took $((SECONDS - start)) s"
}

# Waits for tee, but not for ever: a process that a test left behind may hold its input open.
drain() {
    local tee=$1 _
    for _ in {1..30}; do
        kill -0 "$tee" 2>/dev/null || return 0
        sleep 0.1
    done
    echo "note: a process of this stage is still running"
    kill "$tee" 2>/dev/null || true
}

is_stage() { [[ " ${STAGES[*]} " == *" $1 "* ]]; }

if [ "${1:-}" = --in-shell ]; then
    "stage_$2"
    exit
fi

wanted=("$@")
[ "$#" -gt 0 ] || wanted=("${STAGES[@]}")
for stage in "${wanted[@]}"; do
    is_stage "$stage" || { usage >&2; exit 2; }
done
mkdir -p "$LOGS"
[ "$#" -gt 0 ] || rm -f "$LOGS"/*.log "$LOGS"/*.skipped
for stage in "${wanted[@]}"; do
    run_stage "$stage"
done
close_with_counts "${wanted[@]}"
