"""What schemathesis cannot know of the product: how to sign in, what is there to be pointed at, and who may do what.

run.py sets it up. What keeps to the document is made to point at what exists; what breaks the document stays as it is.
"""

import atexit
import collections
import functools
import http.client
import json
import os
import pathlib
import random
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
DICE = random.Random(int(os.environ.get("BARQ_SEED", 1)))


def call(method, path, headers, body=None):
    """Status and JSON of one call, repeated while the address has to wait: wrong sign-ins of the run make it do so."""
    while True:
        connection = http.client.HTTPConnection(SERVER.hostname, SERVER.port, timeout=60)
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        text = answer.read()
        if answer.status != 429:
            return answer.status, json.loads(text)
        time.sleep(int(answer.headers.get("Retry-After", 5)))


def sign_in():
    """A fresh access token."""
    body = json.dumps({"email": EMAIL, "password": os.environ["BARQ_PASSWORD"]})
    status, answer = call("POST", "/api/v1/auth/login", {"Content-Type": "application/json"}, body)
    if status != 200:
        raise RuntimeError(f"{EMAIL} cannot sign in: {answer}")
    return answer["access_token"]


class Bearer:
    """The access token of the identity."""

    def __init__(self):
        self.lock = threading.Lock()
        self.token, self.since = None, 0

    def current(self):
        with self.lock:
            if self.token is None or time.monotonic() - self.since > TOKEN_AGE_S:
                self.token, self.since = sign_in(), time.monotonic()
            return self.token

    def get(self, case, context):
        return self.current()

    def set(self, case, data, context):
        case.headers = case.headers or {}
        case.headers["Authorization"] = f"Bearer {data}"


BEARER = Bearer()
PERMISSIONS = set()
if EMAIL:
    schemathesis.auth(refresh_interval=TOKEN_AGE_S)(Bearer)
    PERMISSIONS = set(call("GET", "/api/v1/auth/me", {"Authorization": f"Bearer {BEARER.current()}"})[1]["permissions"])


@functools.cache
def ids(path):
    """Ids of what can be pointed at, as a picker of the console gets them."""
    if not EMAIL:
        return []
    status, answer = call("GET", f"/api/v1/{path}/options?limit=100", {"Authorization": f"Bearer {BEARER.current()}"})
    return [row["id"] for row in answer["data"]] if status == 200 else []


def check_digit(digits):
    """Luhn's, for the digits before it."""
    doubled = [int(digit) * (2 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits))]
    return str(-sum(value // 10 + value % 10 for value in doubled) % 10)


def digits(count):
    return "".join(DICE.choices("0123456789", k=count))


def national_id():
    number = DICE.choice("12") + digits(8)
    return number + check_digit(number)


def iban():
    account = digits(20)
    # SA00 behind the account, letters as numbers.
    return f"SA{98 - int(account + '281000') % 97:02}{account}"


# By the first words of a field's description: what no schema can describe.
MADE = {
    "E.164": lambda: f"+9665{digits(8)}",
    "ISO 13616": iban,
    "ten digits": national_id,
    "Arabic or Latin letters": lambda: "".join(DICE.choices("ABDEGHJKLNRSTUVXZ", k=3)) + f" {DICE.randint(1, 9999)}",
}


def pointed(schema, value):
    """A value that the product may take in the place of one that only keeps to the schema."""
    description = schema.get("description", "") if isinstance(schema, dict) else ""
    if value is None or not description:
        return value
    if description.startswith(("id of ", "user id of ")):
        path = "members" if description.startswith("user") else description.removeprefix("id of ").replace(".", "/")
        there = ids(path) if path == "members" or "/" in path else []
        return DICE.choice(there) if there else value
    return next((make() for words, make in MADE.items() if description.startswith(words)), value)


@schemathesis.hook
def before_call(context, case, kwargs):
    """What keeps to the document points at what exists, mostly, and carries a made-up version only sometimes."""
    if case.meta is None or not case.meta.generation.mode.is_positive or DICE.random() < 0.2:
        return
    if case.headers:
        # Every made-up version is stale.
        case.headers.pop("If-Match", None)
    operation = case.operation.definition.raw
    tag = (operation.get("tags") or [""])[0]
    there = ids(tag.replace(".", "/")) if "id" in (case.path_parameters or {}) and "." in tag else []
    if there and "/imports/" not in case.operation.path:
        case.path_parameters["id"] = DICE.choice(there)
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    properties = content.get("schema", {}).get("properties", {})
    if isinstance(case.body, dict):
        case.body = {name: pointed(properties.get(name), value) for name, value in case.body.items()}


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
