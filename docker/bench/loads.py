"""How each program is loaded: one function a kind of load, which returns a `Sample`."""
import json
import os
import re
import socket
import subprocess
import time
from dataclasses import dataclass, field

from processes import HERE


@dataclass
class Sample:
    """What one run of some seconds measured."""
    rate: float
    #: Milliseconds; None where the driver does not say.
    p50: float = None
    p99: float = None
    failed: int = 0
    #: Microseconds of processor time per unit, by program.
    cpu: dict = field(default_factory=dict)


class Meter:
    """Processor time of several programs, per unit of work, while a load runs."""

    def __init__(self, **processes):
        self.processes = processes

    def __enter__(self):
        self.before = {name: process.cpu() for name, process in self.processes.items()}
        return self

    def __exit__(self, *_):
        self.spent = {name: process.cpu() - self.before[name] for name, process in self.processes.items()}

    def per(self, units):
        return {name: seconds * 1e6 / units for name, seconds in self.spent.items()} if units else {}


def wrk(service, mongod, kind, connections, seconds, users=20_000, distribution="uniform", path="", units=1):
    """`units`: how many events one request is."""
    with Meter(service=service, **({"mongod": mongod} if mongod else {})) as meter:
        output = subprocess.run(
            ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s", "-s", os.path.join(HERE, "load.lua"), service.url + path, "--",
             service.key, kind, str(users), distribution], check=True, capture_output=True, text=True).stdout
    found = json.loads([line for line in output.splitlines() if line.startswith('{"requests"')][-1])
    done = (found["requests"] - found["failed"]) * units
    return Sample(done / found["seconds"], found["p50"], found["p99"], found["failed"], meter.per(done))


def pgbench(postgres, clients, seconds):
    with Meter(postgres=postgres) as meter:
        output = postgres.run(
            [f"{postgres.bin}/pgbench", "-h", postgres.folder, "-U", "bench", "-n", "-M", "prepared", "-c", str(clients), "-j", "1", "-T", str(seconds),
             "-f", os.path.join(postgres.folder, "ledger.pgbench"), "postgres"])
    done = int(re.search(r"transactions actually processed: (\d+)", output).group(1))
    return Sample(float(re.search(r"tps = ([\d.]+)", output).group(1)), cpu=meter.per(done))


def bare(program, mongod, database, *arguments):
    with Meter(mongod=mongod) as meter:
        output = subprocess.run([program, mongod.uri, database, *map(str, arguments)], check=True, capture_output=True, text=True).stdout
    found = json.loads(output)
    return Sample(found["requests"] / found["seconds"], found.get("p50"), found.get("p99"), cpu=meter.per(found["requests"]))


def export(service, mongod):
    """Reads the export of all events, and counts its lines."""
    with Meter(service=service, mongod=mongod) as meter, socket.create_connection(("127.0.0.1", service.port)) as connection:
        begun, lines, peak = time.monotonic(), 0, 0
        connection.sendall(
            f"GET /v1/export/usage_events?format=ndjson HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer {service.key}\r\n\r\n".encode())
        while piece := connection.recv(1 << 20):
            lines += piece.count(b"}\n")
            peak = max(peak, service.memory())
        seconds = time.monotonic() - begun
    sample = Sample(lines / seconds, cpu=meter.per(lines))
    sample.memory = peak
    return sample


def idle_connections(service, count):
    """The service's memory with so many connections that have each sent one request."""
    connections = []
    try:
        for _ in range(count):
            connection = socket.create_connection(("127.0.0.1", service.port))
            connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
            connection.recv(4096)
            connections.append(connection)
        return len(connections), service.memory()
    except OSError:
        return len(connections), service.memory()
    finally:
        for connection in connections:
            connection.close()


def rollover(service, accounts):
    """`shopmeter bench rollover`: the ratio to bare updates, and the slowest event in milliseconds."""
    output = subprocess.run(
        [service.program, "bench", "rollover", "--accounts", str(accounts)], env=dict(os.environ, **service.environment), check=True,
        capture_output=True, text=True).stdout
    rate = re.search(r"rollover: (\d+)", output).group(1)
    return {
        "rate": int(rate), "ratio": float(re.search(r"ratio: ([\d.]+)", output).group(1)),
        "slowest": int(re.search(r"slowest event meanwhile: (\d+)", output).group(1)),
        "memory": re.search(r"peak memory: (.+)", output).group(1)}
