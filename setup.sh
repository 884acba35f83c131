#!/bin/sh
# Installs what ditto needs from Debian (or Ubuntu), by package name, where it is missing. `make setup` calls it.
#   ./setup.sh         to build and run
#   ./setup.sh lint    the same, and what `make lint` and the sanitizer runs need
#   ./setup.sh report  the same, and what `make report` and its test in a browser need
set -u
needed='gcc make pkg-config libopenblas-dev libgsl-dev libjansson-dev libssl-dev libpng-dev libjpeg-dev zlib1g-dev
libcriterion-dev gnuplot-nox fonts-dejavu-core curl ca-certificates xz-utils'
for_lint='clang clang-format clang-tidy cppcheck shellcheck valgrind'
for_report='pandoc chromium'

say() { printf 'setup: %s\n' "$*"; }
fail() {
    printf 'setup: %s\n' "$1" >&2
    shift
    printf '  %s\n' "$@" >&2
    exit 1
}

case ${1:-} in
'') ;;
lint) needed="$needed $for_lint" ;;
report) needed="$needed $for_report" ;;
-h | --help)
    sed -n '2,5s/^# *//p' "$0"
    exit 0
    ;;
*) fail "unknown argument '$1'" 'usage: ./setup.sh [lint|report]' ;;
esac

# Another C compiler will do as well, clang for one.
[ -n "${CC:-}" ] && command -v "${CC%% *}" >/dev/null && needed=${needed#gcc }
# shellcheck disable=SC2086 # the list is split into names on purpose
set -- $needed

if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
    fail 'this system has no apt-get; install these by the names that it gives them (here are those of Debian):' "$*"
fi

# shellcheck disable=SC2016 # the format is dpkg-query's
installed=" $(dpkg-query -W -f '${db:Status-Status}=${Package} ' "$@" 2>/dev/null) "
missing=
for package in "$@"; do
    case $installed in
    *" installed=$package "*) ;;
    *) missing="$missing $package" ;;
    esac
done
if [ -z "$missing" ]; then
    say 'nothing to do, all packages are installed'
    exit 0
fi
say "missing:$missing"

as_root=
if [ "$(id -u)" != 0 ]; then
    if command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
        as_root='sudo -n'
    elif command -v sudo >/dev/null && [ -t 0 ]; then
        as_root=sudo
    else
        fail 'no rights to install packages (neither root nor sudo); ask the administrator to run:' \
            "apt-get install --no-install-recommends$missing"
    fi
fi
say "installing them with ${as_root:+$as_root }apt-get"
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get update || say 'apt-get update failed; trying with the package lists as they are'
# shellcheck disable=SC2086 # the list is split into names on purpose
$as_root apt-get install -y --no-install-recommends $missing ||
    fail 'apt-get could not install everything; see its message above; what is needed:' "${missing# }"
say 'done'
