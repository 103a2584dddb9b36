#!/usr/bin/env bash
# Installs what a fresh Debian 12 lacks; does nothing, and asks for nothing, when all is there.
# `peers` instead puts OSRM and Valhalla, for the bench of roads, into target/peers; `ecg-peers` WFDB and
# NeuroKit, for that of beats, into target/ecg-peers.
# `ble` adds what a build with `--features ble` needs.
# usage: scripts/setup.sh run|bench|test|ble|peers|ecg-peers
set -euo pipefail

RUST_MIN=1.95
NODE_MIN=20.19

die() {
    printf 'setup: %s\n' "$*" >&2
    exit 1
}

# The first number with a dot or alone in the output of `COMMAND --version`.
version_of() {
    "$1" --version 2>/dev/null | grep -oE '[0-9]+(\.[0-9]+)*' | head -n 1
}

is_at_least() {
    [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]
}

require() {
    local command=$1 least=$2 remedy=$3 found
    found=$(version_of "$command" || true)
    [ -n "$found" ] || die "$command is missing, $least or later is needed: $remedy"
    is_at_least "$found" "$least" || die "$command $found is older than $least: $remedy"
}

# Names the package unless one of the commands or files that it brings is there.
missing_package() {
    local package=$1 probe
    shift
    for probe in "$@"; do
        case $probe in
            /*) [ -e "$probe" ] && return ;;
            *) command -v "$probe" >/dev/null && return ;;
        esac
    done
    echo "$package"
}

missing_packages() {
    missing_package build-essential cc
    missing_package make make
    missing_package pkg-config pkg-config pkgconf
    missing_package ca-certificates /etc/ssl/certs/ca-certificates.crt
    [ "$1" != ble ] || missing_package libdbus-1-dev /usr/include/dbus-1.0
    [ "$1" != run ] && [ "$1" != ble ] || return 0
    missing_package chromium /usr/bin/chromium
    [ "$1" = test ] || return 0
    missing_package git git
    missing_package mosquitto mosquitto
    missing_package fonts-noto-cjk /usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc
}

install_packages() {
    local as_root=()
    command -v apt-get >/dev/null || die "apt-get is missing: install $* by hand"
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || die "neither root nor sudo: as root, apt-get install $*"
        as_root=(sudo)
    fi
    echo "setup: installing $*"
    "${as_root[@]}" apt-get update -q
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -q -y --no-install-recommends "$@"
}

# The wheels of all want Python 3.12 or later, which Debian 12 has not.
python_of_peers() {
    local python
    for python in python3.{19..12} $(compgen -G "$(pyenv root 2>/dev/null)/versions/*/bin/python3.1[2-9]") python3; do
        if "$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 12))' 2>/dev/null; then
            echo "$python"
            return
        fi
    done
}

# Puts wheels into a folder under target; without them the bench leaves their columns out.
# usage: install_wheels FOLDER NAMES WHEEL...
install_wheels() {
    local folder python
    local -r names=$2 wheels=("${@:3}")
    folder=$(dirname "$0")/../target/$1
    [ ! -e "$folder/complete" ] || return 0
    python=$(python_of_peers)
    if [ -z "$python" ]; then
        echo "setup: $names: skipped, no Python >= 3.12"
        return 0
    fi
    echo "setup: installing ${wheels[*]} into target/$1"
    rm -rf "$folder"
    if "$python" -m venv "$folder" && "$folder/bin/pip" install -q --only-binary :all: "${wheels[@]}"; then
        touch "$folder/complete"
    else
        rm -rf "$folder"
        echo "setup: $names: skipped, pip could not install them"
    fi
}

case "$*" in
    run | bench | test | ble) ;;
    peers)
        install_wheels peers 'OSRM, Valhalla' osrm-bindings==26.10.0 pyvalhalla==3.9.1
        exit
        ;;
    ecg-peers)
        install_wheels ecg-peers 'WFDB, NeuroKit' wfdb==4.3.1 neurokit2==0.3.0
        exit
        ;;
    *) die "usage: scripts/setup.sh run|bench|test|ble|peers|ecg-peers" ;;
esac
# Debian keeps servers such as mosquitto out of a user's path; rustup is not in every shell's.
PATH=$PATH:/usr/sbin:/sbin:${HOME:-}/.cargo/bin

require rustc "$RUST_MIN" "install it with rustup (https://rustup.rs)"
require cargo "$RUST_MIN" "install it with rustup (https://rustup.rs)"
require node "$NODE_MIN" "install Node.js $NODE_MIN (https://nodejs.org)"
require npm 9 "it comes with Node.js"

mapfile -t packages < <(missing_packages "$1")
if [ "${#packages[@]}" -gt 0 ]; then
    install_packages "${packages[@]}"
fi
