#!/usr/bin/env python3
"""Makes a small register with one record of every kind and every way a record changes, as a release leaves it.

    make.py PROGRAM DATABASE_URL

PROGRAM is the release's `pledgebook`, DATABASE_URL an empty database. For SQLite the file itself is kept, as
`register.db`; for Postgres what `pg_dump --no-owner --inserts` prints, as `register.sql`.
"""
import json, re, signal, subprocess, sys, urllib.request

program, database = sys.argv[1:3]


def keys(*args):
    said = subprocess.run([program, "key", *args, "--database-url", database], check=True, capture_output=True, text=True)
    return said.stdout.strip()


key = keys("create", "--name", "desk", "--role", "editor")
server = subprocess.Popen(
    [program, "serve", "--empty", "--listen", "127.0.0.1:0", "--database-url", database],
    stderr=subprocess.PIPE, text=True,
)
base = next(re.search(r"http://[0-9.:]+", line).group() for line in server.stderr if "http://" in line)


def ask(method, path, body=None, **headers):
    request = urllib.request.Request(base + path, method=method)
    request.add_header("Authorization", f"Bearer {key}")
    request.add_header("Change-Reason", "made for those who upgrade")
    for name, value in headers.items():
        request.add_header(name.replace("_", "-"), value)
    if body is not None:
        request.add_header("Content-Type", "application/json")
        request.data = json.dumps(body).encode()
    with urllib.request.urlopen(request) as answer:
        return json.loads(answer.read() or "null")


