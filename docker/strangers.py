"""Strangers, and a shop with a valid key, attack a service that may have few files open, while another shop records on a connection that was open
before. Prints what that shop saw of each attack, and whether newcomers got in; exits with 1 when the service died, or the recording failed.

The attackers share the machine's processors with the service and the database.
"""
import argparse
import asyncio
import multiprocessing
import os
import random
import resource
import socket
import struct
import sys
import time

from lab import Connection, Service, fill, shop

HEAD = b"POST /v1/usage HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"


async def hold(port, until, first=b"", drip=b"", receive_buffer=None, read=0, end=False):
    """Keeps one connection open as long as the service lets it, then opens the next: sends `first`, then a byte of `drip` each second, reads
    `read` bytes each second, and shuts its sending side when `end`."""
    while time.monotonic() < until:
        client = socket.socket()
        client.setblocking(False)
        if receive_buffer:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        loop = asyncio.get_running_loop()
        try:
            await loop.sock_connect(client, ("127.0.0.1", port))
            await loop.sock_sendall(client, first)
            if end:
                client.shutdown(socket.SHUT_WR)
            for index in range(1000):
                if time.monotonic() >= until:
                    break
                if index < len(drip):
                    await loop.sock_sendall(client, drip[index:index + 1])
                if read:
                    if not await asyncio.wait_for(loop.sock_recv(client, read), 30):
                        break
                    await asyncio.sleep(1)
                elif await closed_within(loop, client, 1):
                    break
        except (OSError, asyncio.TimeoutError):
            await asyncio.sleep(0.1)
        finally:
            client.close()


async def closed_within(loop, client, seconds):
    """Whether the service closes the connection within that time; what it sends is dropped."""
    try:
        return not await asyncio.wait_for(loop.sock_recv(client, 65536), seconds)
    except asyncio.TimeoutError:
        return False


async def reset(port, until):
    """Connects and resets, as fast as it goes."""
    while time.monotonic() < until:
        client = socket.socket()
        client.setblocking(False)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        try:
            await asyncio.get_running_loop().sock_connect(client, ("127.0.0.1", port))
        except OSError:
            await asyncio.sleep(0.01)
        client.close()


async def pipeline(port, until):
    """Sends requests as fast as the service takes them, and reads no answer."""
    many = b"GET /v1/plans HTTP/1.1\r\nHost: localhost\r\n\r\n" * 500 + (HEAD + b"Content-Length: 2\r\n\r\n{}") * 500
    while time.monotonic() < until:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port, limit=1024)
            while time.monotonic() < until:
                writer.write(many)
                await asyncio.wait_for(writer.drain(), 5)
        except (OSError, asyncio.TimeoutError):
            pass
        finally:
            writer.close()


def get(path, key=""):
    return f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {key}\r\n\r\n".encode()


ATTACKS = {
    "idle": lambda port, until, key, count: [hold(port, until) for _ in range(count)],
    "idle-answered": lambda port, until, key, count: [hold(port, until, get("/healthz")) for _ in range(count)],
    "slow-headers": lambda port, until, key, count: [hold(port, until, HEAD, b"X-Slow: " + b"a" * 900) for _ in range(count)],
    "half-bodies": lambda port, until, key, count: [
        hold(port, until, HEAD + b"Content-Length: 100000\r\n\r\n" + b"x" * 50000) for _ in range(count)],
    "half-closed": lambda port, until, key, count: [hold(port, until, b"GET / HT", end=True) for _ in range(count)],
    "garbage": lambda port, until, key, count: [hold(port, until, random.randbytes(300)) for _ in range(count)],
    "reset-churn": lambda port, until, key, count: [reset(port, until) for _ in range(50)],
    "pipelined": lambda port, until, key, count: [pipeline(port, until) for _ in range(50)],
    "slow-document": lambda port, until, key, count: [
        hold(port, until, get("/openapi.json"), receive_buffer=2048, read=1) for _ in range(count)],
    "slow-export": lambda port, until, key, count: [
        hold(port, until, get("/v1/export/usage_events", key), receive_buffer=2048, read=1) for _ in range(count)],
}


