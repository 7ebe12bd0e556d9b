#!/usr/bin/env bash
# Fuzzes a running hub against its own contract (tests/contract/schemathesis.toml), once in the name of each role that acts:
# rights are one role a system, so none can do everything. Starts a hub of its own on a free port, in a folder of its own.
#
#   scripts/contract.sh [schemathesis options]      e.g. --max-examples 500 --seed 7
#
# KORDON_ROLES="customs taxud" limits the roles. Wants target/debug/kordon built, and `scripts/install.sh test`.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

repository=$PWD
kordon=${CARGO_TARGET_DIR:-target}/debug/kordon
schemathesis=$repository/.venv/bin/schemathesis
roles=${KORDON_ROLES:-border_guard customs queue_operator zone_operator police support_line_1 support_line_2 departure_office trader press_office administrator}
seconds_to_start=90
seconds_to_stop=30

fail() {
    printf 'kordon: %s\n' "$*" >&2
    exit 1
}

[[ -x $kordon ]] || fail "$kordon is not built: run 'cargo build'"
[[ -x $schemathesis ]] || fail "schemathesis is not installed: run 'scripts/install.sh test'"

work=$(mktemp --directory)
# A hub that root starts runs its database as another account, which has to pass through here.
chmod 711 "$work"
mkdir "$work/reports" "$work/scratch"
hub=''
bank=''

# Asks the hub to stop and waits for its end, which is to come soon and to be a good one.
stop_hub() {
    [[ -n $hub ]] || return 0
    local stopping=$hub file
    hub=''
    kill -TERM "$stopping" 2>/dev/null || true
    if timeout "$seconds_to_stop" tail --follow --pid="$stopping" /dev/null; then
        wait "$stopping" && return 0
        return 1
    fi
    echo "kordon: the hub did not stop within $seconds_to_stop s of SIGTERM" >&2
    kill -KILL "$stopping" 2>/dev/null || true
    # Its database would outlive it: the first line of postmaster.pid is the process to end.
    while IFS= read -r file; do
        kill -INT "$(head --lines=1 "$file")" 2>/dev/null || true
    done < <(find "$work/data" -name postmaster.pid)
    return 1
}

clean_up() {
    local result=$?
    trap - EXIT
    if [[ -n $hub ]]; then
        stop_hub || result=1
    fi
    [[ -z $bank ]] || kill -TERM "$bank" 2>/dev/null || true
    # Of a hub that did not end well.
    if ((result != 0)) && [[ -f $work/hub.log ]]; then
        echo "-- the hub's last words"
        tail --lines=20 "$work/hub.log" || true
    fi
    rm --recursive --force "$work"
    exit "$result"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# Quotes need a rate, and no test asks the National Bank itself.
: >"$work/bank.out"
"$repository/.venv/bin/python" tests/contract/nbu.py >"$work/bank.out" &
bank=$!
nbu_url=$(timeout "$seconds_to_start" grep --max-count=1 --only-matching 'http://[^ ]*' \
    <(tail --follow --lines=+1 --pid="$bank" "$work/bank.out" 2>/dev/null)) || fail 'the stand-in of the bank did not start'

: >"$work/hub.out"
# Never in a database that somebody has work in.
# A fuzzer asks more often than anyone may.
env --unset=DATABASE_URL KORDON_FEES__NBU_URL="$nbu_url" KORDON_LIMITS__STRANGER='{requests=1000000,seconds=1}' \
    KORDON_LIMITS__SYSTEM='{requests=1000000,seconds=1}' KORDON_TREMBITA__ADDRESSES='["127.0.0.1"]' \
    "$kordon" serve --data "$work/data" --listen 127.0.0.1:0 --sample-parties >"$work/hub.out" 2>"$work/hub.log" &
hub=$!

# Ends with the line, with the hub, or with the time, whichever is first.
line=$(timeout "$seconds_to_start" grep --max-count=1 --only-matching 'listening on http://[^ ]*' \
    <(tail --follow --lines=+1 --pid="$hub" "$work/hub.out" 2>/dev/null)) ||
    fail "the hub ended, or took more than $seconds_to_start s, before it said 'listening on http://…'"
address=${line#listening on }
address=${address%/}

curl --silent --fail --retry 30 --retry-delay 1 --retry-all-errors --max-time 10 --output /dev/null \
    "$address/health/ready" || fail "the hub at $address listens and does not get ready"
curl --silent --show-error --fail --output "$work/contract.json" "$address/openapi.json"

token_of() {
    "$repository/.venv/bin/python" -c 'import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' \
        "$work/data/sample-credentials.json" "$1"
}

# Vehicles, an outage and a stray event to ask about: ids that a fuzzer would never guess.
ids=$("$repository/.venv/bin/python" tests/contract/seed.py "$address" "$work/data/sample-credentials.json") ||
    fail 'the hub did not take what it is to be asked about'
eval "$ids"
# schemathesis fills in variables of the environment in headers only.
while read -r name values; do
    # Several ids stand between spaces: here they become values of a list.
    printf 's|${%s}|%s|g\n' "$name" "${values// /\", \"}"
done < <(sed "s/^export //; s/=/ /; s/'//g" <<<"$ids") >"$work/ids.sed"
sed --file "$work/ids.sed" tests/contract/schemathesis.toml >"$work/schemathesis.toml"

export SCHEMATHESIS_HOOKS=$repository/tests/contract/hooks.py

# fuzz ROLE REPORT OPTION...: asks in the name of a role; the report tells which operations it got through to.
fuzz() {
    local role=$1 report=$2
    shift 2
    echo "-- as $role${*:+ ($report)}"
    KORDON_TOKEN=$(token_of "$role") || fail "no sample credential for the role $role"
    export KORDON_TOKEN
    # Its own folder, since schemathesis leaves files where it runs.
    (
        cd "$work/scratch"
        "$schemathesis" --config-file "$work/schemathesis.toml" run \
            --report json --report-json-path "$work/reports/$report.json" "$@" "$address/openapi.json"
    ) >"$work/run.log" 2>&1 || {
        cat "$work/run.log"
        fail "the hub and its contract disagree when $role asks; the requests stand above"
    }
    grep --extended-regexp '^ +[0-9]+ generated' "$work/run.log"
}

# What other acts of a run rule out comes first, while nobody has touched what it acts on: a text that was let go is not changed, and an
# article that was published is in another version.
if [[ " $roles " == *' support_line_1 '* && $# -eq 0 ]]; then
    fuzz support_line_1 untouched --include-operation-id rewrite_article --include-operation-id withdraw_article \
        --include-operation-id edit_press_text
fi
for role in $roles; do
    fuzz "$role" "$role" "$@"
done

stop_hub || fail 'the hub did not end well after SIGTERM'
rm "$work/hub.log"
# A run for some roles alone says nothing of the operations that only others reach.
[[ -n ${KORDON_ROLES:-} ]] || "$repository/.venv/bin/python" tests/contract/reach.py "$work/contract.json" "$work/reports"
