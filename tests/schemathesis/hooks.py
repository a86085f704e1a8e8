"""Signs in for schemathesis, adds the one check that it cannot know, and counts what it calls. run.py sets it up."""

import atexit
import collections
import http.client
import json
import os
import pathlib
import threading
import time
import urllib.parse

import schemathesis

SERVER = urllib.parse.urlsplit(os.environ["BARQ_URL"])
EMAIL = os.environ.get("BARQ_EMAIL")
FIGURES = pathlib.Path(os.environ["BARQ_FIGURES"])
# Access tokens live for 15 minutes.
TOKEN_AGE_S = 600
WRITE_EVERY_S = 5


def call(method, path, headers, body=None):
    """One call, repeated while the address has to wait: wrong sign-ins of the run make it do so."""
    while True:
        connection = http.client.HTTPConnection(SERVER.hostname, SERVER.port, timeout=60)
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        text = answer.read()
        if answer.status == 200:
            return json.loads(text)
        if answer.status != 429:
            raise RuntimeError(f"{method} {path} as {EMAIL}: {answer.status} {text.decode()}")
        time.sleep(int(answer.headers.get("Retry-After", 5)))


def sign_in():
    """A fresh access token."""
    body = json.dumps({"email": EMAIL, "password": os.environ["BARQ_PASSWORD"]})
    return call("POST", "/api/v1/auth/login", {"Content-Type": "application/json"}, body)["access_token"]


PERMISSIONS = set()
if EMAIL:
    PERMISSIONS = set(call("GET", "/api/v1/auth/me", {"Authorization": f"Bearer {sign_in()}"})["permissions"])

    @schemathesis.auth(refresh_interval=TOKEN_AGE_S)
    class Bearer:
        """The access token of the identity."""

        def get(self, case, context):
            return sign_in()

        def set(self, case, data, context):
            case.headers = case.headers or {}
            case.headers["Authorization"] = f"Bearer {data}"


@schemathesis.hook
def before_call(context, case, kwargs):
    """Made-up versions are stale: of the calls that keep to the document only some carry one, so that the others act."""
    positive = case.meta is not None and case.meta.generation.mode.is_positive
    if positive and case.headers and ord(case.id[-1]) % 4:
        case.headers.pop("If-Match", None)


@schemathesis.check
def only_what_is_permitted(ctx, response, case):
    """What needs a permission, or a person at all, is done for nobody else."""
    operation = case.operation.definition.raw
    if operation.get("security") == [] or not 200 <= response.status_code < 300:
        return
    needed = operation.get("x-permission", [])
    assert EMAIL, f"{response.status_code} for nobody"
    assert not needed or PERMISSIONS & set(needed), f"{response.status_code} without any of {needed}"


class Tally:
    """Operations called and statuses answered."""

    def __init__(self):
        self.lock = threading.Lock()
        self.operations = set()
        self.statuses = collections.Counter()
        self.written_at = 0

    def add(self, operation, status):
        with self.lock:
            self.operations.add(operation)
            self.statuses[status] += 1
            if time.monotonic() - self.written_at > WRITE_EVERY_S:
                self.written_at = time.monotonic()
                self.write()

    def write(self):
        fresh = FIGURES.with_suffix(".new")
        fresh.write_text(json.dumps({"operations": len(self.operations), "statuses": dict(self.statuses)}))
        fresh.replace(FIGURES)


TALLY = Tally()
atexit.register(TALLY.write)


@schemathesis.hook
def after_call(context, case, response):
    TALLY.add(case.operation.label, response.status_code)
