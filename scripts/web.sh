#!/usr/bin/env bash
# Installs the console's packages and builds it; make decides when (see the Makefile).
# usage: scripts/web.sh install|build
set -euo pipefail
cd "$(dirname "$0")/../web"

STAMP=node_modules/.golden-hour

# A lock file may be newer and yet the same, after a change of branch for instance.
install() {
    local wanted
    wanted=$(sha256sum package-lock.json)
    if [ "$(cat "$STAMP" 2>/dev/null)" != "$wanted" ]; then
        npm ci --no-audit --no-fund
        printf '%s\n' "$wanted" >"$STAMP"
    fi
    touch "$STAMP"
}

build() {
    npm run build
    touch dist/index.html
}

case ${1:-} in
    install) install ;;
    build) build ;;
    *) echo "usage: scripts/web.sh install|build" >&2; exit 2 ;;
esac
