#!/usr/bin/env bash
# Builds the clients of tools.txt into a cache, each into a folder of its own named tool-version.
# A folder that is there is finished: it is renamed into place as the last step, so an interrupted
# run goes on where it stopped and a second one does nothing.
#
# usage: tools.sh [TOOL...]
# What cannot be had here (no go, a module that the Go proxy refuses) is named and left out: the
# tests then skip it by name. What can be had and does not build is an error.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
cache=${ECR_UPSERTD_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/ecr-upsertd/tools}
# What a module that is not to be had looks like in go's output.
refusal='(403|404|410) [A-Z]|dial tcp|no such host|i/o timeout'
# The newest Go that a pinned module asks for. An older one (1.21 or later) fetches it by itself.
go_needed=1.26.8

say() { echo "tools.sh: $*" >&2; }

at_least() { [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1)" = "$1" ]; }

go_version() { "$1" env GOVERSION 2>/dev/null | sed 's/^go//; s/ .*//'; }

# Sets go to a command that is new enough. Debian's own (1.19) knows no GOTOOLCHAIN yet, but it can
# fetch the very module that GOTOOLCHAIN uses.
find_go() {
    go=$(PATH=$PATH:/usr/local/go/bin:/usr/lib/go/bin command -v go || true)
    if [ -z "$go" ]; then
        say "no go on PATH (Debian: apt-get install golang-go): nothing can be built"
        return 1
    fi
    local has toolchain source
    has=$(go_version "$go")
    at_least "$go_needed" "$has" && return 0
    toolchain=$cache/go-$go_needed
    if [ ! -d "$toolchain" ]; then
        say "go $has is older than $go_needed: fetching the toolchain as a module"
        source=$(GOTOOLCHAIN=local GOFLAGS=-modcacherw "$go" mod download -json \
            "golang.org/toolchain@v0.0.1-go$go_needed.linux-$("$go" env GOARCH)" |
            sed -n 's/^\t"Dir": "\(.*\)".*/\1/p')
        if [ -z "$source" ]; then
            say "the Go proxy does not give go $go_needed, and go $has is too old"
            return 1
        fi
        rm -rf "$toolchain.part"
        cp -r "$source" "$toolchain.part" || return 1
        # A module's archive keeps no mode bits.
        chmod -R u+w "$toolchain.part"
        chmod +x "$toolchain.part"/bin/* "$toolchain.part"/pkg/tool/*/*
        mv "$toolchain.part" "$toolchain"
    fi
    unset GOROOT # the old one's
    go=$toolchain/bin/go
    [ "$(go_version "$go")" = "$go_needed" ]
}

# Builds packages as go install cannot: with the replacements of the module's own go.mod.
build_in_module() {
    local out=$1 version=$2 by=${3%%:*} tags=${3#"${3%%:*}"} module=$4 work=$5 source package
    shift 5
    mkdir -p "$work"
    source=$(cd "$work" && "$go" mod download -json "$module@$version" |
        sed -n 's/^\t"Dir": "\(.*\)".*/\1/p')
    sed 's,^module .*,module clients,' "$source/$by" >"$work/go.mod"
    cat "$source/${by%.mod}.sum" >"$work/go.sum"
    (
        cd "$work"
        "$go" mod edit -require="$module@$version"
        for package; do
            "$go" build -mod=mod -trimpath -tags "${tags#:}" -ldflags '-s -w' -o "$out/" "$module/$package"
        done
    )
}

build() {
    local tool=$1 version=$2 cgo=$3 by=$4 module=$5 finished work package start=$SECONDS
    shift 5
    finished=$cache/$tool-$version
    if [ -d "$finished" ]; then
        return 0
    fi
    say "building $tool $version"
    work=$cache/.work-$tool
    rm -rf "$work"
    mkdir -p "$work/bin"
    export CGO_ENABLED=$cgo
    if [ "$by" = install ]; then
        for package; do
            GOBIN=$work/bin "$go" install -trimpath -ldflags '-s -w' "$module/$package@$version"
        done
    else
        build_in_module "$work/bin" "$version" "$by" "$module" "$work/module" "$@"
    fi
    mv "$work/bin" "$finished"
    rm -rf "$work"
    say "built $tool $version in $((SECONDS - start)) s"
}

wanted() {
    local tool=$1 name
    shift
    [ $# -eq 0 ] && return 0
    for name; do
        [ "$name" = "$tool" ] && return 0
    done
    return 1
}

main() {
    local tool version cgo by module packages failed=()
    mkdir -p "$cache"
    find_go || exit 0
    # Modules are fetched by version and checked by sum; nothing else on the machine takes part.
    export GOTOOLCHAIN=local GOFLAGS='-modcacherw -buildvcs=false' GOWORK=off
    while read -r tool version cgo by module packages; do
        case $tool in '' | '#'*) continue ;; esac
        wanted "$tool" "$@" || continue
        # shellcheck disable=SC2086 # the packages are words
        (build "$tool" "$version" "$cgo" "$by" "$module" $packages) </dev/null 2>"$cache/$tool.log" >&2 &
        if wait $!; then
            grep '^tools.sh: built' "$cache/$tool.log" >&2 || true
        elif grep -Eq "$refusal" "$cache/$tool.log"; then
            say "$tool $version cannot be had here:"
            grep -E -m 1 "$refusal" "$cache/$tool.log" >&2
        else
            say "$tool $version does not build, see $cache/$tool.log:"
            tail -n 5 "$cache/$tool.log" >&2
            failed+=("$tool")
        fi
    done <"$here/tools.txt"
    [ ${#failed[@]} -eq 0 ] || exit 1
}

main "$@"