try:
    for code, kind, en, ar in [
        ("USA", "state", "United States", "الولايات المتحدة"),
        ("KWT", "state", "Kuwait", "الكويت"),
        ("IRQ", "state", "Iraq", "العراق"),
        ("GBR", "state", "United Kingdom", "المملكة المتحدة"),
        ("UKM", "state", "United Kingdom, as once spelled", "بريطانيا"),
        ("GONE", "fund", "A fund that was retracted", "صندوق"),
    ]:
        ask("POST", "/v1/participants", {"code": code, "kind": kind, "names": {"en": en, "ar": ar}})
    ask("PATCH", "/v1/participants/KWT", {"aliases": ["State of Kuwait"], "former_names": [{"names": {"en": "Old"}, "until": "1961-06"}]})
    ask("PATCH", "/v1/participants/UKM", {"merged_into": "GBR"})
    ask("DELETE", "/v1/participants/GONE")
    ask("POST", "/v1/coalitions", {"slug": "coalition", "names": {"en": "Coalition"}, "founded_on": "2014-09"})
    ask("PUT", "/v1/coalitions/coalition/members/USA", {"periods": [{"joined_on": "2014-09", "left_on": None}]})
    meeting = {"slug": "kuwait-2018", "titles": {"en": "Ministerial in Kuwait", "ar": "اجتماع وزاري في الكويت"}, "kind": "ministerial",
        "starts_on": "2018-02-13", "city": "Kuwait City", "country": "KWT", "coalition": "coalition",
        "headline_amount": "1000000000.00", "headline_currency": "USD"}
    ask("POST", "/v1/meetings", meeting)
    ask("PUT", "/v1/meetings/kuwait-2018/attendance/USA", {"role": "co_chair", "delegate_name": "A. Example"})
    keys("create", "--name", "confined", "--role", "editor", "--participant", "KWT", "--expires-at", "2100-01-01T00:00:00Z", "--note", "of Kuwait")
    keys("create", "--name", "turned", "--role", "reader")
    keys("rotate", "turned", "--overlap", "1h")
    body = "The United States pledged 200 million dollars in Kuwait. تعهدت الولايات المتحدة بتقديم 200 مليون دولار."
    article = ask("POST", "/v1/articles", {"publisher": "Example", "language": "en", "title": "Kuwait", "kind": "news", "body": body})
    rate = {"currency": "EUR", "per_usd": "0.81", "source": "ECB"}
    ask("PUT", "/v1/rates", [rate | {"date": "2018-02-13"}, rate | {"date": "2018-02-14"}])
    ask("PUT", "/v1/rates?plausibility=waived", [rate | {"date": "2018-02-15", "per_usd": "9.9", "source": "other"}])

    def pledge(**fields):
        said = {"participant": "USA", "meeting": "kuwait-2018", "instrument": "grant", "qualifier": "exact", "currency": "USD", "announced_on": "2018-02-13"}
        return ask("POST", "/v1/pledges", {name: value for name, value in (said | fields).items() if value is not None})["id"]

    quote = "200 million dollars"
    start = body.index(quote)
    cited = {"article": article["id"], "quote": quote, "start": start, "end": start + len(quote), "states": {"amount": "230000000.00"}, "preferred": True}
    whole = pledge(amount="200000000.00", citations=[cited])
    events = f"/v1/pledges/{whole}/events"
    ask("POST", events, {"stage": "paid", "amount": "6600000.00", "occurred_on": "2018-06"})
    lost = ask("POST", events, {"stage": "redirected", "amount": "193400000.00", "occurred_on": "2018-08-17"})
    ask("DELETE", f"{events}/{lost['id']}")
    ask("POST", f"{events}/{lost['id']}/restore")
    parent = pledge(participant="GBR", amount="10000000.00", currency="EUR")
    pledge(participant="GBR", amount="4000000.00", currency="EUR", parent=parent)
    pledge(amount="200000000.00", restates=whole, announced_on="2018-03")
    pledge(participant="KWT", qualifier="up_to", amount_max="1000000000.00")
    pledge(participant="IRQ", instrument="political", qualifier=None, currency=None)
    pledge(participant=None, qualifier="between", amount_min="1.00", amount_max="2.00")

    # Nothing of money: until 0.3.0 what was done was committed and paid.
    version = tuple(int(part) for part in ask("GET", "/version")["version"].split("."))
    begun, done = ("committed", "paid") if version < (0, 3) else ("started", "completed")

    def deed(purpose, *happened, **fields):
        said = {"participant": "IRQ", "instrument": "political", "qualifier": None, "currency": None, "purpose": purpose}
        made = pledge(**(said | fields))
        for month, stage in enumerate(happened, 3):
            last = ask("POST", f"/v1/pledges/{made}/events", {"stage": stage, "occurred_on": f"2018-{month:02}"})["id"]
        return made, last

    deed("begun and done", begun, done)
    deed("begun", begun)
    deed("begun and frozen", begun, "frozen")
    deed("done and withdrawn", done, "withdrawn")
    deed("withdrawn and done", "withdrawn", done)
    deed("done and frozen", done, "frozen")
    deed("a grant that is frozen", "frozen", instrument="grant")
    made, last = deed("done, which was retracted", done)
    ask("DELETE", f"/v1/pledges/{made}/events/{last}")
    made, last = deed("done and retracted", done)
    ask("DELETE", f"/v1/pledges/{made}")
    if version < (0, 3):
        made, last = deed("beyond what nobody promised", begun)
        ask("POST", f"/v1/pledges/{made}/events", {"stage": done, "occurred_on": "2018-04", "over": True})
    # An event that has an amount, of a pledge that has none any more.
    bare = pledge(amount="5.00", purpose="paid while it had an amount")
    last = ask("POST", f"/v1/pledges/{bare}/events", {"stage": "paid", "amount": "5.00", "occurred_on": "2018-03"})["id"]
    ask("DELETE", f"/v1/pledges/{bare}/events/{last}")
    ask("PATCH", f"/v1/pledges/{bare}", {"instrument": "political", "qualifier": None, "amount": None, "currency": None})

    # Parents: one of whose parts some is paid, one with parts that are ranges, one that its parts cover.
    parent = pledge(participant=None, amount="300.00", purpose="300 in parts")
    part = pledge(participant="KWT", amount="100.00", parent=parent, purpose="100 of 300")
    pledge(participant="GBR", amount="50.00", parent=parent, purpose="50 of 300")
    ask("POST", f"/v1/pledges/{part}/events", {"stage": "increased", "amount": "20.00", "occurred_on": "2018-03"})
    ask("POST", f"/v1/pledges/{part}/events", {"stage": "paid", "amount": "40.00", "occurred_on": "2018-04"})
    ask("POST", f"/v1/pledges/{parent}/events", {"stage": "paid", "amount": "30.00", "occurred_on": "2018-04"})
    parent = pledge(amount="10.00", currency="EUR", purpose="10 with a part of about 4")
    pledge(qualifier="about", amount_min="3.00", amount="4.00", amount_max="5.00", currency="EUR", parent=parent, purpose="about 4 of 10")
    parent = pledge(qualifier="about", amount="8.00", currency="EUR", purpose="about 8, all of it in parts")
    pledge(qualifier="between", amount_min="5.00", amount="6.00", amount_max="6.00", currency="EUR", parent=parent, purpose="6 of 8")
    pledge(amount="2.00", currency="EUR", parent=parent, purpose="2 of 8")

    gone = pledge(amount="1.00")
    ask("DELETE", f"/v1/pledges/{gone}")
    ask("POST", "/v1/articles/batch", [{"publisher": "Example", "language": "en", "title": str(number), "kind": "report"} for number in range(3)], Idempotency_Key="release")
finally:
    server.send_signal(signal.SIGINT)
    server.wait()
