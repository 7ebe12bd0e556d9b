#!/usr/bin/env bash
# Installs what Kordon needs beyond Rust, and only what is missing; says what and why before it does.
#
#   scripts/install.sh          to build and to run
#   scripts/install.sh test     that, and what the tests use
#   scripts/install.sh bench    that, and what the benchmarks use
#
# Debian 12's packages come through sudo when you are not root. Test tools that Debian lacks go into the
# repository's own folders: .venv from tests/contract/requirements.txt, .venv-evidence from adapters/tests/trembita/evidence/requirements.txt,
# .venv-charts from tests/charts/requirements.txt, node_modules from package-lock.json.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

fail() {
    printf 'kordon: %s\n' "$*" >&2
    exit 1
}

purpose=${1:-run}
case $purpose in
    run | test | bench) ;;
    *) fail "unknown purpose '$purpose': say nothing, 'test' or 'bench'" ;;
esac

has_command() { command -v "$1" >/dev/null; }

# True when version $1 is at least version $2.
is_at_least() { [[ $(printf '%s\n%s\n' "$2" "$1" | sort --version-sort | head --lines=1) == "$2" ]]; }

check_rust() {
    local wanted found
    wanted=$(sed --quiet 's/^rust-version = "\(.*\)"$/\1/p' Cargo.toml)
    if ! has_command rustc || ! has_command cargo; then
        fail "Rust $wanted or newer is needed and not on the PATH: install it by https://rustup.rs, then run this again"
    fi
    found=$(rustc --version | cut --delimiter=' ' --fields=2)
    is_at_least "$found" "$wanted" ||
        fail "Rust $wanted or newer is needed, here is $found: run 'rustup update stable', then run this again"
    [[ $purpose == test ]] || return 0
    { cargo fmt --version && cargo clippy --version; } >/dev/null 2>&1 ||
        fail "the tests use rustfmt and clippy: run 'rustup component add rustfmt clippy', then run this again"
}

missing=()
reasons=()

# need PACKAGE REASON CHECK...: notes PACKAGE as missing unless the command CHECK succeeds.
need() {
    local package=$1 reason=$2
    shift 2
    if ! "$@" >/dev/null 2>&1; then
        missing+=("$package")
        reasons+=("$package ($reason)")
    fi
}

# The hub and the tests start servers of their own from these binaries; 15 is the oldest that the SQL is written for.
has_postgresql() { compgen -G '/usr/lib/postgresql/1[5-9]/bin/initdb' || compgen -G '/usr/lib/postgresql/[2-9][0-9]/bin/initdb'; }
has_softhsm() { has_command softhsm2-util && test -e /usr/lib/softhsm/libsofthsm2.so; }
# Debian's own Python, whatever else is first on the PATH: its packages are seen by no other.
has_python_module() { /usr/bin/python3 -c "import importlib.util, sys; sys.exit(importlib.util.find_spec('$1') is None)"; }

look_around() {
    missing=()
    reasons=()
    need postgresql 'the database server, started by the hub itself' has_postgresql
    need gcc 'links Rust programs and builds their C parts' has_command cc
    need libc6-dev 'C headers' test -e /usr/include/stdio.h
    need pkg-config 'finds the libraries below' has_command pkg-config
    need libssl-dev 'TLS' pkg-config --exists openssl
    need ca-certificates 'certificates to trust' test -s /etc/ssl/certs/ca-certificates.crt
    need curl 'asks a running hub' has_command curl
    if [[ $purpose == test ]]; then
        need openssl 'makes certificates for the tests' has_command openssl
        need default-jdk-headless 'runs the library below' has_command javac
        need libbcprov-java 'BouncyCastle, second opinion on signatures of Ukraine' test -e /usr/share/java/bcprov.jar
        need softhsm2 'a hardware module to sign with, in software' has_softhsm
        need xmlsec1 'second opinion on XML signatures' has_command xmlsec1
        need libxml2-utils 'xmllint, second opinion on XML schemas' has_command xmllint
        need python3 'contract tests' test -x /usr/bin/python3
        need python3-venv 'keeps their packages apart' has_python_module ensurepip
        need python3-aiosmtpd 'a mail server that receives notices' has_python_module aiosmtpd
        need dovecot-imapd 'a mail server with the mailboxes that are fetched' test -x /usr/sbin/dovecot
        # Any Node.js 18 or newer does; Debian's is asked for only when there is none.
        need nodejs 'runs the linter of the contract' has_command node
        need npm 'installs that linter' has_command npm
    fi
    if [[ $purpose == bench ]]; then
        # pgbench, the peer of the measurement, comes with Debian's server package.
        need wrk 'puts load on the hub' has_command wrk
    fi
}

as_root() {
    if [[ $(id --user) == 0 ]]; then
        "$@"
    else
        sudo "$@"
    fi
}

