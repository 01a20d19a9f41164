"""Opens each CSV export in LibreOffice, and compares the cells with the lines of JSON: times must be dates, numbers
numbers, and no text may be a formula. (An id that looks like a number or a day is one to a spreadsheet: a CSV cannot say otherwise.)

A shop gets something of every collection, through the API. Each collection is exported as a table and as lines, the table is converted without a
screen, and every cell of the result is held against the values of its column in the lines.
"""
import argparse
import datetime
import json
import os
import re
import subprocess
import sys
import urllib.parse
import urllib.request
import xml.etree.ElementTree

from lab import Service, admin

OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
TIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
DAY = re.compile(r"^\d{4}-\d\d-\d\d$")
NUMBER = re.compile(r"^-?\d+(\.\d+)?$")
USERS = ["ada", "=1+1", "-7", "00123", "1e5", "2026-11-20", "Jürgen, \"J\"", "auth0|5f7c"]


def fill(port, key):
    def send(method, path, body=None, expected=(200, 201)):
        try:
            return admin(port, method, path, body or {}, key)
        except urllib.error.HTTPError as error:
            if error.code not in expected:
                sys.exit(f"{method} {path}: {error.code} {error.read().decode()}")

    def name(text):
        return urllib.parse.quote(text, safe="")

    for plan, fee in (("basic", "9.00"), ("pro", "29.99")):
        send("PUT", f"/v1/plans/{plan}", {
            "display_name": plan.title(), "monthly_fee": fee, "allowances": {"tokens": 1000, "pages": None}, "rollover_caps": {"tokens": 50},
            "overage_prices": {"tokens": "0.0001"}, "stripe_price_ids": ["price_1"]})
    send("PUT", "/v1/models/m/price", {
        "input_per_million": "1.25", "output_per_million": "10", "units": {"per_request": "0.0001"},
        "classes": {"cache_read": {"per_million": "0.125", "above": [{"tokens": 200000, "per_million": "0.25"}]}}})
    for number, user in enumerate(USERS):
        send("PUT", f"/v1/users/{name(user)}", {"name": "=cmd|' /C calc'!A0", "email": "a@b.example", "address": {"line1": "Road 1", "city": "Town", "country": "DE"}})
        send("POST", "/v1/subscriptions", {"user_id": user, "action": "create", "plan_name": "basic"})
        send("POST", "/v1/subscriptions", {"user_id": user, "action": "upgrade", "plan_name": "pro"})
        for event in range(3):
            send("POST", "/v1/usage", {
                "event_id": f"e{event}", "user_id": user, "amount": 100 * event + 1, "reference_id": "+49 30 1234", "description": "1,5",
                "dimensions": {"model": "m", "version": "1.10", "shard": str(event)}})
        send("POST", f"/v1/usage/{name(user)}/events/e1/void", {"amount": 1, "reason": "twice"})
        send("POST", f"/v1/usage/{name(user)}/purchases", {"purchase_id": f"p{number}", "amount": 5, "price": "1.10"})
        send("POST", f"/v1/usage/{name(user)}/adjustments", {"adjustment_id": f"a{number}", "amount": -3, "reason": "-3"})
        send("POST", "/v1/consumption", {"user_id": user, "endpoint": "/a", "api_calls": 3})
        send("POST", f"/v1/users/{name(user)}/wallet")
        send("POST", "/v1/charges", {
            "charge_id": f"c{number}", "user_id": user, "model": "m", "input_tokens": 12345, "output_tokens": 678})
        send("POST", f"/v1/charges/c{number}/refund", {"refund_id": f"r{number}", "amount": "0.01"})
        send("POST", "/v1/charges", {
            "charge_id": f"x{number}", "user_id": user, "model": "m", "input_tokens": 900_000_000, "output_tokens": 0}, (402,))
        send("POST", "/v1/calls", {
            "call_id": f"k{number}", "user_id": user, "model": "m",
            "usage": {"prompt_tokens": 100, "completion_tokens": 20, "prompt_tokens_details": {"cached_tokens": 40}}})
    for invoice in read(port, key, "/v1/invoices")["data"]:
        if invoice["status"] != "paid":
            send("POST", f"/v1/invoices/{invoice['number']}/payments", {"payment_reference": "SEPA"})
            send("POST", f"/v1/invoices/{invoice['number']}/refund", {"refund_id": invoice["number"], "amount": "0.50", "reason": "late"})


