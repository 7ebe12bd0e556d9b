#!/usr/bin/env bash
# Tests what stands in charts/: the alert rules with Prometheus' own tool, the Helm chart with Helm's own engine, its settings
# with the hub itself. Wants target/debug/kordon built, and `scripts/install.sh test`.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

tools=.venv-charts/bin
kordon=${CARGO_TARGET_DIR:-target}/debug/kordon

fail() {
    printf 'kordon: %s\n' "$*" >&2
    exit 1
}

[[ -x $kordon ]] || fail "$kordon is not built: run 'cargo build'"
[[ -x $tools/promtool ]] || fail "promtool is not installed: run 'scripts/install.sh test'"

"$tools/promtool" check rules --lint-fatal charts/prometheus/kordon.rules.yaml
"$tools/promtool" test rules charts/prometheus/kordon.rules.test.yaml
# No byte code: the folder of the tests stays as it is.
"$tools/python" -B -m unittest discover --start-directory tests/charts
