"""What the fuzzer is not to send. Loaded by schemathesis.toml."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import schemathesis
from schemathesis.core.jsonschema.resolver import make_root_resolver, resolve_reference
from schemathesis.core.parameters import ParameterLocation
from schemathesis.transport.serialization import serialize_xml_with_schema


@schemathesis.hook
def filter_case(context, case):
    """Leaves out XML bodies that break the JSON Schema.

    In XML every value is text: a JSON type error is a lawful plate "null" there, and order, wrapping and namespaces are what can
    break. The XSDs say that, and the tests of the reader in schemas/ try it.
    """
    # A mail is any bytes under a head (see below): no schema can be broken by one.
    if case.media_type not in ("application/xml", "message/rfc822") or case.meta is None:
        return True
    body = case.meta.components.get(ParameterLocation.BODY)
    return body is None or body.mode.is_positive


# Where the fuzzer may pause calls. Anywhere else its calls would all be refused, and nothing beyond the refusal be tested.
MAY_BE_PAUSED = "UA408050"


@schemathesis.hook
def before_call(context, case, kwargs):
    """Keeps pauses to one of the seeded checkpoints."""
    near_moments(case)
    checkpoint = (case.path_parameters or {}).get("checkpoint")
    if case.operation.label.endswith("/pauses") and checkpoint in ("UA209030", "UA205020"):
        case.path_parameters["checkpoint"] = MAY_BE_PAUSED


# Moments that must be near the present, which no schema can say: by how many hours they are from it.
NEAR = {
    "POST /api/v1/permit-requests": {"began_at": -1, "agreed_until": 1},
    "POST /api/v1/notices/{notice}/publications": {"published_at": 0},
}


def near_moments(case):
    """Moves the moments of a lawful body to where they can be."""
    if not isinstance(case.body, dict) or case.meta is None:
        return
    body = case.meta.components.get(ParameterLocation.BODY)
    if body is None or not body.mode.is_positive:
        return
    now = datetime.now(UTC)
    hours = NEAR.get(case.operation.label, {})
    case.body |= {member: (now + timedelta(hours=hour)).isoformat() for member, hour in hours.items()}
    if case.operation.label == "POST /api/v1/permits/{number}/reports":
        as_reported(case.body, now.astimezone(ZoneInfo("Europe/Kyiv")).date().isoformat())


# The use of a permit that seed.py reported.
REPORTED = "UA209030/2026/SEED"


def as_reported(report, today):
    """Makes a report one that can be: a declaration is released while the permit is in force, its number can be printed, what is
    corrected was reported, and something is said."""
    uses, corrections = report.get("uses") or [], report.get("corrections") or []
    if not uses and not corrections and not report.get("not_used_because"):
        uses = report["uses"] = [{"registration_number": REPORTED}]
    for correction in corrections:
        # Either it was otherwise, or it never was; what is null is as if it were not there.
        correction["never_was"] = correction.get("to") is None
    for use in uses + [correction["to"] for correction in corrections if not correction["never_was"]]:
        use["released_on"] = today
        use["registration_number"] = "".join(filter(str.isprintable, use["registration_number"])).strip() or REPORTED
    if uses:
        # One thing at a time: with a correction of what nobody reported, no use would ever be taken.
        report.pop("corrections", None)
        report.pop("not_used_because", None)
    elif corrections:
        report["corrections"] = [corrections[0] | {"registration_number": REPORTED}]


@schemathesis.serializer("application/xml")
def as_xml(context, value):
    """A body that is one of several forms is written as the one that it is: a list in its wrapper, an object as an element."""
    schema = context.case.operation.get_body_for_media_type(context.case.media_type).optimized_schema
    resolver, form = make_root_resolver(schema), schema
    if "$ref" in form:
        resolver, form = resolve_reference(resolver, form["$ref"])
    for variant in form.get("oneOf", []):
        if "$ref" in variant:
            _, variant = resolve_reference(resolver, variant["$ref"])
        if (variant.get("type") == "array") == isinstance(value, list):
            form = variant
    bundled = {key: part for key, part in schema.items() if key.startswith("x-")}
    return serialize_xml_with_schema(value, {**bundled, **form}, resource_name=None)["data"]


@schemathesis.serializer("message/rfc822")
def as_mail(context, value):
    """A mail is bytes. What the fuzzer draws is hardly ever one: under a head of its own it is at least the text of one."""
    text = value if isinstance(value, str) else str(value)
    return ("From: fuzzer@example.com\r\n\r\n" + text).encode("utf-8", "surrogatepass")


@schemathesis.deserializer("application/octet-stream", "application/cms", "application/pem-certificate-chain")
def as_text(context, response):
    """What is signed and what it is signed with: tests/ verify both with openssl; to the contract they are text or bytes."""
    return response.content.decode("latin-1")
