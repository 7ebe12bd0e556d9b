# What the examples of these guides share. Source it from the root of the repository, beside a hub of `make run`:
#
#   . docs/integrate/examples/env.sh
#
# HUB and DATA may be set beforehand, for a hub at another address or with another data folder.

HUB=${HUB:-http://127.0.0.1:8080}
DATA=${DATA:-data}

# The token of a sample system, by its role.
token() {
    python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' "$DATA/sample-credentials.json" "$1"
}

BORDER_GUARD=$(token border_guard)
CUSTOMS=$(token customs)
QUEUE_OPERATOR=$(token queue_operator)
ZONE_OPERATOR=$(token zone_operator)
LINE_1=$(token support_line_1)
LINE_2=$(token support_line_2)
TRADER=$(token trader)
DEPARTURE_OFFICE=$(token departure_office)
PRESS_OFFICE=$(token press_office)
MINISTRY=$(token ministry)
ADMINISTRATOR=$(token administrator)

# A moment as the hub takes it: at now, at '5 minutes ago'.
at() { date --utc --date "$1" +%Y-%m-%dT%H:%M:%SZ; }
