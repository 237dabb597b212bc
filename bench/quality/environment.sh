#!/usr/bin/env bash
# Makes build/quality-env, the Python environment of the scripts beside this file, from requirements.txt;
# does nothing if it is there and as pinned. 7 GiB, a few minutes. Prints the environment's python.
#     $(bench/quality/environment.sh) bench/quality/anomaly.py build/release/bin/diabolo ~/data
set -euo pipefail
here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
environment=$here/../../build/quality-env
if ! cmp -s "$here/requirements.txt" "$environment/requirements.txt"; then
  python3 -m venv "$environment"
  "$environment/bin/python" -m pip install --quiet --disable-pip-version-check -r "$here/requirements.txt" >&2
  cp "$here/requirements.txt" "$environment/requirements.txt"
fi
realpath -s "$environment/bin/python"
