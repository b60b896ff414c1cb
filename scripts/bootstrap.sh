#!/bin/sh
# Builds .venv from the locked requirements. Needs Python 3.11 or newer with pip or venv, nothing else.
set -eu
CDPATH= cd "$(dirname "$0")/.."

venv=.venv
python=$venv/bin/python
stamp=$venv/.bootstrapped # written last: a build that was cut short has none
here=$(pwd -P)
want=$here:$(cat requirements/*.txt pyproject.toml src/fifteen/__about__.py scripts/bootstrap.sh | cksum)

say() { printf '%s\n' "$*" >&2; }

# What the caller's shell says about where to install must not lead out of .venv;
# what it says about how to reach a package index (mirror, proxy, certificate, cache) stays.
unset PYTHONPATH PYTHONHOME VIRTUAL_ENV
for name in $(env | sed -nE 's/^((PIP|UV)_[A-Z_]+)=.*/\1/p'); do
    case $name in
    *INDEX* | *FIND_LINKS | *CERT* | *TLS | *PROXY | *HOST | *TIMEOUT | *RETRIES | *CACHE* | *CONFIG_FILE | *KEYRING*) ;;
    *) unset "$name" ;;
    esac
done
export PIP_USER=0 PIP_REQUIRE_VIRTUALENV=0 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
export UV_PYTHON_DOWNLOADS=never

usable() { # is .venv an environment whose Python still runs?
    "$python" -I -c 'import sys; sys.exit(sys.prefix == sys.base_prefix)' 2>/dev/null
}

newest= pip=
make_venv() { # with the newest Python that can; sets $pip, the command that installs into it
    for base in python3.14 python3.13 python3.12 python3.11 python3; do
        "$base" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue
        newest=${newest:-$base}
        rm -rf $venv
        # The pip beside that Python fills .venv from outside: quicker, and it does not need ensurepip,
        # which Debian leaves out. Where there is no such pip, venv brings its own.
        if "$base" -m pip --version >/dev/null 2>&1 && "$base" -m venv --without-pip $venv && usable; then
            pip="$base -m pip --python $python"
            return
        elif "$base" -m venv $venv >/dev/null 2>&1 && usable; then
            pip="$python -m pip"
            return
        fi
    done
    rm -rf $venv
    return 1
}

install_with_uv() {
    $venv/bin/uv pip sync -q --require-hashes --python $python requirements/uv.txt requirements/dev.txt &&
        $venv/bin/uv pip install -q --no-cache --no-deps --no-build-isolation --python $python -e .
}

install_with_pip() {
    $pip install -q --require-hashes -r requirements/dev.txt &&
        $pip install -q --no-deps --no-build-isolation -e .
}

made=$(cat $stamp 2>/dev/null || :)
if usable && [ "$made" = "$want" ]; then
    exit 0
fi
rm -f $stamp

if usable && [ "${made%:*}" = "$here" ] && [ -x $venv/bin/uv ] && install_with_uv; then
    : # a whole environment of this folder: brought up to date in place
else
    if ! make_venv && [ -n "$newest" ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        say "$newest has neither pip nor venv here: installing the Debian package python3-venv."
        apt-get update -qq >&2 &&
            DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends python3-venv >&2 && make_venv || :
    fi
    if [ -z "$newest" ]; then
        say "Fifteen needs Python 3.11 or newer and found none: install one (Debian, Ubuntu: sudo apt-get install python3 python3-pip; macOS: brew install python), then run 'make bootstrap' again."
        exit 1
    fi
    if [ -z "$pip" ]; then
        say "$newest can make no virtual environment here: install its pip and venv (Debian, Ubuntu: sudo apt-get install python3-pip python3-venv; macOS: brew install python), then run 'make bootstrap' again."
        exit 1
    fi
    say "Building $venv with $($python --version)."
    if $pip install -q --require-hashes -r requirements/uv.txt && install_with_uv; then
        :
    else
        say "uv could not be used; installing with pip, which takes longer."
        install_with_pip
    fi
fi
printf '%s\n' "$want" >$stamp
