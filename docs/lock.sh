#!/bin/sh
# Write requirements.lock (hashes, no addresses), or compare it with --check.
#   sh docs/lock.sh UV [--check]
set -eu
uv=$1
"$uv" lock --quiet
fresh=$(mktemp)
trap 'rm -f "$fresh"' EXIT
"$uv" export --all-packages --all-extras --all-groups --no-emit-workspace --no-emit-index-url --no-header -q --locked -o "$fresh" >/dev/null
grep -v -E '^--|^ *#' "$fresh" > "$fresh.plain" && mv "$fresh.plain" "$fresh"
if [ "${2:-}" = "--check" ]; then
    cmp -s "$fresh" requirements.lock && exit 0
    # A release may appear late in an index, and long before `exclude-newer`: that is nobody's change.
    names() { grep -oE '^[A-Za-z0-9._-]+' "$1" | sort -u; }
    [ "$(names "$fresh")" = "$(names requirements.lock)" ] ||
        { echo "requirements.lock is out of date; run make lock."; exit 1; }
    echo "requirements.lock: the index has other versions than when it was written; make lock takes them."
else
    cp "$fresh" requirements.lock
fi
