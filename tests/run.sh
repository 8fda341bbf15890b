#!/usr/bin/env bash
# Installs what is missing, builds, runs all tests. Usage: tests/run.sh [--all]
#   --all   what CI runs: also the clients that are built by Go, the slow cases and the fuzzers' full time
set -euo pipefail
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

all=false
case "${1:-}" in
"") ;;
--all) all=true ;;
*) die "usage: tests/run.sh [--all]" ;;
esac

scratch=$(mktemp -d)
results=$scratch/results
mkdir "$results" "$scratch/beside"
failed_steps=()
times=()
declare -A beside=() # what runs beside the steps: its process group, by name
export TSAN_OPTIONS="suppressions=$root/tests/tsan.supp"

# What still runs beside an interrupted run ends with it, as by Ctrl-C.
leave() {
    local group
    for group in "${beside[@]}"; do
        kill -INT -- "-$group" 2>/dev/null || true
    done
    wait
    rm -rf "$scratch"
}
trap leave EXIT

# step NAME COMMAND...: a failure is noted, and the other steps still run.
step() {
    local name=$1 begun=$SECONDS
    shift
    say "$name"
    "$@" || failed_steps+=("$name")
    times+=("$((SECONDS - begun)) s: $name")
}

# begin NAME COMMAND...: a step that runs beside those that follow, until finish NAME shows it.
begin() {
    local name=$1 begun=$SECONDS
    shift
    set -m # a process group of its own
    (
        status=0
        ("$@") || status=$?
        echo "$((SECONDS - begun)) s: $name (beside others)" >"$scratch/beside/$name.time"
        exit $status
    ) >"$scratch/beside/$name.log" 2>&1 </dev/null &
    set +m
    beside[$name]=$!
}

finish() {
    local name=$1
    say "$name"
    wait "${beside[$name]}" || failed_steps+=("$name")
    unset "beside[$name]"
    cat "$scratch/beside/$name.log"
    times+=("$(cat "$scratch/beside/$name.time")")
}

# idly COMMAND...: to be begun; in the time that others leave.
idly() {
    renice -n 19 -p $BASHPID >/dev/null
    "$@"
}

# meson_suite DIR SUITE...: its JSON log is kept for the closing line.
meson_suite() {
    local dir=$1 suites=() suite status=0
    shift
    for suite; do
        suites+=(--suite "$suite")
    done
    meson test -C "$root/$dir" --logbase "$1" --no-rebuild --print-errorlogs --timeout-multiplier 3 \
        "${suites[@]}" || status=$?
    cp "$root/$dir/meson-logs/$1.json" "$results/$dir-$1.json"
    return $status
}

# pytest_suite NAME DAEMON ARGUMENT...
pytest_suite() {
    local name=$1 daemon=$2
    shift 2
    (cd "$root/tests" &&
        ECR_UPSERTD=$root/$daemon/daemon/ecr-upsertd \
            "$python" -m pytest -q --junit-xml "$results/$name.xml" "$@")
}

# otherwise clang|oldest|newest: as tests/portability.sh builds it.
otherwise() {
    local status=0
    "$root/tests/portability.sh" "$1" --logbase unit --timeout-multiplier 3 || status=$?
    cp "$root/build-$1/meson-logs/unit.json" "$results/build-$1-unit.json"
    return $status
}

# The integration tests wait more than they work, each with a daemon of its own.
side_by_side=(-n $((2 * $(nproc) + 1)) --dist worksteal)

# static_build ARCH...: what Lambda and any Linux run, as build-static-ARCH, with a C library of its own.
static_build() {
    local arch cross
    for arch; do
        cross=$("$root/terraform/package/sysroot.sh" "$arch") &&
            configure "build-static-$arch" --cross-file "$cross" --prefix /usr &&
            compile "build-static-$arch" || return
    done
}

test_packages=(clang-format cppcheck shellcheck openssl skopeo podman buildah containerd docker.io
    runc busybox-static nginx-light prometheus chromium fonts-dejavu-core clang)
# A machine that is booted, and a person's own systemd in it.
machine_packages=(systemd-container dbus libpam-systemd iproute2)
# What the packages are made and looked at with.
package_packages=(scdoc man-db mandoc zsh fish lintian rpm rpmlint debootstrap)
static_packages=(make patch perl xz-utils debian-archive-keyring)

