"""Webhooks on their way, with a receiver that notes on disk what it takes before it answers. See webhooks.sh."""
import argparse
import asyncio
import collections
import http.server
import json
import os
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

from lab import Connection, Service, admin, free_port

# What a user's events cross of an allowance of 100, in order.
STEPS = [(50, [50]), (25, [75]), (5, [80]), (10, [90]), (10, [100, "limit"])]
EXPECTED = [mark for _, marks in STEPS for mark in marks]


def receive(arguments):
    """A receiver in a process of its own."""
    from standardwebhooks import Webhook

    with open(arguments.secret) as file:
        webhook = Webhook(file.read().strip())
    log, lock = os.open(arguments.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT), threading.Lock()

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"]))
            status, line = 200, None
            try:
                message = webhook.verify(body, dict(self.headers.items()))
                data = message["data"]
                mark = data.get("percent") or "limit"
                line = [self.headers["webhook-id"], data.get("user_id"), message["type"], mark]
            except Exception as error:
                status, line = 400, ["BAD", repr(error)]
            with lock:
                os.write(log, (json.dumps(line) + "\n").encode())
            self.send_response(status)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    class Server(http.server.ThreadingHTTPServer):
        daemon_threads, allow_reuse_address, request_queue_size = True, True, 256

    server = Server(("127.0.0.1", arguments.port), Handler)
    if arguments.certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(arguments.certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    print("ready", flush=True)
    server.serve_forever()


class Receiver:
    def __init__(self, directory, secret, port, certificate=None):
        self.directory, self.secret, self.port, self.certificate = directory, secret, port, certificate
        self.log = f"{directory}/{port}.log"
        open(self.log, "a").close()
        with open(f"{directory}/{port}.secret", "w") as file:
            file.write(secret)
        self.start()

    def start(self):
        options = ["--certificate", self.certificate] if self.certificate else []
        self.process = subprocess.Popen(
            [sys.executable, __file__, "receive", "--port", str(self.port), "--log", self.log, "--secret",
             f"{self.directory}/{self.port}.secret", *options], stdout=subprocess.PIPE)
        self.process.stdout.readline()

    def kill(self):
        self.process.kill()
        self.process.wait()

    def lines(self):
        with open(self.log) as file:
            return [json.loads(line) for line in file if line.endswith("\n")]


async def record(port, key, users):
    """Records each user's events, and sends each again until it is answered."""

    async def client(names):
        connection = Connection(port)
        for name in names:
            for number, (amount, _) in enumerate(STEPS):
                event = {"event_id": f"{name}-{number}", "user_id": name, "amount": amount}
                while True:
                    try:
                        status, _ = await connection.call("POST", "/v1/usage", key, event)
                        if status in (200, 201):
                            break
                    except (OSError, asyncio.IncompleteReadError, asyncio.TimeoutError, ValueError, IndexError):
                        pass
                    connection.close()
                    await asyncio.sleep(0.2)
        connection.close()

    await asyncio.gather(*(client(users[offset::32]) for offset in range(32)))


def pending(port, key):
    try:
        return len(admin_get(port, "/v1/webhook-deliveries?status=pending&limit=200", key)["data"])
    except OSError:
        return -1


def admin_get(port, path, key):
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}")
    request.add_header("Authorization", f"Bearer {key}")
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.loads(answer.read())


def judge(lines, users):
    """What is wrong with what came, by kind."""
    findings, firsts, ids = collections.Counter(), collections.defaultdict(list), {}
    seen = set()
    for line in lines:
        if line[0] == "BAD":
            findings["not verified"] += 1
            continue
        identity, user, _, mark = line
        if identity in seen:
            findings["repeated"] += 1
            if ids[identity] != (user, mark):
                findings["ANOTHER MESSAGE UNDER AN ID"] += 1
            continue
        seen.add(identity)
        ids[identity] = (user, mark)
        firsts[user].append(mark)
    for user in users:
        came = firsts[user]
        if sorted(map(str, came)) != sorted(map(str, EXPECTED)):
            findings["LOST" if len(came) < len(EXPECTED) else "TWO IDS FOR A MESSAGE"] += 1
        elif came != EXPECTED:
            findings["OUT OF ORDER"] += 1
    return findings, len(seen)


