#!/bin/sh
# debian.sh LIST: installs the Debian packages of LIST ("command package" a line) whose command is missing.
# A package that can't be had is an error in CI, where no test may be skipped for want of a tool, and a warning elsewhere.
set -eu
# servers live in places that users' PATH leaves out
PATH="$PATH:/usr/sbin:/sbin:$(echo /usr/lib/postgresql/*/bin | tr ' ' ':')"
missing=$(while read -r command package; do
    case "$command" in "" | "#"*) continue ;; esac
    command -v "$command" >/dev/null || echo "$package"
done <"$1")
[ -n "$missing" ] || exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    export DEBIAN_FRONTEND=noninteractive
    # shellcheck disable=SC2086 # one word a package
    { apt-get -qq update && apt-get -qq install --no-install-recommends --yes $missing; } >/dev/null </dev/null && exit 0
fi
echo "debian.sh: not installed: $(echo "$missing" | tr '\n' ' ')(apt-get install them as root)" >&2
[ "${CI:-}" != true ]
