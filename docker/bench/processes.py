"""The programs that are measured: a mongod for all, ShopMeter, and the peers. Each is started here and ends with the benchmark."""
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

ADMIN = "admin-token-of-the-benchmark-0123456789"
HERE = os.path.dirname(os.path.abspath(__file__))
TICKS = os.sysconf("SC_CLK_TCK")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def call(port, method, path, body=None, key=ADMIN):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", data, method=method)
    request.add_header("Authorization", f"Bearer {key}")
    if data:
        request.add_header("Content-Type", "application/json")
    with urllib.request.urlopen(request, timeout=120) as answer:
        return json.loads(answer.read())


def wait_until(ready, seconds, what):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if ready():
                return
        except (OSError, subprocess.CalledProcessError):
            pass
        time.sleep(0.05)
    raise SystemExit(f"bench: {what} did not start within {seconds} s")


def family(pid):
    """The process and its descendants."""
    pids, children = [pid], {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            parent = int(open(f"/proc/{name}/stat").read().rpartition(")")[2].split()[1])
        except OSError:
            continue
        children.setdefault(parent, []).append(int(name))
    for parent in pids:
        pids += children.get(parent, [])
    return pids


class Process:
    """A program under measurement."""

    def __init__(self, arguments, folder, name, environment=None, user=None):
        self.log = open(os.path.join(folder, f"{name}.log"), "ab")
        command = ["runuser", "-u", user, "--", *arguments] if user else arguments
        self.process = subprocess.Popen(
            command, env=dict(os.environ, **(environment or {})), stdout=self.log, stderr=self.log, start_new_session=True)

    def cpu(self):
        """Seconds of processor time of the process and its living descendants."""
        total = 0
        for pid in family(self.process.pid):
            try:
                fields = open(f"/proc/{pid}/stat").read().rpartition(")")[2].split()
                total += int(fields[11]) + int(fields[12]) + int(fields[13]) + int(fields[14])
            except OSError:
                pass
        return total / TICKS

    def memory(self):
        """Resident megabytes of the process itself."""
        for line in open(f"/proc/{self.process.pid}/status"):
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
        return float("nan")

    def stop(self, sent=signal.SIGTERM):
        if self.process.poll() is None:
            os.killpg(self.process.pid, sent)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()
        self.log.close()


class Mongod(Process):
    """One member of a replica set, journaled; ShopMeter and the naive service both use it."""

    def __init__(self, program, folder, cache_gigabytes):
        self.port = free_port()
        data = os.path.join(folder, "mongod")
        os.makedirs(data)
        super().__init__(
            [program, "--replSet", "rs0", "--port", str(self.port), "--bind_ip", "127.0.0.1", "--dbpath", data,
             "--wiredTigerCacheSizeGB", str(cache_gigabytes)], folder, "mongod")
        self.uri = f"mongodb://127.0.0.1:{self.port}/?replicaSet=rs0&w=majority&journal=true"
        import pymongo
        client = pymongo.MongoClient("127.0.0.1", self.port, directConnection=True, serverSelectionTimeoutMS=1000)

        def initiated():
            try:
                client.admin.command("replSetInitiate", {"_id": "rs0", "members": [{"_id": 0, "host": f"127.0.0.1:{self.port}"}]})
            except pymongo.errors.OperationFailure as error:
                if error.code != 23:
                    raise
            except pymongo.errors.PyMongoError:
                return False
            return client.admin.command("hello")["isWritablePrimary"]
        wait_until(initiated, 60, "mongod")
        self.version = client.server_info()["version"]
        client.close()


class ShopMeter(Process):
    def __init__(self, program, folder, mongod, database="shopmeter", name="shopmeter"):
        self.port, self.database, self.program = free_port(), database, program
        self.environment = {
            "SHOPMETER_ADMIN_TOKEN": ADMIN, "SHOPMETER_MONGODB_URI": mongod.uri, "SHOPMETER_DATABASE": database,
            "SHOPMETER_DATA_DIR": os.path.join(folder, name), "SHOPMETER_LOG_LEVEL": "error"}
        begun = time.monotonic()
        super().__init__([program, "serve", "--port", str(self.port)], folder, name, self.environment)
        wait_until(lambda: urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=1).status == 200, 60, name)
        self.start_seconds = time.monotonic() - begun
        self.url = f"http://127.0.0.1:{self.port}"

    def make_shop(self):
        self.key = call(self.port, "POST", "/v1/admin/shops", {"shop_id": "bench", "name": "Bench", "currency": "EUR", "clock": "live"})["api_key"]
        call(self.port, "PUT", "/v1/plans/free", {"allowances": {"tokens": None}}, self.key)
        call(self.port, "PUT", "/v1/plans/pro", {"monthly_fee": "29.00", "allowances": {"tokens": 10**12}}, self.key)

    def subscribe(self, count):
        """Puts user0, user1, … on the plan pro."""
        with tempfile.NamedTemporaryFile("w", suffix=".csv") as file:
            file.write("user,plan\n" + "".join(f"user{number},pro\n" for number in range(count)))
            file.flush()
            subprocess.run(
                [self.program, "import", "subscriptions", "--shop", "bench", "--csv", file.name, "--user-column", "user", "--plan-column", "plan"],
                env=dict(os.environ, **self.environment), check=True, stdout=self.log, stderr=self.log)

    def open_accounts(self, first, last):
        """One event of each user, so that no run pays for opening accounts."""
        for number in range(first, last, 500):
            events = [{"event_id": f"open-{user}", "user_id": f"user{user}", "amount": 1} for user in range(number, min(number + 500, last))]
            call(self.port, "POST", "/v1/usage/batch", {"events": events}, self.key)


