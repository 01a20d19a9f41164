"""What the measuring scripts share: a service of their own, and clients of it."""
import asyncio
import json
import os
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

ADMIN = "admin-token-of-the-laboratory-0123456789"


class Connection:
    """One HTTP/1.1 connection, made anew when it was lost."""

    def __init__(self, port):
        self.port, self.reader, self.writer = port, None, None

    def close(self):
        if self.writer:
            self.writer.close()
        self.reader = self.writer = None

    async def call(self, method, path, key, body=None, timeout=15.0):
        return await asyncio.wait_for(self._call(method, path, key, body), timeout)

    async def _call(self, method, path, key, body):
        if self.writer is None:
            self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        data = b"" if body is None else json.dumps(body).encode()
        head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {key}\r\n"
        if body is not None:
            head += f"Content-Type: application/json\r\nContent-Length: {len(data)}\r\n"
        self.writer.write(head.encode() + b"\r\n" + data)
        lines = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin1").split("\r\n")
        fields = {}
        for line in lines[1:]:
            name, _, value = line.partition(":")
            fields[name.strip().lower()] = value.strip()
        content = await self._body(fields)
        if fields.get("connection", "").lower() == "close":
            self.close()
        return int(lines[0].split()[1]), content

    async def _body(self, fields):
        if "content-length" in fields:
            return await self.reader.readexactly(int(fields["content-length"]))
        size, last = 0, b""
        while fields.get("transfer-encoding") == "chunked":
            count = int((await self.reader.readuntil(b"\r\n")).strip(), 16)
            last = (await self.reader.readexactly(count + 2))[:-2]
            size += count
            if count == 0:
                return b"%d" % size
        return last


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def is_ready(process, port):
    """Whether a service that was started is ready within a minute."""
    for _ in range(600):
        if process.poll() is not None:
            return False
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=1)
            return True
        except OSError:
            time.sleep(0.1)
    return False


def another(program, uri, *arguments):
    """Another instance, on a database that is there: its process and its port."""
    port, environment = free_port(), dict(os.environ, SHOPMETER_ADMIN_TOKEN=ADMIN, SHOPMETER_LOG_LEVEL="error")
    process = subprocess.Popen([program, "serve", "--port", str(port), "--mongodb-uri", uri, *arguments], env=environment)
    if not is_ready(process, port):
        process.terminate()
        sys.exit("another instance does not start")
    return process, port


class Service:
    """The service with an embedded mongod of its own, in a folder that goes with it. `files`: at most so many files are open."""

    def __init__(self, program, *arguments, files=None, log_level="error", environment=None):
        self.directory, self.port = tempfile.mkdtemp(prefix="shopmeter-lab-"), free_port()
        self.data, self.files = self.directory + "/data", files
        self.command = [program, "serve", "--port", str(self.port), "--data-dir", self.data, *arguments]
        self.environment = dict(os.environ, SHOPMETER_ADMIN_TOKEN=ADMIN, SHOPMETER_LOG_LEVEL=log_level, **(environment or {}))
        self.log = open(self.directory + "/service.log", "w")
        self.start()

    def start(self):
        files = self.files
        limit = (lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))) if files else None
        self.process = subprocess.Popen(self.command, env=self.environment, stdout=self.log, stderr=self.log, preexec_fn=limit)
        if not is_ready(self.process, self.port):
            self.stop()
            sys.exit(f"the service does not start{f' with {files} files' if files else ''}:\n{self.last_lines}")

    def kill(self):
        self.process.kill()
        self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
        self.log.close()
        with open(self.directory + "/service.log") as log:
            self.last_lines = "".join(log.readlines()[-5:])
        shutil.rmtree(self.directory, ignore_errors=True)


def admin(port, method, path, body=None, key=ADMIN):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", data, method=method)
    request.add_header("Authorization", f"Bearer {key}")
    request.add_header("Content-Type", "application/json")
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.loads(answer.read())


def shop(port, name):
    key = admin(port, "POST", "/v1/admin/shops", {"shop_id": name, "name": name, "currency": "EUR", "clock": "live"})["api_key"]
    admin(port, "PUT", "/v1/plans/free", {"allowances": {"tokens": None}}, key)
    return key


def heavy_event(number, left, index):
    return {"event_id": f"{number}-{left}-{index}", "user_id": "heavy", "amount": 1, "dimensions": {"model": f"m{index % 20}"}}


def fill(port, key, count, event=heavy_event):
    """Records `count` events in batches of four clients. `event`: from the client's number, what is left and the index in the batch."""
    async def run():
        left = [count]

        async def one(number):
            connection = Connection(port)
            while left[0] > 0:
                size = min(1000, left[0])
                left[0] -= size
                several = [event(number, left[0], index) for index in range(size)]
                while True:
                    status, content = await connection.call("POST", "/v1/usage/batch", key, {"events": several}, timeout=120)
                    if status == 200 and b'"rejected"' not in content:
                        break
                    await asyncio.sleep(0.2)
            connection.close()
        await asyncio.gather(*(one(number) for number in range(4)))
    asyncio.run(run())
