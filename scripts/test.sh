#!/usr/bin/env bash
# Every check of the project, cheapest first; stops at the first that fails and names it. `make test` installs the tools, then
# calls this. Debug builds only: one build serves the tests, the demo and the contract.
#
# KORDON_VECTORS names a folder of test vectors that are not part of this repository; tests that need them are left out when
# it is unset. Set to a folder that is not there, it fails.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

binaries=${CARGO_TARGET_DIR:-target}/debug
results=$(mktemp)
cluster_in_use=no
# A snapshot that differs fails; it is never written here.
export INSTA_UPDATE=no
# The same cases each time, as with the fuzzer of the contract: what a run says depends on the code alone. `make explore` draws others.
export PROPTEST_RNG_SEED=${PROPTEST_RNG_SEED:-1393}

clean_up() {
    local result=$?
    trap - EXIT
    rm --force "$results"
    # The tests share one PostgreSQL, which outlives the test processes: none of them knows that it is the last.
    if [[ $cluster_in_use == yes && -x $binaries/kordon-testing ]]; then
        "$binaries/kordon-testing" stop >/dev/null 2>&1 || true
    fi
    exit "$result"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# step NAME COMMAND...: runs it under a heading, tells its time, ends the script when it fails.
step() {
    local name=$1 began=$SECONDS
    shift
    printf '\n== %s\n' "$name"
    if ! "$@"; then
        printf '\n== %s: FAILED after %d s\n' "$name" "$((SECONDS - began))" >&2
        exit 1
    fi
    printf '== %s: %d s\n' "$name" "$((SECONDS - began))"
}

vectors() {
    [[ -n ${KORDON_VECTORS+set} ]] || return 0
    [[ -d $KORDON_VECTORS ]] && return 0
    echo "KORDON_VECTORS is set to '$KORDON_VECTORS', which is no folder" >&2
    return 1
}

documentation() {
    RUSTDOCFLAGS=-Dwarnings cargo doc --locked --quiet --workspace --no-deps --document-private-items
}

# `set -e` does not reach into a function that is called in an `if`, hence the `&&`.
tests() {
    cargo build --locked --workspace --bins &&
        cluster_in_use=yes &&
        cargo test --locked --workspace 2>&1 | tee "$results"
}

# Cargo tells the outcome for each of its many test programs; this is their sum.
sum_of_tests() {
    awk '/^test result:/ { passed += $4; failed += $6; skipped += $8 }
         END { printf "tests: %d passed, %d failed, %d skipped\n", passed, failed, skipped; exit passed == 0 }' "$results"
}

step 'test vectors' vectors
step 'format' cargo fmt --all --check
step 'lint of the contract' scripts/lint-contract.sh
step 'clippy' cargo clippy --locked --workspace --all-targets -- -D warnings
step 'documentation' documentation
step 'tests' tests
step 'charts' scripts/charts.sh
step 'demo' "$binaries/kordon" demo
step 'demo of an outage' "$binaries/kordon" demo --scenario outage
step 'contract' scripts/contract.sh

printf '\n== all passed in %d s\n' "$SECONDS"
sum_of_tests