class Naive(Process):
    def __init__(self, python, folder, mongod, users):
        self.port, self.key = free_port(), "-"
        super().__init__(
            [python, "-m", "uvicorn", "--app-dir", HERE, "naive_service:app", "--port", str(self.port), "--no-access-log", "--loop", "uvloop",
             "--http", "httptools"], folder, "naive", {"PEER_MONGODB_URI": mongod.uri})
        self.url = f"http://127.0.0.1:{self.port}"
        wait_until(lambda: urllib.request.urlopen(self.url + "/openapi.json", timeout=1).status == 200, 60, "the naive service")
        call(self.port, "POST", f"/setup?users={users}")


class PostgreSQL(Process):
    """A PostgreSQL of its own with its defaults, fsync on, behind a Unix socket."""

    def __init__(self, folder):
        programs = sorted(os.listdir("/usr/lib/postgresql"), key=float)[-1]
        self.bin = f"/usr/lib/postgresql/{programs}/bin"
        self.user = "postgres" if os.geteuid() == 0 else None
        self.folder = os.path.join(folder, "postgresql")
        os.makedirs(self.folder)
        shutil.copy(os.path.join(HERE, "ledger.pgbench"), self.folder)
        if self.user:
            shutil.chown(self.folder, self.user)
            os.chmod(folder, 0o755)
        data = os.path.join(self.folder, "data")
        self.run([f"{self.bin}/initdb", "-A", "trust", "-U", "bench", "-D", data])
        super().__init__([f"{self.bin}/postgres", "-D", data, "-k", self.folder, "-c", "listen_addresses="], folder, "postgres", user=self.user)
        wait_until(lambda: self.run(self.psql("-c", "select 1")) is not None, 60, "PostgreSQL")
        self.run(self.psql("-q", "-v", "ON_ERROR_STOP=1"), stdin=open(os.path.join(HERE, "ledger.sql")))
        self.version = self.run(self.psql("-Atc", "show server_version")).split()[0]

    def psql(self, *arguments):
        return [f"{self.bin}/psql", "-h", self.folder, "-U", "bench", "-d", "postgres", *arguments]

    def run(self, arguments, stdin=None):
        command = ["runuser", "-u", self.user, "--", *arguments] if self.user else arguments
        return subprocess.run(command, check=True, stdin=stdin, capture_output=True, text=True, cwd="/").stdout


class Nginx(Process):
    """One worker that answers every path with a fixed body."""

    def __init__(self, folder):
        self.port, self.key = free_port(), "-"
        configuration = os.path.join(folder, "nginx.conf")
        with open(configuration, "w") as file:
            file.write(
                f"daemon off; worker_processes 1; error_log stderr; pid {folder}/nginx.pid;\n"
                "events { worker_connections 1024; }\n"
                f"http {{ access_log off; keepalive_requests 100000000; server {{ listen 127.0.0.1:{self.port};\n"
                "  location / { default_type application/json; return 200 '{\"status\":\"ok\"}'; } } }\n")
        super().__init__(["/usr/sbin/nginx", "-c", configuration, "-p", folder], folder, "nginx")
        self.url = f"http://127.0.0.1:{self.port}"
        wait_until(lambda: urllib.request.urlopen(self.url, timeout=1).status == 200, 30, "nginx")
