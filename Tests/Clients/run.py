"""Runs the main path of a client by way of a proxy on which every request fails at first: with 503, with 429, before it is passed on, and after it was
done, so that its answer is lost.
    python3 run.py ADDRESS KEY PROGRAM ARGUMENT…
The program gets the proxy's address and the key as its last arguments. Prints what failed how often; the exit code is the program's."""
import collections
import http.client
import http.server
import os
import subprocess
import sys
import threading
import urllib.parse

FAILURES = ["503", "lost", "429", "dropped"]


class Proxy(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    target, lock, seen, failed = None, threading.Lock(), collections.Counter(), collections.Counter()

    def handle_any(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        with self.lock:
            # Each second request fails, in turn by each of the ways; its repetition is the next one.
            self.seen["requests"] += 1
            number = self.seen["requests"]
            failure = FAILURES[number // 2 % len(FAILURES)] if number % 2 else None
            self.failed[failure] += 1
        if failure in ("503", "429"):
            return self.answer(int(failure), [("Retry-After", "0"), ("Content-Type", "application/problem+json")], b'{"code":"overloaded","title":"Later"}')
        if failure != "dropped":
            connection = http.client.HTTPConnection(self.target, timeout=60)
            headers = {name: value for name, value in self.headers.items() if name.lower() not in ("host", "connection")}
            connection.request(self.command, self.path, body or None, headers)
            answer = connection.getresponse()
            content = answer.read()
            connection.close()
            if failure is None:
                return self.answer(answer.status, [(name, value) for name, value in answer.getheaders() if name.lower() in ("content-type", "retry-after")], content)
        self.close_connection = True
        self.connection.shutdown(2)

    do_GET = do_POST = do_PUT = do_DELETE = handle_any

    def answer(self, status, headers, content):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        pass


def main():
    address, key, *program = sys.argv[1:]
    Proxy.target = urllib.parse.urlsplit(address).netloc
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    done = subprocess.run([*program, f"http://127.0.0.1:{server.server_port}", key], timeout=120)
    print(f"{Proxy.seen['requests']} requests: " + ", ".join(f"{Proxy.failed[way]} {way}" for way in FAILURES), flush=True)
    sys.stdout.flush()
    os._exit(done.returncode or (1 if any(Proxy.failed[way] == 0 for way in FAILURES) else 0))


if __name__ == "__main__":
    main()