def read(port, key, path):
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers={"Authorization": f"Bearer {key}"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.loads(answer.read())


def values(lines, column):
    """What the lines of JSON have where the table has the column: those of every element, where a field is a list."""
    found = []

    def walk(value, path):
        if isinstance(value, list):
            for element in value:
                walk(element, path)
        elif isinstance(value, dict):
            for size in range(1, len(path) + 1):
                member = ".".join(path[:size])
                if member in value:
                    return walk(value[member], path[size:])
            if path == ["name"]:
                found.extend(value)
            elif path and all(isinstance(element, dict) for element in value.values()):
                for element in value.values():
                    walk(element, path)
        elif not path and value is not None and value != "":
            found.append(value)

    for line in lines:
        walk(line, column.split("."))
    return found


def kind(found):
    """The type that the cells of a column with those values must have; None where the lines do not say it."""
    texts = ["true" if value is True else "false" if value is False else str(value) for value in found]
    if not texts:
        return None
    if all(TIME.match(text) or DAY.match(text) for text in texts):
        return "date"
    if all(not isinstance(value, bool) and isinstance(value, (int, float)) for value in found):
        return "float"
    if all(isinstance(value, str) and NUMBER.match(value) and "." in value for value in found):
        return "float"
    return "string"


def cells(path):
    """The rows of a table of LibreOffice's: a type and a text for each cell."""
    rows = []
    for row in xml.etree.ElementTree.parse(path).getroot().iter(TABLE + "table-row"):
        if int(row.get(TABLE + "number-rows-repeated", "1")) > 1000:
            continue
        line = []
        for cell in row.iter(TABLE + "table-cell"):
            count = int(cell.get(TABLE + "number-columns-repeated", "1"))
            value = cell.get(OFFICE + "date-value") or cell.get(OFFICE + "value")
            text = "\n".join("".join(part.itertext()) for part in cell.iter(TEXT + "p"))
            line += [(cell.get(OFFICE + "value-type"), value or text)] * min(count, 200)
        rows.extend([line] * int(row.get(TABLE + "number-rows-repeated", "1")))
    return rows


def same(expected, found, value):
    """Whether a cell has one of the column's values. LibreOffice keeps hundredths of a second; what went back to a user is below 0 in a table."""
    if expected == "date":
        return any(abs(moment(str(one)) - moment(value)) <= datetime.timedelta(milliseconds=10) for one in found)
    return any(abs(float(one)) == abs(float(value)) for one in found)


def moment(text):
    day, _, time = text.rstrip("Z").partition("T")
    moment = datetime.datetime.fromisoformat(f"{day}T{time[:8] or '00:00:00'}")
    return moment + datetime.timedelta(seconds=float("0" + time[8:] if time[8:] else 0))


def check(collection, lines, path):
    rows, wrong = cells(path), []
    header = [text for _, text in rows[0] if text]
    for index, column in enumerate(header):
        found = values(lines, column)
        expected = kind(found)
        column_cells = [row[index] for row in rows[1:] if index < len(row) and row[index][1]]
        if expected is None:
            continue
        if not column_cells:
            wrong.append(f"{column}: every cell is empty")
        for type_, value in column_cells:
            if expected != "string" and (type_ != expected or not same(expected, found, value)):
                wrong.append(f"{column}: {type_} {value!r} where {expected} of {found[:3]} was expected")
                break
            if expected == "string" and type_ == "string" and value.startswith("="):
                wrong.append(f"{column}: a formula, {value!r}")
    types = {}
    for row in rows[1:]:
        for type_, value in row[:len(header)]:
            if value:
                types[type_] = types.get(type_, 0) + 1
    return len(rows) - 1, len(header), types, wrong


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", required=True)
    options = parser.parse_args()
    failed = 0
    with Service(options.binary) as service:
        key = admin(service.port, "POST", "/v1/admin/shops", {"shop_id": "acme", "name": "Acme", "currency": "EUR", "clock": "live"})["api_key"]
        fill(service.port, key)
        folder = service.directory + "/tables"
        os.mkdir(folder)

        def export(collection, form):
            path = f"{folder}/{collection}.{form}"
            subprocess.run(
                [options.binary, "export", "--shop", "acme", "--collection", collection, "--format", form, "--out", path, "--data-dir", service.data],
                check=True, stderr=subprocess.DEVNULL)
            return path

        asked = subprocess.run(
            [options.binary, "export", "--shop", "acme", "--collection", "?", "--format", "csv"], capture_output=True, text=True)
        collections = asked.stderr.split("expected one of ")[1].strip().rstrip(".").split(", ")
        tables = [export(collection, "csv") for collection in collections]
        subprocess.run(
            ["soffice", "--headless", f"-env:UserInstallation=file://{service.directory}/office", "--convert-to", "fods", "--outdir", folder]
            + tables, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        print(f"{'collection':<17}{'rows':>6}{'columns':>9}  cells")
        for collection in collections:
            with open(export(collection, "ndjson")) as file:
                lines = [json.loads(line) for line in file]
            rows, columns, types, wrong = check(collection, lines, f"{folder}/{collection}.fods")
            if not lines:
                wrong.append("there is nothing of it")
            told = ", ".join(f"{count} {name}" for name, count in sorted(types.items()))
            print(f"{collection:<17}{rows:>6}{columns:>9}  {told}")
            for sentence in wrong:
                failed += 1
                print(f"  WRONG {sentence}")
    print("every time is a date, every number a number" if not failed else f"{failed} columns are wrong")
    sys.exit(1 if failed else 0)


main()