def under_fire(program, directory, count):
    service = Service(program, "--webhooks-allow-private", "on")
    try:
        made = admin(service.port, "POST", "/v1/admin/shops", {"shop_id": "s", "name": "s", "currency": "EUR", "clock": "live"})
        key = made["api_key"]
        admin(service.port, "PUT", "/v1/plans/free", {"allowances": {"tokens": 100}}, key)
        port = free_port()
        endpoint = admin(
            service.port, "POST", "/v1/webhook-endpoints",
            {"url": f"http://127.0.0.1:{port}/hook", "events": ["alert.crossed", "limit.reached"]}, key)
        receiver = Receiver(directory, endpoint["secret"], port)
        users = [f"user-{number}" for number in range(count)]
        begin = time.monotonic()
        recording = threading.Thread(target=lambda: asyncio.run(record(service.port, key, users)))
        recording.start()
        kills, least = 0, 0
        while recording.is_alive() or pending(service.port, key) != 0:
            time.sleep(0.5)
            came = len(receiver.lines())
            if kills < 6 and came >= least + count * len(EXPECTED) // 10:
                least, kills = came, kills + 1
                if kills % 2:
                    service.kill()
                    service.start()
                else:
                    receiver.kill()
                    time.sleep(1)
                    receiver.start()
            if time.monotonic() - begin > 900:
                break
        recording.join(60)
        findings, messages = judge(receiver.lines(), users)
        receiver.kill()
        seconds = time.monotonic() - begin
        print(f"{count * len(EXPECTED)} messages, {kills} kills in {seconds:.0f} s: {messages} came; {dict(findings) or 'nothing to say'}")
        return not any(kind.isupper() or kind == "not verified" for kind in findings) and messages == count * len(EXPECTED)
    finally:
        service.stop()


def certificates(directory):
    """An authority, a certificate of it for `localhost`, and one that nobody signed."""

    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], check=True, cwd=directory, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    new = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    openssl(*new, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=authority", "-addext", "basicConstraints=critical,CA:TRUE")
    openssl(*new, "-keyout", "good.key", "-out", "good.crt", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
            "-addext", "basicConstraints=critical,CA:FALSE", "-CA", "ca.pem", "-CAkey", "ca.key")
    openssl(*new, "-keyout", "self.key", "-out", "self.crt", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost")
    for name in ("good", "self"):
        with open(f"{directory}/{name}.pem", "w") as both:
            for part in ("crt", "key"):
                with open(f"{directory}/{name}.{part}") as file:
                    both.write(file.read())


def by_tls(program, directory):
    certificates(directory)
    service = Service(program, "--webhooks-allow-private", "on", environment={"SSL_CERT_FILE": f"{directory}/ca.pem"})
    try:
        key = admin(service.port, "POST", "/v1/admin/shops", {"shop_id": "s", "name": "s", "currency": "EUR", "clock": "live"})["api_key"]
        right, passed = free_port(), True
        cases = [
            ("a certificate that fits", "localhost", "good", right, None), ("another host", "127.0.0.1", "good", free_port(), "mismatch"),
            ("nobody's certificate", "localhost", "self", free_port(), "self-signed"), ("no TLS at all", "localhost", None, free_port(), "no TLS"),
        ]
        for what, host, certificate, port, refusal in cases:
            endpoint = admin(
                service.port, "POST", "/v1/webhook-endpoints", {"url": f"https://{host}:{port}/", "events": ["period.closed"]}, key)
            receiver = Receiver(directory, endpoint["secret"], port, certificate and f"{directory}/{certificate}.pem")
            path = f"/v1/webhook-endpoints/{endpoint['endpoint_id']}/test"
            delivery = admin(service.port, "POST", path, {}, key)["delivery_id"]
            for _ in range(100):
                found = admin_get(service.port, f"/v1/webhook-deliveries/{delivery}", key)
                if found["attempts"] > 0:
                    break
                time.sleep(0.1)
            attempt = found["last_attempts"][0] if found["last_attempts"] else {"error": "it was not sent"}
            fits = found["status"] == "delivered" if refusal is None else refusal.lower() in (attempt["error"] or "").lower()
            passed = passed and fits
            print(f"{what}: {attempt.get('status') or attempt['error']}{'' if fits else '  WRONG'}")
            receiver.kill()
        return passed
    finally:
        service.stop()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", required=True)
    parser.add_argument("--users", type=int, default=1700)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="shopmeter-webhooks-") as directory:
        results = [under_fire(arguments.binary, directory, arguments.users), by_tls(arguments.binary, directory)]
    sys.exit(0 if all(results) else 1)


if __name__ == "__main__":
    if sys.argv[1:2] == ["receive"]:
        parser = argparse.ArgumentParser()
        parser.add_argument("what")
        for name in ("--port", "--log", "--secret", "--certificate"):
            parser.add_argument(name, type=int if name == "--port" else str)
        receive(parser.parse_args())
    else:
        main()
