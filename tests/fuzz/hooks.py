"""What schemathesis must know of the registry: how to get a token, and which names may be published with it."""

import json
import urllib.request

import schemathesis

# What an anonymous token may publish and change.
NAMESPACE = "io.modelcontextprotocol.anonymous"
SCHEMA = "https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json"
# Tokens last five minutes.
REFRESH_SECONDS = 200
# The members of a document that are left as they were generated, one at a time; in the other requests none is.
MEMBERS = ["title", "repository", "websiteUrl", "icons", "packages", "remotes", "_meta"]

_count = 0


def _post(base_url, path, body, token=None):
    request = urllib.request.Request(base_url + path, data=json.dumps(body).encode(), method="POST")
    request.add_header("Content-Type", "application/json")
    if token:
        request.add_header("Authorization", "Bearer " + token)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


@schemathesis.auth(refresh_interval=REFRESH_SECONDS)
class AnonymousToken:
    """Whatever needs a token gets an anonymous one of the running registry."""

    def get(self, case, context):
        return _post(case.operation.base_url.rstrip("/"), "/v0/auth/none", {})["registry_token"]

    def set(self, case, data, context):
        if case.operation.definition.raw.get("security"):
            case.headers["Authorization"] = "Bearer " + data


@schemathesis.hook
def before_call(context, case, kwargs):
    """Leads every second request to a server that exists, with a document that may be taken; the others stay as they are.

    Which ones is the same in every run with the same seed.
    """
    global _count
    _count += 1
    if _count % 2:
        return
    server = f"{NAMESPACE}/seed-{_count // 2 % 4}"
    version = ["latest", "1.0.0", "1.1.0"][_count // 2 % 3]
    is_edit = case.operation.method.upper() == "PUT"
    parameters = case.path_parameters
    if isinstance(parameters, dict) and "serverName" in parameters:
        parameters["serverName"] = server
        if "version" in parameters:
            parameters["version"] = "1.0.0" if is_edit else version
    if is_edit:
        case.body = _document(case.body, server, "1.0.0")
    elif case.operation.path.endswith(("/publish", "/validate")):
        case.body = _document(case.body, f"{NAMESPACE}/fuzzed-{_count % 50}", f"1.0.{_count}")
    if isinstance(case.body, dict) and case.operation.path.endswith("/status") and _count % 4:
        case.body = {"status": ["deprecated", "deleted"][_count // 4 % 2], "statusMessage": f"change {_count}"}


def _document(generated, name, version):
    """A good document, with at most one member of the generated one."""
    document = {"$schema": SCHEMA, "name": name, "description": "Made up", "version": version}
    member = MEMBERS[_count // 4 % len(MEMBERS)]
    if _count % 4 and isinstance(generated, dict) and member in generated:
        document[member] = generated[member]
    return document