# Debian makes and starts a server of its own when the package comes in. Nobody asked for one, so it is told not to, for as
# long as this script installs: the next PostgreSQL that you install yourself behaves as ever.
drop_in=/etc/postgresql-common/createcluster.d/kordon-install.conf
forbid_default_cluster() {
    trap allow_default_cluster EXIT
    as_root mkdir --parents "${drop_in%/*}"
    echo 'create_main_cluster = false' | as_root tee "$drop_in" >/dev/null
}
allow_default_cluster() {
    as_root rm --force "$drop_in"
    as_root rmdir --ignore-fail-on-non-empty "${drop_in%/*}"
    trap - EXIT
}

install_packages() {
    local log listing
    printf -v listing '%s, ' "${reasons[@]}"
    has_command apt-get ||
        fail "this machine has no apt-get. Please install by hand (named as in Debian 12): ${listing%, }"
    [[ $(id --user) == 0 ]] || has_command sudo ||
        fail "neither root nor sudo. Please have installed: ${missing[*]}"
    printf 'kordon: installing from Debian: %s\n' "${listing%, }"
    log=$(mktemp)
    # Old lists may still do: if they do not, the next step says what it could not get.
    as_root apt-get update -qq >"$log" 2>&1 || cat "$log" >&2
    [[ " ${missing[*]} " != *' postgresql '* ]] || forbid_default_cluster
    if ! as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq --yes --no-install-recommends \
        -o DPkg::Lock::Timeout=300 -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold \
        "${missing[@]}" </dev/null >"$log" 2>&1; then
        cat "$log" >&2
        rm --force "$log"
        fail "apt-get could not install ${missing[*]}; its words stand above"
    fi
    rm --force "$log"
    [[ " ${missing[*]} " != *' postgresql '* ]] || allow_default_cluster
}

# Debian has it in the package of a server, which comes with much else and starts: the one program is taken out, unless it is there.
install_promtool() {
    local promtool folder
    if promtool=$(command -v promtool); then
        ln --symbolic "$promtool" .venv-charts/bin/promtool
        return
    fi
    has_command apt-get || fail 'this machine has no apt-get. Please install promtool by hand (it comes with Prometheus)'
    echo "kordon: taking promtool (tests the alert rules) out of Debian's package prometheus"
    folder=$(mktemp --directory)
    # Old lists may name a package that is gone.
    (cd "$folder" && apt-get download -qq -o APT::Sandbox::User=root prometheus 2>/dev/null) || {
        as_root apt-get update -qq
        (cd "$folder" && apt-get download -qq -o APT::Sandbox::User=root prometheus)
    }
    dpkg-deb --fsys-tarfile "$folder"/prometheus_*.deb | tar --extract --directory "$folder" ./usr/bin/promtool
    mv "$folder/usr/bin/promtool" .venv-charts/bin/promtool
    rm --recursive --force "$folder"
}

# One at a time: two runs in one clone would write the same folders.
install_test_tools() {
    mkdir --parents target
    exec {lock}>target/.install-lock
    flock "$lock"
    if ! cmp --silent tests/contract/requirements.txt .venv/installed.txt; then
        echo 'kordon: installing into .venv: schemathesis (tests a running hub against its contract), zeep (asks it by SOAP), xmlsec and http-message-signatures (sign what is asked)'
        /usr/bin/python3 -m venv --clear .venv
        .venv/bin/pip install --quiet --disable-pip-version-check --requirement tests/contract/requirements.txt
        cp tests/contract/requirements.txt .venv/installed.txt
    fi
    local strangers=adapters/tests/trembita/evidence/requirements.txt
    if ! cmp --silent "$strangers" .venv-evidence/installed.txt; then
        echo 'kordon: installing into .venv-evidence: pyasice, signxml (second opinions on evidence)'
        /usr/bin/python3 -m venv --clear .venv-evidence
        .venv-evidence/bin/pip install --quiet --disable-pip-version-check --requirement "$strangers"
        cp "$strangers" .venv-evidence/installed.txt
    fi
    if ! cmp --silent tests/charts/requirements.txt .venv-charts/installed.txt; then
        echo 'kordon: installing into .venv-charts: helm-python-sdk (renders the chart as Helm does), kubernetes-validate (knows what Kubernetes takes)'
        /usr/bin/python3 -m venv --clear .venv-charts
        .venv-charts/bin/pip install --quiet --disable-pip-version-check --requirement tests/charts/requirements.txt
        install_promtool
        cp tests/charts/requirements.txt .venv-charts/installed.txt
    fi
    if ! cmp --silent package-lock.json node_modules/.installed-lock.json; then
        echo 'kordon: installing into node_modules: spectral (lints the contract)'
        npm ci --silent
        cp package-lock.json node_modules/.installed-lock.json
    fi
    exec {lock}>&-
}

check_rust
look_around
if ((${#missing[@]} > 0)); then
    install_packages
    look_around
    ((${#missing[@]} == 0)) || fail "still missing after the install: ${missing[*]}"
fi
[[ $purpose != test ]] || install_test_tools
