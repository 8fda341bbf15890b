#!/usr/bin/env bash
# Puts a provider that answers to hashicorp/aws where Terraform finds it. Usage: provider.sh OUT [CACHE]
#
# With TERRAFORM_PROVIDER_AWS=/path/to/terraform-provider-aws (and TERRAFORM_PROVIDER_AWS_VERSION) that
# one; else the stand-in of standin/, which has the published schema of AWS provider 6.25.0 and talks to
# a local double of AWS only. Afterwards
#
#   . OUT/env       # TF, TF_CLI_CONFIG_FILE, TF_DISABLE_PLUGIN_TLS, ECR_UPSERTD_TERRAFORM_PROVIDER
#   AWS_ENDPOINT_URL=http://127.0.0.1:5000 "$TF" apply
#
# CACHE keeps what was downloaded (65 MB): the stand-in's Python packages and its schema. Where there is
# neither terraform nor tofu, tests/clients/tools.sh builds one; without Go the exit code is 77.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
[ $# -ge 1 ] || {
    sed -n '2,12s/^# \{0,1\}//p' "$0" >&2
    exit 2
}
mkdir -p "$1" "${2:-$1/cache}"
out=$(cd "$1" && pwd)
cache=$(cd "${2:-$1/cache}" && pwd)

version=6.25.0
bindings=cdktf-cdktf-provider-aws==21.22.1 # of that version
packages=(boto3==1.43.11 grpcio==1.76.0 grpcio-tools==1.76.0 msgpack==1.1.2)

find_terraform() {
    tf=${TF:-$(command -v terraform || command -v tofu || true)}
    [ -z "$tf" ] || return 0
    local tools=${ECR_UPSERTD_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/ecr-upsertd/tools}
    "$here/../clients/tools.sh" terraform
    tf=$(find "$tools" -path "$tools/terraform-*/terraform" 2>/dev/null | sort -V | tail -n 1)
    [ -n "$tf" ] || {
        echo "provider.sh: neither terraform nor tofu is here, and none can be built" >&2
        exit 77
    }
}

# What this program calls "hashicorp/aws": Terraform and OpenTofu differ.
provider_address() {
    local folder
    folder=$(mktemp -d)
    printf 'terraform {\n  required_providers {\n    aws = { source = "hashicorp/aws" }\n  }\n}\n' \
        >"$folder/main.tf"
    (cd "$folder" && TF_CLI_CONFIG_FILE=/dev/null "$tf" providers) |
        grep -o '[a-z0-9.]*/hashicorp/aws' | head -n 1
    rm -rf "$folder"
}

make_venv() {
    local sum
    sum=$(printf '%s\n' "${packages[@]}" | sha256sum | cut -c 1-12)
    python=$cache/venv-$sum/bin/python
    [ ! -e "$cache/venv-$sum/complete" ] || return 0
    rm -rf "$cache/venv-$sum"
    python3 -m venv "$cache/venv-$sum"
    "$python" -m pip install -q --disable-pip-version-check "${packages[@]}"
    touch "$cache/venv-$sum/complete"
}

make_schema() {
    local sum
    sum=$(sha256sum "$here/standin/schema.py" | cut -c 1-12)
    schema=$cache/schema-$version-$sum.json
    [ ! -s "$schema" ] || return 0
    [ -n "$(find "$cache/bindings" -name '*.whl' 2>/dev/null)" ] ||
        "$python" -m pip download -q --disable-pip-version-check --no-deps -d "$cache/bindings" "$bindings"
    "$python" "$here/standin/schema.py" "$cache"/bindings/*.whl "$schema.new"
    mv "$schema.new" "$schema"
}

install_standin() {
    make_venv
    make_schema
    mkdir -p "$out/lib"
    cp "$here"/standin/*.py "$out/lib/"
    cp "$schema" "$out/lib/schema.json"
    "$python" -m grpc_tools.protoc -I"$here/standin" --python_out="$out/lib" plugin.proto
    cat >"$1" <<EOF
#!/bin/sh
export STANDIN_SCHEMA='$out/lib/schema.json'
exec '$python' '$out/lib/provider.py' "\$@"
EOF
    chmod +x "$1"
}

case $(uname -m) in
x86_64) machine=amd64 ;;
aarch64) machine=arm64 ;;
*) machine=$(uname -m) ;;
esac

find_terraform
kind=stand-in
if [ -n "${TERRAFORM_PROVIDER_AWS:-}" ]; then
    kind=real
    version=${TERRAFORM_PROVIDER_AWS_VERSION:-$version}
fi
folder=$out/mirror/$(provider_address)/$version/linux_$machine
mkdir -p "$folder"
if [ $kind = real ]; then
    cp "$TERRAFORM_PROVIDER_AWS" "$folder/terraform-provider-aws_v$version"
else
    install_standin "$folder/terraform-provider-aws_v$version"
fi

cat >"$out/cli.tfrc" <<EOF
disable_checkpoint = true
provider_installation {
  filesystem_mirror {
    path = "$out/mirror"
  }
}
EOF
{
    echo "export TF='$tf' TF_CLI_CONFIG_FILE='$out/cli.tfrc' TF_IN_AUTOMATION=1 CHECKPOINT_DISABLE=1"
    echo "export ECR_UPSERTD_TERRAFORM_PROVIDER='$kind $version'"
    [ $kind = real ] || echo "export TF_DISABLE_PLUGIN_TLS=1"
} >"$out/env"
echo "provider hashicorp/aws: $kind $version"
