#!/bin/sh
# Makes this checkout ready to run: the system's packages, then .venv. Called by the Makefile;
# costs a moment when nothing is missing. The argument `package` adds what PyInstaller needs,
# `browser` a browser for tests/browser, `journeys` the hands that tests/journeys drives windows with,
# `servers` the databases that searches are kept in by tests/integration; those can be left out.
set -eu
cd "$(dirname "$0")/.."

# What Qt loads from the system, a font that fontconfig prefers, and a screen for machines without.
packages="
    libegl1 libgl1 libglib2.0-0 libdbus-1-3 libfontconfig1 libxkbcommon-x11-0
    libxcb-cursor0 libxcb-icccm4 libxcb-image0 libxcb-keysyms1 libxcb-randr0 libxcb-render-util0
    libxcb-shape0 libxcb-xinerama0 libxcb-xkb1 libwayland-cursor0
    fonts-noto-core xvfb xauth
"

say() { echo "mnist-desktop: $*" >&2; }

# The first Python from 3.11 to 3.13 that really starts (a pyenv shim may be only a name).
find_python() {
    for candidate in ${PYTHON:-python3.12 python3.11 python3.13 python3 python}; do
        if "$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' \
            >/dev/null 2>&1; then
            echo "$candidate"
            return
        fi
    done
}

# Debian's move to 64-bit time renamed some libraries: libglib2.0-0 is libglib2.0-0t64 there.
is_installed() {
    dpkg-query -W -f '${db:Status-Status}\n' "$1" "${1}t64" 2>/dev/null | grep -q '^installed'
}

apt_get="env DEBIAN_FRONTEND=noninteractive apt-get -q"
apt_get="$apt_get -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0"

# The programs only: no cluster is made of PostgreSQL, and nothing is started. A system that has no
# such packages, or does not let this user install them, goes without, and the tests say so.
install_servers() {
    [ "$(id -u)" = 0 ] && as_root= || as_root="sudo -n"
    without_cluster=/etc/postgresql-common/createcluster.conf
    for package in postgresql mariadb-server-core; do
        if is_installed "$package"; then continue; fi
        say "Installing $package, for tests."
        {
            [ -e "$without_cluster" ] || {
                $as_root mkdir -p "${without_cluster%/*}"
                echo "create_main_cluster = false" | $as_root tee "$without_cluster"
            }
            $as_root $apt_get update
            $as_root $apt_get install -y --no-install-recommends "$package"
        } >/dev/null 2>&1 || say "$package could not be installed; tests with it are left out."
    done
}

install_system_packages() {
    [ "$(uname)" = Linux ] || return 0
    if ! command -v apt-get >/dev/null; then
        command -v xvfb-run >/dev/null ||
            say "This is no Debian or Ubuntu; if Qt does not start, install what these" \
                "packages hold:" $packages
        return 0
    fi
    missing=
    for package in $packages; do
        is_installed "$package" || missing="$missing $package"
    done
    [ -n "$missing" ] || return 0

    if [ "$(id -u)" = 0 ]; then
        as_root=
    elif command -v sudo >/dev/null; then
        as_root=sudo
    else
        say "System packages are missing, and only root or sudo can install them; ask for:" \
            "apt-get install$missing"
        return 0
    fi
    say "Installing system packages:$missing"
    apt="$as_root $apt_get"
    $apt update || say "Some package lists could not be refreshed; going on with those at hand."
    $apt install -y --no-install-recommends $missing || {
        say "The system packages could not be installed (see above); try again, or install" \
            "them by hand:$missing"
        exit 1
    }
}

# True when .venv was filled for this very folder and nothing has been asked for since.
venv_is_current() {
    [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$PWD" ] &&
        [ -z "$(find requirements.lock pyproject.toml -newer "$stamp")" ] &&
        "$venv_python" -c '' 2>/dev/null
}

fill_venv() {
    if [ ! -f "$stamp" ] || [ "$(cat "$stamp")" != "$PWD" ] || ! "$venv_python" -c ''; then
        "$python" -m venv --clear .venv || {
            say "$python cannot make a virtual environment; install Python's venv module."
            exit 1
        }
    fi
    rm -f "$stamp"
    say "Installing the Python packages into .venv (some 600 MB the first time; minutes)."
    quiet=-q
    [ ! -t 1 ] || quiet=
    "$venv_python" -m pip install $quiet --require-hashes --only-binary :all: -r requirements.lock
    "$venv_python" -m pip install -q --no-build-isolation --no-deps -e .
    echo "$PWD" >"$stamp"
}

stamp=.venv/.prepared
venv_python=.venv/bin/python
[ "${OS:-}" != Windows_NT ] || venv_python=.venv/Scripts/python.exe

python=$(find_python)
if [ -z "$python" ]; then
    say "Python 3.11, 3.12 or 3.13 is needed, and none was found; install one, or name it:" \
        "make PYTHON=/path/to/python3"
    exit 1
fi
# Debian keeps apart from Python what makes a virtual environment and what PyInstaller packs.
version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
if ! venv_is_current && ! "$python" -c 'import ensurepip' 2>/dev/null; then
    packages="$packages python$version-venv"
fi
if [ "${1:-}" = package ]; then
    packages="$packages binutils xz-utils desktop-file-utils libglib2.0-bin xdotool gcc libc6-dev"
    [ "$("$python" -c 'import sys; print(sys.base_prefix)')" != /usr ] ||
        packages="$packages libpython$version"
fi
if [ "${1:-}" = journeys ]; then
    packages="$packages xdotool openbox xclip"
fi

# A browser under any name will do. Ubuntu's package installs none, only a snap; there, and on
# other systems, the tests say what is missing.
has_browser() {
    [ -z "${CHROMIUM:-}" ] || return 0
    for name in chromium chromium-browser google-chrome google-chrome-stable microsoft-edge; do
        command -v "$name" >/dev/null && return 0
    done
    return 1
}
if [ "${1:-}" = browser ] && ! has_browser && grep -qs '^ID=debian' /etc/os-release; then
    packages="$packages chromium"
fi

[ "${1:-}" != servers ] || install_servers
install_system_packages
venv_is_current || fill_venv
