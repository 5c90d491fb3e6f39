#!/bin/sh
# Write requirements.lock (hashes, no addresses), or compare it with --check.
#   sh docs/lock.sh UV [--check]
set -eu
uv=$1
"$uv" lock --quiet
fresh=$(mktemp)
trap 'rm -f "$fresh"' EXIT
"$uv" export --all-packages --all-extras --no-extra models --all-groups --no-emit-workspace --no-emit-index-url --no-header -q --locked -o "$fresh" >/dev/null
grep -v -E '^--|^ *#' "$fresh" > "$fresh.plain" && mv "$fresh.plain" "$fresh"
if [ "${2:-}" = "--check" ]; then
    cmp -s "$fresh" requirements.lock || { echo "requirements.lock is out of date; run make lock."; exit 1; }
else
    cp "$fresh" requirements.lock
fi
