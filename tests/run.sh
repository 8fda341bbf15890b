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

results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
failed_steps=()
export TSAN_OPTIONS="suppressions=$root/tests/tsan.supp"

# step NAME COMMAND...: a failure is noted, and the other steps still run.
step() {
    local name=$1
    shift
    say "$name"
    "$@" || failed_steps+=("$name")
}

# meson_suite DIR SUITE...: its JSON log is kept for the closing line.
meson_suite() {
    local dir=$1 suites=() suite status=0
    shift
    for suite; do
        suites+=(--suite "$suite")
    done
    meson test -C "$root/$dir" --no-rebuild --print-errorlogs --timeout-multiplier 3 "${suites[@]}" ||
        status=$?
    cp "$root/$dir/meson-logs/testlog.json" "$results/$dir-$1.json"
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

# static_build ARCH: what Lambda and any Linux run, as build-static-ARCH, with a C library of its own.
static_build() (
    cross=$("$root/terraform/package/sysroot.sh" "$1") &&
        configure "build-static-$1" --cross-file "$cross" --prefix /usr &&
        compile "build-static-$1"
)

test_packages=(clang-format cppcheck shellcheck openssl skopeo podman buildah containerd docker.io
    runc busybox-static nginx-light)
# What the packages are made and looked at with.
package_packages=(scdoc man-db mandoc zsh fish lintian rpm rpmlint)
static_packages=(make patch perl xz-utils debian-archive-keyring)

# Else tests/terraform builds its own, once.
command -v terraform >/dev/null || command -v tofu >/dev/null || command -v go >/dev/null ||
    test_packages+=(golang-go)

! $all || static_packages+=(qemu-user-static)
install_packages "${build_packages[@]}" "${sandbox_packages[@]}" "${test_packages[@]}" \
    "${package_packages[@]}" "${static_packages[@]}"
make_venv

say "Building"
configure build
configure build-asan -Db_sanitize=address,undefined -Db_lundef=false -Doptimization=1
configure build-tsan -Db_sanitize=thread -Db_lundef=false -Doptimization=1
for folder in build build-asan build-tsan; do
    compile "$folder"
done
compile build tests/bench/origin tests/bench/load

slow=(-m "not slow")
if $all; then
    slow=()
    export FUZZ_SECONDS=${FUZZ_SECONDS:-60}
fi

# One of them is what the integration tests compare results with.
! $all || step "Clients' tools" "$root/tests/clients/tools.sh"
step "Unit tests and lint" meson_suite build unit lint
step "Unit tests under address and undefined sanitizers" meson_suite build-asan unit
step "Unit tests under the thread sanitizer" meson_suite build-tsan unit
# Six at a time, whatever the cores: each is to run for its time, not to be fast.
MESON_TESTTHREADS=6 step "Fuzzers" meson_suite build-asan fuzz
step "Every case of the bench runs" meson_suite build bench
step "Sandbox" pytest_suite sandbox build sandbox
step "Integration tests" pytest_suite integration build integration "${slow[@]}"
step "Integration tests under address and undefined sanitizers" \
    pytest_suite integration-asan build-asan integration "${slow[@]}"
step "Concurrency tests under the thread sanitizer" \
    pytest_suite integration-tsan build-tsan integration -m concurrency
step "Man pages and completions" pytest_suite man build package/test_man.py package/test_completions.py
step "Terraform module" pytest_suite terraform build terraform
step "Debian's clients" pytest_suite clients build clients/test_debian.py clients/test_accounts.py
step "Static build" static_build x86_64
step "Unit tests against musl" meson_suite build-static-x86_64 unit
step "The static daemon" pytest_suite static-daemon build-static-x86_64 integration/test_push.py \
    integration/test_passing.py integration/test_lambda.py
if $all; then
    step "Static build for arm64" static_build arm64
    step "Unit tests against musl for arm64" meson_suite build-static-arm64 unit
fi
step "Static file and Lambda package" pytest_suite static build-static-x86_64 static "${slow[@]}"
step "Packages" pytest_suite packages build package/test_contents.py package/test_reproducible.py \
    package/test_rpm.py package/test_image.py "${slow[@]}"
if $all; then
    step "Clients built by Go" pytest_suite built build clients/test_built.py
fi

"$python" "$root/tests/closing_line.py" "$results" "${failed_steps[@]}"
