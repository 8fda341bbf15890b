#!/usr/bin/env bash
# Builds ecr-upsertd and shows it at work: a real client pushes an image to a repository that does not
# exist, through the real daemon, in front of a stand-in for ECR on this machine. Cleans up after itself.
set -euo pipefail
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

repository=demo/hello
pids=()
scratch=$(mktemp -d)

clean_up() {
    local pid
    for pid in "${pids[@]}"; do
        kill "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
    [ "$client" != docker ] || docker image rm -f "$image" >/dev/null 2>&1 || true
    rm -rf "$scratch"
}

# The first thing that a file says within ten seconds and that matches; `wait` knows only exits.
await_line() {
    local file=$1 pattern=$2 pid=$3
    for _ in $(seq 100); do
        sed -n "s/.*$pattern.*/\\1/p" "$file" | grep -m 1 . && return
        kill -0 "$pid" 2>/dev/null || break
        sleep 0.1
    done
    cat "$file" >&2
    return 1
}

start_sandbox() {
    "$python" "$root/tests/sandbox/sandbox.py" --dir "$scratch" --env-file "$scratch/env" \
        >"$scratch/sandbox.log" 2>&1 &
    pids+=($!)
    await_line "$scratch/sandbox.log" '\(SANDBOX_CONTROL\)' $! >/dev/null ||
        die "the sandbox did not start"
    # shellcheck disable=SC1091
    . "$scratch/env"
}

port_is_free() {
    ! (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

start_daemon() {
    local port=5100 admin=5101
    if ! port_is_free 5100 || ! port_is_free 5101; then
        port=0 admin=0
    fi
    # Not the user's own configuration and state.
    echo '{}' >"$scratch/ecr-upsertd.conf"
    "$root/build/daemon/ecr-upsertd" --config "$scratch/ecr-upsertd.conf" \
        --state-dir "$scratch/state" --registry "$ECR_HOST" \
        --registry-endpoint "$REGISTRY_ENDPOINT" \
        --listen "127.0.0.1:$port" --admin "127.0.0.1:$admin" 2>"$scratch/daemon.log" &
    pids+=($!)
    port=$(await_line "$scratch/daemon.log" 'listens on 127.0.0.1:\([0-9]*\)' $!) ||
        die "the daemon did not start"
    admin=$(await_line "$scratch/daemon.log" 'admin 127.0.0.1:\([0-9]*\)' $!)
    "$root/build/daemon/ecr-upsertd" wait --config "$scratch/ecr-upsertd.conf" --admin "127.0.0.1:$admin" --timeout 20
    image=localhost:$port/$repository:1
}

describe() {
    "$python" - "$repository" <<'PYTHON'
import sys
import boto3

ecr = boto3.client("ecr")
try:
    found = ecr.describe_repositories(repositoryNames=[sys.argv[1]])["repositories"][0]
except ecr.exceptions.RepositoryNotFoundException as error:
    print("  " + error.response["Error"]["Message"])
else:
    print("  " + found["repositoryUri"])
    print("  tags          " + found["imageTagMutability"])
    print("  scan on push  " + str(found["imageScanningConfiguration"]["scanOnPush"]).lower())
PYTHON
}

make_root_file_system() {
    mkdir -p "$scratch/root/bin"
    cp "$(command -v busybox)" "$scratch/root/bin/busybox"
    echo "Hello from a repository that did not exist." >"$scratch/root/hello"
    tar -C "$scratch/root" -cf "$scratch/root.tar" .
}

push_and_pull_with_docker() {
    docker import -c 'CMD ["/bin/busybox", "cat", "/hello"]' "$scratch/root.tar" "$image" >/dev/null
    echo "\$ docker push $image"
    docker push "$image" | tee "$scratch/push"
    pushed=$(sed -n 's/.*digest: \(sha256:[0-9a-f]*\).*/\1/p' "$scratch/push")
    docker image rm "$image" >/dev/null
    echo "\$ docker pull $image"
    docker pull "$image" | tee "$scratch/pull"
    pulled=$(sed -n 's/.*Digest: \(sha256:[0-9a-f]*\).*/\1/p' "$scratch/pull")
}

push_and_pull_with_skopeo() {
    echo "\$ skopeo copy --dest-tls-verify=false tarball:root.tar docker://$image"
    skopeo copy --dest-tls-verify=false --digestfile "$scratch/pushed" \
        "tarball:$scratch/root.tar" "docker://$image"
    pushed=$(cat "$scratch/pushed")
    echo "\$ skopeo copy --src-tls-verify=false docker://$image dir:pulled"
    skopeo copy --src-tls-verify=false --preserve-digests "docker://$image" "dir:$scratch/pulled"
    pulled=sha256:$(sha256sum "$scratch/pulled/manifest.json" | cut -d ' ' -f 1)
}

client=skopeo image=
if command -v docker >/dev/null && docker version >/dev/null 2>&1; then
    client=docker
fi
trap clean_up EXIT

packages=("${build_packages[@]}" "${sandbox_packages[@]}" busybox-static)
[ $client = docker ] || command -v skopeo >/dev/null || packages+=(skopeo)
install_packages "${packages[@]}"
make_venv
say "Building"
configure build
compile build daemon/ecr-upsertd
say "Starting a stand-in for ECR, and ecr-upsertd in front of it"
start_sandbox
start_daemon
make_root_file_system

say "Before: is there a repository $repository?"
describe
say "One push, without login"
"push_and_pull_with_$client"
say "After"
describe
say "What ecr-upsertd logged"
grep -E ' info |created=true' "$scratch/daemon.log" | sed 's/^/  /'

if [ -z "$pushed" ] || [ "$pushed" != "$pulled" ]; then
    die "what was pulled ($pulled) is not what was pushed ($pushed)"
fi
say "Pulled back what was pushed: $pulled"
