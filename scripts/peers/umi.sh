#!/usr/bin/env bash
# The workload `umi` beside fgumi and UMI-tools: see umi.py, whose options these are (`--help`).
#
# Installs what is compared into target/peers: fgumi from the crates registry, which takes some minutes to compile, unless
# FGUMI names its executable or one is in PATH; UMI-tools from the Python registry. Then builds the examples, and goes on in
# Python. Needs cargo, python3 with venv, and GNU time. Linux only.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
cd "$root"
export FGUMI_VERSION=0.9.0
peers=$root/target/peers
environment=$peers/umi-env
mkdir -p "$peers"

if [ -z "${FGUMI:-}" ]; then
  FGUMI=$(command -v fgumi || echo "$peers/fgumi/bin/fgumi")
fi
if [ ! -x "$FGUMI" ]; then
  echo "compiling fgumi $FGUMI_VERSION" >&2
  # In a workspace of its own: its profile and lock file are its, not ours.
  CARGO_TARGET_DIR=$peers/fgumi-build nice cargo install fgumi --version "$FGUMI_VERSION" --locked --quiet --root "$peers/fgumi" ||
    echo "left out: fgumi does not compile" >&2
fi
export FGUMI

if ! "$environment/bin/python" -c 'import umi_tools' 2>/dev/null; then
  echo "installing UMI-tools" >&2
  python3 -m venv --clear "$environment"
  pip="$environment/bin/python -m pip install --quiet --disable-pip-version-check"
  # It comes as source, whose set-up looks for a module that setuptools has no longer since version 82.
  $pip setuptools==75.8.0 wheel==0.48.0 cython==3.1.2 && $pip --no-build-isolation umi_tools==1.1.6 pysam==0.24.1 ||
    echo "left out: UMI-tools cannot be installed" >&2
fi

cargo build --release --quiet -p plimsoll-umi --examples
exec "$environment/bin/python" -B scripts/peers/umi.py "$@"
