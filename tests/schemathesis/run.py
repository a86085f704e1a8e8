"""Walks the whole OpenAPI document of a running server with schemathesis, as three identities.

Called by `cargo xtask test --suite schemathesis`, which makes the environment that it runs in and names the program of
the server in BARQ_BIN and a throw-away PostgreSQL in BARQ_TEST_DATABASE. BARQ_SCHEMATHESIS is what else schemathesis is to
be told, for example `--include-path /api/v1/fleet/vehicles --max-examples 100`.
"""

import contextlib
import json
import os
import pathlib
import shlex
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parent.parent
OUTPUT = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "schemathesis"
SIGN_OF_LIFE_S = 15
START_S = 300

# Each in a company of its own, so that what one does is no part of what another sees. Nobody comes last and finds most.
IDENTITIES = [("owner", 0, "owner"), ("dispatcher", 1, "dispatcher"), ("nobody", None, None)]


def say(line):
    print(line, flush=True)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def fetch(url):
    with urllib.request.urlopen(url, timeout=30) as answer:
        return answer.read()


@contextlib.contextmanager
def server(data):
    """The server with demonstration data: its address and who can sign in."""
    url = f"http://127.0.0.1:{free_port()}"
    command = [os.environ["BARQ_BIN"], "serve", "--data", data, "--port", url.rpartition(":")[2], "--demo"]
    command += ["--database-url", os.environ["BARQ_TEST_DATABASE"], "--connections", "16"]
    log = OUTPUT / "server.log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT)
        try:
            deadline = time.monotonic() + START_S
            while True:
                with contextlib.suppress(OSError):
                    fetch(f"{url}/readyz")
                    break
                if process.poll() is not None or time.monotonic() > deadline:
                    raise SystemExit(f"the server does not start; see {log}")
                time.sleep(0.2)
            yield url, json.loads((pathlib.Path(data) / "demo.json").read_text())
        finally:
            process.terminate()
            process.wait()


class Walk:
    """One identity's run of schemathesis."""

    def __init__(self, name, user, url, document):
        self.name, self.signed_in = name, bool(user)
        self.figures_path = OUTPUT / f"{name}.figures.json"
        self.report_path = OUTPUT / f"{name}.report.json"
        self.log_path = OUTPUT / f"{name}.log"
        for path in (self.figures_path, self.report_path):
            path.unlink(missing_ok=True)
        environment = os.environ | {
            "BARQ_URL": url,
            "BARQ_FIGURES": str(self.figures_path),
            "SCHEMATHESIS_HOOKS": "hooks",
            "PYTHONPATH": str(HERE),
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        if user:
            environment |= {"BARQ_EMAIL": user["email"], "BARQ_PASSWORD": user["password"]}
        # The environment's own program is beside its Python. What it leaves in its folder is output.
        command = [pathlib.Path(sys.executable).with_name("schemathesis"), "--config-file", HERE / "schemathesis.toml"]
        command += ["run", document, "--url", url, "--no-color"]
        command += ["--report", "json", "--report-json-path", self.report_path]
        command += shlex.split(os.environ.get("BARQ_SCHEMATHESIS", ""))
        self.log = self.log_path.open("wb")
        self.process = subprocess.Popen(command, cwd=OUTPUT, env=environment, stdout=self.log, stderr=subprocess.STDOUT)

    def figures(self):
        with contextlib.suppress(OSError, ValueError):
            figures = json.loads(self.figures_path.read_text())
            return figures["operations"], figures["statuses"]
        return 0, {}

    def sign_of_life(self):
        operations, statuses = self.figures()
        return f"{self.name}: {operations} operations, {sum(statuses.values())} calls, {server_errors(statuses)} of them 5xx"

    def cases(self):
        return json.loads(self.report_path.read_text())["test_cases"]["generated"] if self.report_path.exists() else 0

    def close(self):
        """Whether everything was walked and held; says what was found."""
        self.log.close()
        if not self.report_path.exists():
            say(f"{self.name}: FAILED, it did not come to an end; see {self.log_path}")
            return False
        report = json.loads(self.report_path.read_text())
        _, statuses = self.figures()
        operations, cases = report["operations"], report["test_cases"]
        failures, errors = cases["unique_failures"], len(report["errors"])
        walked = operations["tested"] == operations["selected"] > 0
        good = sum(count for status, count in statuses.items() if status.startswith("2"))
        # Somebody signed in who gets nothing has tested nothing.
        sound = walked and report["complete"] and (good > 0 or not self.signed_in) and failures == errors == server_errors(statuses) == 0
        say(
            f"{'ok' if sound else 'FAILED'}: {self.name}: {operations['tested']} of {operations['selected']} operations, "
            f"{cases['generated']} cases, {sum(statuses.values())} calls ({good} accepted), {failures} failures, "
            f"{errors} errors, {server_errors(statuses)} answers of 5xx"
        )
        for failure in report["failures"]:
            places = ", ".join(failure["operations"][:5])
            say(f"    {failure['count']} × {failure['title']}: {places}{', …' if len(failure['operations']) > 5 else ''}")
        if not sound:
            say(f"    each with a call that shows it in {self.log_path}")
        return sound


def server_errors(statuses):
    return sum(count for status, count in statuses.items() if status.startswith("5"))


def user_of(demo, organization, role):
    return next(user for user in demo["organizations"][organization]["users"] if user["role"] == role)


def main():
    OUTPUT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="barq-schemathesis-") as data, server(data) as (url, demo):
        document = OUTPUT / "openapi.json"
        document.write_bytes(fetch(f"{url}/api/v1/openapi.json"))
        walks = []
        try:
            for name, organization, role in IDENTITIES:
                walks.append(Walk(name, role and user_of(demo, organization, role), url, document))
            said_at = time.monotonic()
            while any(walk.process.poll() is None for walk in walks):
                time.sleep(0.5)
                if time.monotonic() - said_at > SIGN_OF_LIFE_S:
                    said_at = time.monotonic()
                    say(f"    … {'; '.join(walk.sign_of_life() for walk in walks if walk.process.poll() is None)}")
        finally:
            for walk in walks:
                walk.process.terminate()
                walk.process.wait()
        sound = [walk.close() for walk in walks]
    say(
        f"CHECK S1 {'pass' if all(sound) else 'fail'} {walks[0].figures()[0]} operations as {len(walks)} identities, "
        f"{sum(walk.cases() for walk in walks)} cases: {sum(sound)} of {len(sound)} without a failure"
    )
    say(f"test result: {sum(sound)} passed; {len(sound) - sum(sound)} failed")
    return 0 if all(sound) else 1


if __name__ == "__main__":
    sys.exit(main())