# Else tests/terraform builds its own, once.
command -v terraform >/dev/null || command -v tofu >/dev/null || command -v go >/dev/null ||
    test_packages+=(golang-go)

! $all || static_packages+=(qemu-user-static debootstrap)
install_packages "${build_packages[@]}" "${sandbox_packages[@]}" "${test_packages[@]}" \
    "${machine_packages[@]}" "${package_packages[@]}" "${static_packages[@]}"
make_venv

slow=(-m "not slow")
architectures=(x86_64)
if $all; then
    slow=()
    architectures+=(arm64)
    export FUZZ_SECONDS=${FUZZ_SECONDS:-60}
fi

say "Building"
configure build
configure build-asan -Db_sanitize=address,undefined -Db_lundef=false -Doptimization=1
configure build-tsan -Db_sanitize=thread -Db_lundef=false -Doptimization=1
compile build
compile build tests/bench/origin tests/bench/load
begin "Static builds" idly static_build "${architectures[@]}"
# All at once: some wait for two minutes. The sanitizers' builds run without them.
! $all || begin "Slow integration tests" pytest_suite integration-slow build integration -m slow -n 8
begin "Unit tests as clang builds them" idly otherwise clang
! $all || begin "Unit tests with the oldest versions" idly otherwise oldest
! $all || begin "Unit tests with the newest versions" idly otherwise newest
compile build-asan
compile build-tsan
times+=("$SECONDS s: packages and builds")

# One of them is what the integration tests compare results with.
! $all || step "Clients' tools" "$root/tests/clients/tools.sh"
step "Unit tests and lint" meson_suite build unit lint
step "Unit tests under address and undefined sanitizers" meson_suite build-asan unit
step "Unit tests under the thread sanitizer" meson_suite build-tsan unit
step "Every case of the bench runs" meson_suite build bench
step "Sandbox" pytest_suite sandbox build sandbox
! $all || finish "Slow integration tests"
finish "Unit tests as clang builds them"
! $all || finish "Unit tests with the oldest versions"
! $all || finish "Unit tests with the newest versions"
# Six at a time, whatever the cores: each is to run for its time, not to be fast.
MESON_TESTTHREADS=6 begin "Fuzzers" idly meson_suite build-asan fuzz
step "Integration tests" pytest_suite integration build integration -m "not slow" "${side_by_side[@]}"
step "Integration tests under address and undefined sanitizers, without the slow ones" \
    pytest_suite integration-asan build-asan integration -m "not slow" "${side_by_side[@]}"
step "Concurrency tests under the thread sanitizer" \
    pytest_suite integration-tsan build-tsan integration -m concurrency
finish "Fuzzers"
step "Units in a booted systemd" pytest_suite systemd build systemd
step "Page in Chromium" pytest_suite page build page -n 2 --dist loadfile
step "Man pages and completions" pytest_suite man build package/test_man.py package/test_completions.py
step "Terraform module" pytest_suite terraform build terraform
step "Debian's clients" pytest_suite clients build clients/test_debian.py clients/test_accounts.py
step "What clients show" pytest_suite messages build clients/test_messages.py clients/test_readme.py \
    -m "not slow"
finish "Static builds"
step "Compiles for macOS and the BSDs" meson_suite build portable
step "Unit tests against musl" meson_suite build-static-x86_64 unit
step "The static daemon" pytest_suite static-daemon build-static-x86_64 integration/test_push.py \
    integration/test_passing.py integration/test_lambda.py "${side_by_side[@]}"
! $all || step "Unit tests against musl for arm64" meson_suite build-static-arm64 unit
step "Static file and Lambda package" pytest_suite static build-static-x86_64 static "${slow[@]}"
step "Packages" pytest_suite packages build package/test_contents.py package/test_reproducible.py \
    package/test_rpm.py package/test_image.py package/test_installed.py "${slow[@]}"
! $all || step "Clients built by Go" pytest_suite built build clients/test_built.py

say "How long each took"
printf '%s\n' "${times[@]}"
echo
"$python" "$root/tests/closing_line.py" "$results" "${failed_steps[@]}"
