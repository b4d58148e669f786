"""How schemathesis sends what it has no form of its own for, NDJSON, an object a line; what it prefers; and how keys are refused."""

import json

import schemathesis
from schemathesis.specs.openapi import checks

# Of one address ten wrong keys are a 401, and those after them a 429: it tries one for each operation.
checks.AUTH_REJECTION_STATUSES = frozenset({401, 403, 429})


@schemathesis.hook
def before_call(ctx, case, kwargs):
    # A 201 without the record has no body, which no contract can say beside one that has.
    if "minimal" in str((case.headers or {}).get("Prefer")):
        del case.headers["Prefer"]


@schemathesis.serializer("application/x-ndjson")
def lines(ctx, value):
    if isinstance(value, bytes):
        return value
    if isinstance(value, str):
        return value.encode("utf-8", "surrogatepass")
    items = value if isinstance(value, list) else [value]
    return "\n".join(json.dumps(item) for item in items).encode()