def attack(kind, port, key, seconds, count):
    """A process of its own, which may open as many files as it wants."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))

    async def run():
        await asyncio.gather(*ATTACKS[kind](port, time.monotonic() + seconds, key, count), return_exceptions=True)
    asyncio.run(run())


class Seen:
    """What the client on the open connection, and newcomers, saw of an attack."""

    def __init__(self):
        self.recorded, self.failed, self.slowest, self.entered, self.refused, self.files = 0, {}, 0.0, 0, 0, 0


async def watch(connection, port, key, process, seconds):
    """An event each 50 ms on the open connection, and a newcomer each 500 ms."""
    seen, until = Seen(), time.monotonic() + seconds

    async def record():
        while time.monotonic() < until and process.poll() is None:
            start = time.monotonic()
            body = {"event_id": f"{random.getrandbits(64):x}", "user_id": "ada", "amount": 1}
            try:
                status = (await connection.call("POST", "/v1/usage", key, body))[0]
            except (OSError, asyncio.TimeoutError, asyncio.IncompleteReadError, ValueError) as error:
                status = type(error).__name__
                connection.close()
            seen.slowest = max(seen.slowest, time.monotonic() - start)
            if status == 201:
                seen.recorded += 1
            else:
                seen.failed[status] = seen.failed.get(status, 0) + 1
            await asyncio.sleep(0.05)

    async def enter():
        while time.monotonic() < until and process.poll() is None:
            newcomer = Connection(port)
            try:
                status = (await newcomer.call("GET", "/v1/plans", key, timeout=5))[0]
            except (OSError, asyncio.TimeoutError, asyncio.IncompleteReadError, ValueError):
                status = 0
            newcomer.close()
            if status == 200:
                seen.entered += 1
            else:
                seen.refused += 1
            try:
                seen.files = max(seen.files, len(os.listdir(f"/proc/{process.pid}/fd")))
            except OSError:
                pass
            await asyncio.sleep(0.5)
    await asyncio.gather(record(), enter())
    return seen


def run(kind, program, files, options):
    """One attack on a fresh service. Returns whether the service lived and the recording went on."""
    service = Service(program, files=files, log_level="warning")
    try:
        key, loud = shop(service.port, "acme"), shop(service.port, "loud")
        if kind == "slow-export":
            fill(service.port, loud, 20_000)

        async def observe():
            connection = Connection(service.port)
            await connection.call("GET", "/v1/plans", key)
            process = multiprocessing.Process(target=attack, args=(kind, service.port, loud, options.seconds + 1, options.sockets))
            process.start()
            await asyncio.sleep(1)
            seen = await watch(connection, service.port, key, service.process, options.seconds)
            connection.close()
            process.join(30)
            if process.is_alive():
                process.kill()
            return seen
        seen = asyncio.run(observe())
        died = service.process.poll() is not None
    finally:
        service.stop()
    print(f"{files:6} {kind:14} {'DIED' if died else 'no':5} {seen.recorded:9} {str(seen.failed or '-'):22} {seen.slowest * 1000:11.0f} "
          f"{seen.entered:8} {seen.refused:8} {seen.files:6}", flush=True)
    if died:
        print(service.last_lines, flush=True)
    return not died and not seen.failed and seen.recorded > 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", required=True, help="the shopmeter program")
    parser.add_argument("--seconds", type=int, default=10, help="of each attack")
    parser.add_argument("--sockets", type=int, default=1000, help="of each attack that holds connections")
    parser.add_argument("--files", type=int, action="append", help="the service's limit of open files; 1024 and 256 without it")
    parser.add_argument("attacks", nargs="*", default=[], help=", ".join(ATTACKS))
    options = parser.parse_args()
    print(f"{'files':>6} {'attack':14} {'died':5} {'recorded':>9} {'failed':22} {'slowest ms':>11} {'entered':>8} {'refused':>8} {'open':>6}")
    outcomes = [run(kind, options.binary, files, options) for files in options.files or [1024, 256] for kind in options.attacks or ATTACKS]
    return 0 if all(outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())
