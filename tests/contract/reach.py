"""Tells which roles got through to which operation, and fails when an operation of the contract was only ever refused.

A fuzzer that is refused everywhere finds nothing and passes. Reads the reports that scripts/contract.sh collects:

    reach.py CONTRACT REPORTS     the contract as the hub served it, and a folder with one ROLE.json for each run
"""

import json
import sys
from pathlib import Path

METHODS = ("get", "put", "post", "delete", "patch")

# Operations that a run cannot get through to, each with its reason. Empty is best.
NOT_REACHABLE: dict[str, str] = {
    "POST /api/v1/bookings/{booking}/extension": (
        "its body names a slot that is later than the booking's, which no schema can say; tests/ move bookings"
    ),
    "POST /api/v1/bookings/{booking}/ban-lifting": (
        "a vehicle is banned when it did not come, for which time has to pass; tests/ lift bans"
    ),
    "POST /api/v1/checkpoints/{checkpoint}/events/{position}/placement": (
        "its body names a crossing of the same checkpoint, which no schema can say; tests/ place events"
    ),
    "POST /api/v1/notice-rejections": "it takes a message of DG TAXUD; tests/ send it",
    "POST /api/v1/exchange/documents": (
        "its body names the organisation of whoever asks and a moment of these days; seed.py and tests/ hand documents in"
    ),
    "GET /api/v1/checkpoints/{checkpoint}/queue/stream": "it does not end; tests/ follow it",
}


def operations(contract: dict) -> list[str]:
    """Every operation of the contract as the reports name it: `GET /api/v1/checkpoints`."""
    return [
        f"{method.upper()} {path}"
        for path, item in contract["paths"].items()
        for method in METHODS
        if method in item
    ]


def reached_by(report: dict) -> set[str]:
    """The operations that answered a request of this run with success at least once."""
    return {
        operation
        for operation, phases in report["valid_rates"].items()
        if any(phase["accepted"] for phase in phases.values())
    }


def main(contract_file: str, reports_folder: str) -> int:
    contract = json.loads(Path(contract_file).read_text())
    reports = {file.stem: json.loads(file.read_text()) for file in sorted(Path(reports_folder).glob("*.json"))}
    reached = {role: reached_by(report) for role, report in reports.items()}
    requests = sum(report["test_cases"]["generated"] for report in reports.values())
    faults = 0
    for operation in operations(contract):
        roles = [role for role, done in reached.items() if operation in done]
        if roles and operation in NOT_REACHABLE:
            faults += 1
            print(f"{operation}: reached after all; take it off the list in reach.py")
        elif not roles and operation not in NOT_REACHABLE:
            faults += 1
            print(f"{operation}: no role got through, so nothing beyond the refusal was tested")
    print(f"{requests} requests in {len(reports)} runs over {len(operations(contract))} operations")
    return 1 if faults or not reports else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
