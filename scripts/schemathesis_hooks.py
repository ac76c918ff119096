"""What scripts/check-openapi.sh needs beyond what schemathesis does by itself. Environment: CHECK_APP_SECRET,
CHECK_MEDIA_NAME."""

import base64
import datetime
import hashlib
import hmac
import os

import schemathesis
from livekit import api
from schemathesis.generation import GenerationMode

SENDS = ("POST /whatsapp/send", "POST /rooms/{name}/messages")
# Objects in Meta's own form: openapi.yaml gives their outline, the gateway knows Meta's rules in full. And what must
# name something that is there, or be an address or an emoji: no schema can tell.
BEYOND_SCHEMA = ("contacts", "interactive", "template", "mediaUrl", "replyTo", "reaction")


def is_positive(case):
    return case.meta is not None and case.meta.generation.mode == GenerationMode.POSITIVE


@schemathesis.hook
def before_call(context, case, kwargs):
    """Makes right what no generator can: the webhook's signature, the name of a file that is there."""
    if not is_positive(case):
        return
    if case.operation.label == "POST /whatsapp/webhook":
        kwargs["auth"] = sign
    elif case.operation.label == "POST /livekit/webhook":
        kwargs["auth"] = sign_as_livekit
    elif case.operation.label == "GET /uploads/whatsapp/{name}":
        case.path_parameters["name"] = os.environ["CHECK_MEDIA_NAME"]
    elif case.operation.label == "GET /rooms/{name}/messages" and "after" in case.query:
        # They exclude each other, which OpenAPI can't say of query parameters.
        case.query.pop("before", None)


def sign(request):
    """Called with the request as it will be sent."""
    body = request.body or b""
    if isinstance(body, str):
        body = body.encode()
    digest = hmac.new(os.environ["CHECK_APP_SECRET"].encode(), body, hashlib.sha256).hexdigest()
    request.headers["X-Hub-Signature-256"] = f"sha256={digest}"
    return request


def sign_as_livekit(request):
    body = request.body or b""
    digest = hashlib.sha256(body.encode() if isinstance(body, str) else body).digest()
    token = api.AccessToken("check-key", "check-secret-of-thirty-two-characters")
    token.with_sha256(base64.b64encode(digest).decode()).with_ttl(datetime.timedelta(minutes=5))
    request.headers["Authorization"] = token.to_jwt()
    return request


@schemathesis.check
def send_acceptance(context, response, case):
    """A send that fits the schema is refused only for what is beyond a schema."""
    if case.operation.label not in SENDS or not is_positive(case) or response.status_code != 400:
        return
    field = response.json()["error"]["data"].get("field", "")
    assert field.startswith(BEYOND_SCHEMA), f"refused although it fits the schema: {response.text}"
