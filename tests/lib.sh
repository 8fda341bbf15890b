# What quickstart.sh and run.sh share: packages, Python's packages, the build. To be sourced.
# shellcheck shell=bash disable=SC2034

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/ecr-upsertd

say() {
    if [ -t 1 ]; then
        printf '\n\033[1m%s\033[0m\n' "$*"
    else
        printf '\n%s\n' "$*"
    fi
}

die() {
    printf '%s: %s\n' "$(basename "$0")" "$*" >&2
    exit 1
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        die "not root and no sudo: install these packages first: ${missing[*]}"
    fi
}

# Those of the given Debian packages that are not installed, into `missing`.
find_missing() {
    local package
    missing=()
    for package; do
        dpkg-query -W -f '${db:Status-Abbrev}' "$package" 2>/dev/null | grep -q '^.i' ||
            missing+=("$package")
    done
}

install_packages() {
    command -v dpkg-query >/dev/null ||
        die "this script knows Debian and Ubuntu; elsewhere install what README.md lists"
    find_missing "$@"
    [ ${#missing[@]} -gt 0 ] || return 0
    say "Installing with apt-get: ${missing[*]}"
    as_root apt-get update -q >/dev/null ||
        echo "apt-get update failed; going on with the lists that are there" >&2
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends \
        "${missing[@]}" >"$(log_file apt)" 2>&1 ||
        die "apt-get install failed, see $(log_file apt)"
}

log_file() {
    mkdir -p "$cache/log"
    echo "$cache/log/$1.log"
}

# A venv with tests/requirements.txt; sets `python`. Kept until the file changes.
make_venv() {
    local sum venv
    sum=$(sha256sum "$root/tests/requirements.txt" | cut -c 1-12)
    venv=$cache/venv-$sum
    python=$venv/bin/python
    [ -e "$venv/complete" ] && return
    say "Installing with pip into $venv: moto, pytest and what they need"
    rm -rf "$venv"
    python3 -m venv "$venv"
    "$python" -m pip install -q --disable-pip-version-check -r "$root/tests/requirements.txt" \
        >"$(log_file pip)" 2>&1 || die "pip failed, see $(log_file pip)"
    touch "$venv/complete"
}

# configure DIR [MESON_OPTION]...: once.
configure() {
    local dir=$root/$1 log
    log=$(log_file "meson-$1")
    shift
    [ ! -e "$dir/build.ninja" ] || return 0
    meson setup "$dir" "$root" "$@" >"$log" 2>&1 || die "meson setup failed, see $log"
}

# compile DIR [TARGET]...: what changed.
compile() {
    local dir=$root/$1 log
    log=$(log_file "ninja-$1")
    shift
    ninja -C "$dir" "$@" >"$log" 2>&1 || {
        tail -n 30 "$log" >&2
        die "the build failed"
    }
}

build_packages=(gcc meson ninja-build pkg-config libmicrohttpd-dev libcurl4-openssl-dev libssl-dev
    libyajl-dev check)
sandbox_packages=(docker-registry python3 python3-venv)
