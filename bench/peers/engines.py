"""What is measured: how each engine is filled, started and asked.

Every engine is filled once, into a directory of its own below `home`. A run copies what was filled and serves the copy,
so that creates leave nothing behind.
"""

import http.client
import json
import os
import pwd
import shutil
import signal
import socket
import sqlite3
import subprocess
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

import data

HERE = Path(__file__).resolve().parent
# Of what is asked in turn.
# Of one in ten the meeting is the hot one, as of all pledges: a step of whole tens would meet it alone.
IDS = range(0, 97 * 1_000, 97)
MEETINGS = range(1, 801, 4)
PAGE = 50
# A client that creates begins again after so many.
BODIES = 2_000
# Ids and meetings in turn, while another client changes so many pledges a second.
BESIDE = {"beside 1": 1, "beside 10": 10, "beside 100": 100}

# No proxy is asked for what is on this machine.
web = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def call(url, body=None, headers={}, timeout=300):
    if body is not None and not isinstance(body, bytes):
        body = json.dumps(body).encode()
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"} | headers)
    try:
        with web.open(request, timeout=timeout) as answer:
            return answer.read()
    except urllib.error.HTTPError as refused:
        raise SystemExit(f"{url}: {refused.code} {refused.read()[:2000].decode()}") from None


class Machine:
    """Starts programs on one core, and ends those that it started."""

    def __init__(self, home: Path, target: Path, venv: Path, core: int):
        self.home, self.target, self.venv, self.core = home, target, venv, core
        self.running: list[subprocess.Popen] = []
        (home / "logs").mkdir(parents=True, exist_ok=True)

    def start(self, name: str, command: list, env={}, user=None, stop="TERM", cwd=None) -> subprocess.Popen:
        # setpriv: should this program be killed, what it started gets the signal too.
        as_user = [f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"] if user else []
        self.log(name).unlink(missing_ok=True)
        with self.log(name).open("wb") as log:
            started = subprocess.Popen(
                ["setpriv", *as_user, "--pdeathsig", stop, "taskset", "-c", str(self.core), *map(str, command)],
                env=os.environ | env, cwd=cwd or self.home, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip
        started.name = name
        self.running.append(started)
        return started

    def log(self, name: str) -> Path:
        return self.home / "logs" / f"{name}.log"

    def wait_until(self, started: subprocess.Popen, ready, seconds=60):
        until = time.monotonic() + seconds
        while True:
            try:
                if ready():
                    return
            except (OSError, urllib.error.URLError):
                pass
            if started.poll() is not None or time.monotonic() > until:
                said = self.log(started.name).read_text(errors="replace")[-2000:]
                raise SystemExit(f"{started.name} does not answer; it said:\n{said}")
            time.sleep(0.05)

    def end(self, started: subprocess.Popen, seconds=30):
        if started in self.running:
            self.running.remove(started)
        if started.poll() is None:
            started.send_signal(signal.SIGINT if started.name == "postgres" else signal.SIGTERM)
            try:
                started.wait(seconds)
            except subprocess.TimeoutExpired:
                started.kill()
                started.wait()

    def end_all(self):
        for started in reversed(self.running[:]):
            self.end(started)

    @staticmethod
    def port() -> int:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            return free.getsockname()[1]


class Engine:
    """One row of a table. `questions` maps a question's name to the requests that ask it, each a line for in_turn.lua."""

    name = ""
    # Of what was filled; engines that share it are filled once.
    filled = ""
    headers: dict[str, str] = {}

    def __init__(self, machine: Machine):
        self.machine = machine
        self.base = ""
        self.server = None
        self.copy = machine.home / "copies" / self.name

    @property
    def directory(self) -> Path:
        return self.machine.home / self.filled

    def fill_once(self):
        if (self.directory / "mark").is_file() and (self.directory / "mark").read_text() == data.MARK:
            return
        print(f"filling {self.filled}", flush=True)
        began = time.monotonic()
        shutil.rmtree(self.directory, ignore_errors=True)
        self.directory.mkdir(parents=True)
        self.fill()
        (self.directory / "mark").write_text(data.MARK)
        print(f"  {time.monotonic() - began:.0f} s", flush=True)

    def start(self):
        shutil.rmtree(self.copy, ignore_errors=True)
        shutil.copytree(self.directory, self.copy)
        self.serve(self.copy)

    def stop(self):
        if self.server:
            self.machine.end(self.server)
            self.server = None
            self.machine.log(self.name).unlink(missing_ok=True)
        shutil.rmtree(self.copy, ignore_errors=True)

    def fill(self):
        raise NotImplementedError

    def serve(self, directory: Path):
        raise NotImplementedError

    def questions(self) -> dict[str, list[str]]:
        raise NotImplementedError

    def rows(self, question: str, answer) -> int:
        """How many pledges, or how many sums, a parsed answer has."""
        raise NotImplementedError

    def counted(self, answer) -> dict[str, int]:
        """From the totals of a meeting: of each currency, how many pledges."""
        return {row["currency"]: row["pledges"] for row in answer}


# Pledgebook ---------------------------------------------------------------------------------------------------------


def decimal(minor: int | None) -> str | None:
    return None if minor is None else f"{minor // 100}.{minor % 100:02}"


def as_pledgebook(pledge: data.Pledge) -> dict:
    whole = {
        "participant": data.code(pledge.participant),
        "meeting": data.slug(pledge.meeting),
        "beneficiary": None if pledge.beneficiary is None else data.code(pledge.beneficiary),
        "instrument": pledge.instrument,
        "qualifier": pledge.qualifier,
        "amount_min": decimal(pledge.amount_min),
        "amount": decimal(pledge.amount),
        "amount_max": decimal(pledge.amount_max),
        "currency": pledge.currency,
        "purpose": pledge.purpose,
        "announced_on": pledge.announced_on,
    }
    return {name: value for name, value in whole.items() if value is not None}


def ndjson(items) -> bytes:
    return "".join(json.dumps(item, ensure_ascii=False) + "\n" for item in items).encode()


class Pledgebook(Engine):
    def __init__(self, machine, cold=False):
        if cold:
            self.name += "-cold"
        self.cold = cold
        super().__init__(machine)

    def program(self) -> Path:
        return Path(os.environ.get("PEERS_PLEDGEBOOK") or self.machine.target / "release" / "pledgebook")

    def run_program(self, url: str):
        env = {"DATABASE_URL": url} | ({"CACHE_BYTES": "0"} if self.cold else {})
        port = self.machine.port()
        self.base = f"http://127.0.0.1:{port}"
        # --empty: without the reference participants, as the generator brings its own.
        command = [self.program(), "serve", "--empty", "--listen", f"127.0.0.1:{port}"]
        self.server = self.machine.start(self.name, command, env)
        self.machine.wait_until(self.server, lambda: web.open(f"{self.base}/readyz", timeout=5).status == 200)

    def write_down(self, url: str):
        """Through the API, as anyone would: three kinds of batches of NDJSON."""
        key = subprocess.run(
            [self.program(), "key", "create", "--name", "peers", "--role", "editor"],
            env=os.environ | {"DATABASE_URL": url}, capture_output=True, text=True, check=True, timeout=60,
        ).stdout.split()[-1]  # fmt: skip
        (self.directory / "key").write_text(key)
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/x-ndjson", "Prefer": "return=minimal"}
        participants = [
            {"code": data.code(number), "kind": "state", "names": data.participant_names(number)}
            for number in range(data.PARTICIPANTS)
        ]
        meetings = [
            {"slug": data.slug(number), "kind": "pledging_conference", "starts_on": "2018-02-13",
             "titles": data.meeting_titles(number)}
            for number in range(data.MEETINGS)
        ]  # fmt: skip
        call(f"{self.base}/v1/participants/batch", ndjson(participants), headers)
        call(f"{self.base}/v1/meetings/batch", ndjson(meetings), headers)
        pledges = [as_pledgebook(pledge) for pledge in data.pledges()]
        for first in range(0, len(pledges), 10_000):
            call(f"{self.base}/v1/pledges/batch", ndjson(pledges[first : first + 10_000]), headers)
        # In the order in which they were written down.
        ids = sorted(call(f"{self.base}/v1/pledges?fields=id&format=csv").decode().split()[1:])
        assert len(ids) == data.PLEDGES
        (self.directory / "ids").write_text("\n".join(ids[number] for number in IDS))

    @property
    def headers(self):
        return {"Authorization": "Bearer " + (self.directory / "key").read_text()}

    def questions(self):
        slugs = [data.slug(number) for number in MEETINGS]
        asked = {
            "pledge": [f"/v1/pledges/{key}" for key in (self.directory / "ids").read_text().split()],
            "page": [f"/v1/pledges?meeting={slug}&limit={PAGE}" for slug in slugs],
            "totals": [f"/v1/meetings/{slug}/totals" for slug in slugs],
            "hot totals": ["/v1/meetings/hot/totals"],
            "all totals": [f"/v1/totals?group_by=meeting&limit={PAGE}"],
        }
        if not self.cold:
            asked["version"] = ["/version"]
            asked |= {question: asked["pledge"] + asked["totals"] for question in BESIDE}
            asked["create"] = [f"/v1/pledges\t{json.dumps(as_pledgebook(new))}" for new in data.to_create(BODIES)]
        return asked

    def change(self, connection: http.client.HTTPConnection, path: str, purpose: str):
        headers = self.headers | {"Content-Type": "application/merge-patch+json"}
        connection.request("PATCH", path, json.dumps({"purpose": purpose}), headers)
        answer = connection.getresponse()
        assert answer.status == 200, answer.read()
        answer.read()

    def rows(self, question, answer):
        if question == "page":
            return len(answer["items"])
        return sum(len(group["by_currency"]) for group in answer["groups"]) if "groups" in answer else 1

    def counted(self, answer):
        return {row["currency"]: row["pledges"] for row in answer["groups"][0]["by_currency"]}


class OnSqlite(Pledgebook):
    name = "pledgebook-sqlite"
    filled = "pledgebook-sqlite"

    def fill(self):
        url = f"sqlite:{self.directory}/register.db"
        self.run_program(url)
        self.write_down(url)
        # A clean stop folds the write-ahead log into the file.
        self.machine.end(self.server)

    def serve(self, directory):
        self.run_program(f"sqlite:{directory}/register.db")


class Cluster:
    """A private PostgreSQL server with its own defaults; it listens on a socket alone."""

    def __init__(self, machine: Machine):
        self.machine = machine
        self.programs = self.find()
        self.server = None
        # A server refuses to run as root.
        names = [name for name in ("postgres", "nobody") if self.known(name)]
        self.user = pwd.getpwnam(names[0]) if os.geteuid() == 0 and names else None
        # A socket's path may have a hundred characters.
        self.socket = Path(tempfile.mkdtemp(prefix="pledgebook-peers-"))
        if self.user:
            os.chown(self.socket, self.user.pw_uid, self.user.pw_gid)

    @staticmethod
    def known(name):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            return None

    @staticmethod
    def find() -> Path | None:
        packaged = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
        in_path = shutil.which("initdb")
        for programs in ([Path(in_path).resolve().parent] if in_path else []) + packaged[::-1]:
            if all((programs / program).is_file() for program in ("initdb", "postgres", "psql")):
                return programs
        return None

    def start(self, directory: Path):
        if self.server:
            return
        if not (directory / "PG_VERSION").is_file():
            shutil.rmtree(directory, ignore_errors=True)
            directory.mkdir()
            as_user = []
            if self.user:
                os.chown(directory, self.user.pw_uid, self.user.pw_gid)
                as_user = ["setpriv", f"--reuid={self.user.pw_uid}", f"--regid={self.user.pw_gid}", "--clear-groups"]
            made = subprocess.run(
                [*as_user, self.programs / "initdb", "-D", directory, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C"],
                cwd="/", capture_output=True, text=True, timeout=120,
            )  # fmt: skip
            if made.returncode:
                raise SystemExit(
                    f"initdb fails; where the user {self.user and self.user.pw_name} may not enter, set PEERS_DIRECTORY:\n"
                    + made.stderr
                )
        command = [self.programs / "postgres", "-D", directory, "-c", "listen_addresses=", "-c", f"unix_socket_directories={self.socket}"]
        self.server = self.machine.start("postgres", command, {"LC_ALL": "C"}, self.user, stop="INT", cwd="/")
        self.machine.wait_until(self.server, lambda: self.psql("select 1", check=False).returncode == 0)
        assert self.psql("show fsync").stdout.strip() == "on"

    def psql(self, sql: str, database="postgres", check=True):
        command = [self.programs / "psql", "-h", self.socket, "-U", "postgres", "-d", database, "-AtXqc", sql]
        return subprocess.run(command, capture_output=True, text=True, check=check, timeout=300, cwd="/")

    def url(self, database: str) -> str:
        return f"postgres://postgres@localhost/{database}?host={self.socket}"

    def remove(self):
        if self.server:
            self.machine.end(self.server)
        shutil.rmtree(self.socket, ignore_errors=True)


class OnPostgres(Pledgebook):
    name = "pledgebook-postgres"

    def __init__(self, machine, cluster: Cluster, cold=False):
        super().__init__(machine, cold)
        self.cluster = cluster
        # A cluster is read by its own version alone.
        self.filled = f"pledgebook-postgres-{cluster.programs.parent.name}"

    def fill(self):
        self.cluster.start(self.directory / "cluster")
        self.cluster.psql("create database filled")
        self.run_program(self.cluster.url("filled"))
        self.write_down(self.cluster.url("filled"))
        self.machine.end(self.server)
        self.cluster.psql("vacuum (analyze)", "filled")

    def start(self):
        self.cluster.start(self.directory / "cluster")
        self.cluster.psql("drop database if exists copy with (force)")
        self.cluster.psql("create database copy template filled")
        # So that neither an autovacuum nor what the copy left to write comes in the middle of a measurement.
        self.cluster.psql("vacuum (analyze)", "copy")
        self.cluster.psql("checkpoint")
        self.run_program(self.cluster.url("copy"))

    def stop(self):
        super().stop()
        if self.cluster.server:
            self.cluster.psql("drop database if exists copy with (force)")


# The peers ----------------------------------------------------------------------------------------------------------

# What a careful person would make: constraints, and an index for each question. `sums` covers every GROUP BY, so that
# no row of a pledge is read for a total.
SCHEMA = """
create table participants (code text primary key, kind text not null, name_en text not null, name_ar text not null);
create table meetings (slug text primary key, kind text not null, starts_on text not null, title_en text not null,
    title_ar text not null);
create table pledges (
    id text primary key,
    meeting text not null references meetings,
    participant text not null references participants,
    beneficiary text references participants,
    instrument text not null,
    qualifier text,
    amount_min integer,
    amount integer,
    amount_max integer,
    currency text,
    purpose text,
    announced_on text,
    created_at text not null
);
create index newest on pledges (meeting, created_at);
create index sums on pledges (meeting, currency, amount_min, amount, amount_max);
create index by_participant on pledges (participant);
"""
FIGURES = "count(*) as pledges, sum(amount_min) as amount_min, sum(amount) as amount, sum(amount_max) as amount_max"


def moment(number: int, separator="T") -> str:
    """When a pledge was written down: one a second."""
    seconds = time.gmtime(1_518_500_000 + number)
    return time.strftime(f"%Y-%m-%d{separator}%H:%M:%S.000Z", seconds)


def plain_id(number: int) -> str:
    """A UUID; the numbers are mixed, as of random ones."""
    mixed = f"{(number * 0x9E3779B97F4A7C15 + 1) % 2**64:016x}"
    return f"{mixed[:8]}-{mixed[8:12]}-4{mixed[12:15]}-8{mixed[15]}00-{number:012x}"


def plain_fields(pledge: data.Pledge) -> dict:
    return {
        "meeting": data.slug(pledge.meeting),
        "participant": data.code(pledge.participant),
        "beneficiary": None if pledge.beneficiary is None else data.code(pledge.beneficiary),
        "instrument": pledge.instrument,
        "qualifier": pledge.qualifier,
        "amount_min": pledge.amount_min,
        "amount": pledge.amount,
        "amount_max": pledge.amount_max,
        "currency": pledge.currency,
        "purpose": pledge.purpose,
        "announced_on": pledge.announced_on,
    }


class PlainFile(Engine):
    filled = "plain"

    def fill(self):
        file = sqlite3.connect(self.directory / "pledges.db")
        file.executescript("pragma journal_mode = wal;" + SCHEMA)
        file.executemany(
            "insert into participants values (?, 'state', ?, ?)",
            ((data.code(n), *data.participant_names(n).values()) for n in range(data.PARTICIPANTS)),
        )
        file.executemany(
            "insert into meetings values (?, 'pledging_conference', '2018-02-13', ?, ?)",
            ((data.slug(n), *data.meeting_titles(n).values()) for n in range(data.MEETINGS)),
        )
        file.executemany(
            f"insert into pledges values ({', '.join('?' * 13)})",
            ((plain_id(p.number), *plain_fields(p).values(), moment(p.number)) for p in data.pledges()),
        )
        file.commit()
        file.execute("analyze")
        file.commit()
        file.execute("pragma wal_checkpoint(truncate)")
        file.close()

    def rows(self, question, answer):
        return len(answer) if isinstance(answer, list) else 1


class Datasette(PlainFile):
    name = "datasette"

    def serve(self, directory):
        of_a_meeting = f"select currency, {FIGURES} from pledges where meeting = :meeting and currency is not null group by currency"
        of_all = f"""select meeting, currency, {FIGURES} from pledges
            where currency is not null and meeting in (select slug from meetings order by slug limit {PAGE})
            group by meeting, currency order by meeting, currency"""
        queries = {"meeting_totals": of_a_meeting, "all_totals": of_all}
        metadata = {"databases": {"pledges": {"queries": {name: {"sql": sql} for name, sql in queries.items()}}}}
        (directory / "metadata.json").write_text(json.dumps(metadata))
        port = self.machine.port()
        self.base = f"http://127.0.0.1:{port}"
        # --immutable: nobody writes to the file, so Datasette may rely on it.
        command = [
            self.machine.venv / "bin" / "datasette", "serve", "--host", "127.0.0.1", "--port", port,
            "--metadata", directory / "metadata.json", "--immutable", directory / "pledges.db",
            "--setting", "suggest_facets", "off",
        ]  # fmt: skip
        self.server = self.machine.start(self.name, command)
        self.machine.wait_until(self.server, lambda: web.open(f"{self.base}/-/versions.json", timeout=5).status == 200)

    def questions(self):
        slugs = [data.slug(number) for number in MEETINGS]
        page = f"_sort_desc=created_at&_size={PAGE}&_shape=array&_nocount=1&_nofacet=1"
        return {
            "pledge": [f"/pledges/pledges/{plain_id(number)}.json?_shape=array" for number in IDS],
            "page": [f"/pledges/pledges.json?meeting={slug}&{page}" for slug in slugs],
            "totals": [f"/pledges/meeting_totals.json?meeting={slug}&_shape=array" for slug in slugs],
            "hot totals": ["/pledges/meeting_totals.json?meeting=hot&_shape=array"],
            "all totals": ["/pledges/all_totals.json?_shape=array"],
        }


class FastApi(PlainFile):
    name = "fastapi"

    def serve(self, directory):
        port = self.machine.port()
        self.base = f"http://127.0.0.1:{port}"
        command = [
            self.machine.venv / "bin" / "uvicorn", "fastapi_app:app", "--app-dir", HERE, "--host", "127.0.0.1",
            "--port", port, "--no-access-log",
        ]  # fmt: skip
        env = {"PEERS_FILE": str(directory / "pledges.db"), "PYTHONDONTWRITEBYTECODE": "1"}
        self.server = self.machine.start(self.name, command, env)
        self.machine.wait_until(self.server, lambda: web.open(f"{self.base}/openapi.json", timeout=5).status == 200)

    def questions(self):
        slugs = [data.slug(number) for number in MEETINGS]
        return {
            "pledge": [f"/pledges/{plain_id(number)}" for number in IDS],
            "page": [f"/pledges?meeting={slug}&limit={PAGE}" for slug in slugs],
            "totals": [f"/meetings/{slug}/totals" for slug in slugs],
            "hot totals": ["/meetings/hot/totals"],
            "all totals": [f"/totals?limit={PAGE}"],
            "create": [f"/pledges\t{json.dumps(plain_fields(new))}" for new in data.to_create(BODIES)],
        }


class PocketBase(Engine):
    """With its own settings. Its collections are made through its API; the rows are then put into its file."""

    name = "pocketbase"
    filled = "pocketbase"
    user = {"identity": "peers@example.com", "password": "only-on-loopback"}

    def run_program(self, directory: Path, hooks: Path | None = None):
        port = self.machine.port()
        self.base = f"http://127.0.0.1:{port}"
        empty = directory / "none"
        command = [
            self.machine.venv / "bin" / "pocketbase", "serve", "--http", f"127.0.0.1:{port}", "--dir", directory / "pb_data",
            "--hooksDir", hooks or empty, "--publicDir", empty, "--migrationsDir", empty,
        ]  # fmt: skip
        self.server = self.machine.start(self.name, command)
        self.machine.wait_until(self.server, lambda: web.open(f"{self.base}/api/health", timeout=5).status == 200)

    def serve(self, directory):
        self.run_program(directory)

    def fill(self):
        program = self.machine.venv / "bin" / "pocketbase"
        subprocess.run(
            [program, "superuser", "upsert", *self.user.values(), "--dir", self.directory / "pb_data"],
            check=True, capture_output=True, timeout=60,
        )  # fmt: skip
        self.run_program(self.directory)
        answer = call(f"{self.base}/api/collections/_superusers/auth-with-password", self.user)
        headers = {"Authorization": json.loads(answer)["token"]}

        def make(name: str, **collection) -> str:
            # Reading and creating are open to all: no key is checked.
            opened = {"listRule": "", "viewRule": ""} | ({} if "viewQuery" in collection else {"createRule": ""})
            body = {"name": name, "type": "base"} | opened | collection
            return json.loads(call(f"{self.base}/api/collections", body, headers))["id"]

        def text(name: str) -> dict:
            return {"name": name, "type": "text"}

        def number(name: str) -> dict:
            return {"name": name, "type": "number"}

        def relation(name: str, to: str, required=True) -> dict:
            return {"name": name, "type": "relation", "collectionId": to, "maxSelect": 1, "required": required}

        participants = make(
            "participants",
            fields=[text("code"), text("kind"), text("name_en"), text("name_ar")],
            indexes=["create unique index participants_code on participants (code)"],
        )
        meetings = make(
            "meetings",
            fields=[text("slug"), text("kind"), text("starts_on"), text("title_en"), text("title_ar")],
            indexes=["create unique index meetings_slug on meetings (slug)"],
        )
        make(
            "pledges",
            fields=[
                relation("meeting", meetings), relation("participant", participants),
                relation("beneficiary", participants, required=False), text("instrument"), text("qualifier"),
                number("amount_min"), number("amount"), number("amount_max"), text("currency"), text("purpose"),
                text("announced_on"), {"name": "created", "type": "autodate", "onCreate": True},
            ],
            indexes=[
                "create index newest on pledges (meeting, created)",
                "create index sums on pledges (meeting, currency, amount_min, amount, amount_max)",
                "create index by_participant on pledges (participant)",
            ],
        )  # fmt: skip
        figures = "count(*) as pledges, " + ", ".join(
            f"cast(sum({name}) as real) as {name}" for name in ("amount_min", "amount", "amount_max")
        )
        make(
            "meeting_totals",
            type="view",
            viewQuery=f"select (meeting || currency) as id, meeting, currency, {figures} from pledges"
            " where currency != '' group by meeting, currency",
        )
        self.machine.end(self.server)
        file = sqlite3.connect(self.directory / "pb_data" / "data.db")

        def insert(table: str, rows):
            for row in rows:
                names = ", ".join(row)
                file.execute(f"insert into {table} ({names}) values ({', '.join('?' * len(row))})", list(row.values()))

        insert("participants", (
            {"id": self.participant(n), "code": data.code(n), "kind": "state", "name_en": names["en"], "name_ar": names["ar"]}
            for n in range(data.PARTICIPANTS) for names in [data.participant_names(n)]
        ))  # fmt: skip
        insert("meetings", (
            {"id": self.meeting(n), "slug": data.slug(n), "kind": "pledging_conference", "starts_on": "2018-02-13",
             "title_en": titles["en"], "title_ar": titles["ar"]}
            for n in range(data.MEETINGS) for titles in [data.meeting_titles(n)]
        ))  # fmt: skip
        insert("pledges", (
            {"id": self.pledge(p.number), **self.fields(p), "created": moment(p.number, " ")} for p in data.pledges()
        ))  # fmt: skip
        file.commit()
        file.execute("analyze")
        file.commit()
        file.execute("pragma wal_checkpoint(truncate)")
        file.close()

    # Ids have fifteen characters.

    @staticmethod
    def participant(number: int) -> str:
        return f"part{number:011}"

    @staticmethod
    def meeting(number: int) -> str:
        return f"meet{number:011}"

    @staticmethod
    def pledge(number: int) -> str:
        return f"{number * 0x9E3779B97F4A7C15 % 2**32:08x}{number:07}"

    def fields(self, pledge: data.Pledge) -> dict:
        """PocketBase knows no null: what is not stated is an empty text or zero."""
        plain = plain_fields(pledge)
        numbers = {name: plain[name] or 0 for name in ("amount_min", "amount", "amount_max")}
        texts = {name: plain[name] or "" for name in ("instrument", "qualifier", "currency", "purpose", "announced_on")}
        beneficiary = "" if pledge.beneficiary is None else self.participant(pledge.beneficiary)
        relations = {"meeting": self.meeting(pledge.meeting), "participant": self.participant(pledge.participant)}
        return relations | {"beneficiary": beneficiary} | numbers | texts

    def questions(self):
        api = "/api/collections"

        def where(meeting: int) -> str:
            return "skipTotal=1&perPage=50&filter=" + urllib.parse.quote(f"meeting='{self.meeting(meeting)}'")

        sums = 10 + 3 * (PAGE - 1)
        return {
            "pledge": [f"{api}/pledges/records/{self.pledge(number)}" for number in IDS],
            "page": [f"{api}/pledges/records?sort=-created&{where(number)}" for number in MEETINGS],
            "totals": [f"{api}/meeting_totals/records?{where(number)}" for number in MEETINGS],
            "hot totals": [f"{api}/meeting_totals/records?{where(0)}"],
            "all totals": [f"{api}/meeting_totals/records?skipTotal=1&sort=meeting&perPage={sums}"],
            "create": [f"{api}/pledges/records\t{json.dumps(self.fields(new))}" for new in data.to_create(BODIES)],
        }

    def rows(self, question, answer):
        return len(answer["items"]) if "items" in answer else 1

    def counted(self, answer):
        return super().counted(answer["items"])


class DurablePocketBase(PocketBase):
    """Its own settings do not wait for the disk (synchronous = normal); three lines of a hook make it wait."""

    name = "pocketbase-full"

    def serve(self, directory):
        hooks = directory / "hooks"
        hooks.mkdir()
        (hooks / "durable.pb.js").write_text(
            "onBootstrap((e) => {\n"
            "  e.next();\n"
            '  e.app.nonconcurrentDB().newQuery("pragma synchronous = full").execute();\n'
            "});\n"
        )
        self.run_program(directory, hooks)

    def questions(self):
        return {"create": super().questions()["create"]}


def all_engines(machine: Machine, cluster: Cluster) -> list[Engine]:
    sqlite = [OnSqlite(machine), OnSqlite(machine, cold=True)]
    postgres = [OnPostgres(machine, cluster), OnPostgres(machine, cluster, cold=True)] if cluster.programs else []
    return [*sqlite, *postgres, PocketBase(machine), DurablePocketBase(machine), Datasette(machine), FastApi(machine)]
