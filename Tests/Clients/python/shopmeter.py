"""A small client of ShopMeter, with the standard library alone: copy it into your program.

What it sends has an id before it is sent for the first time, so that it counts once however often it is sent again: after a connection that broke at
once, after 429 and 503 when their `Retry-After` has passed.
"""
import contextlib
import http.client
import json
import random
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid


class Problem(Exception):
    """An answer that is no success. `code` tells problems apart; `members` has all that the answer says."""

    def __init__(self, status, members):
        super().__init__(f"{status} {members.get('code')}: {members.get('detail') or members.get('title')}")
        self.status, self.code, self.members = status, members.get("code"), members


class LimitReached(Problem):
    """402: too little is left of an allowance or of money. `members` says how much."""


class ShopMeter:
    MAXIMUM_BATCH = 1000

    def __init__(self, address, key, timeout=10, attempts=6):
        self.address, self.key, self.timeout, self.attempts = address.rstrip("/"), key, timeout, attempts

    def request(self, method, path, body=None):
        """Sends a request until it is answered, and returns the answer's body. A body that makes something has an id of its own."""
        for attempt in range(self.attempts):
            isLast = attempt == self.attempts - 1
            try:
                return self._once(method, path, body)
            except Problem as problem:
                if problem.status not in (429, 503) or isLast:
                    raise
                time.sleep(problem.retry_after)
            except (OSError, http.client.HTTPException):
                # No answer: it may have been done or not, which is the same, as the id is the same.
                if isLast:
                    raise
                time.sleep(random.uniform(0, 0.1 * 2 ** attempt))

    def _once(self, method, path, body):
        data = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {self.key}"} | ({} if data is None else {"Content-Type": "application/json"})
        request = urllib.request.Request(self.address + path, data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=self.timeout) as answer:
                return json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            with error:
                raise self._problem(error) from None

    @staticmethod
    def _problem(answer):
        try:
            members = json.loads(answer.read())
        except ValueError:
            members = {"title": answer.reason}
        problem = (LimitReached if answer.code == 402 else Problem)(answer.code, members)
        seconds = answer.headers.get("Retry-After", "1")
        # A little later than asked for, so that not all who were refused come again at once.
        problem.retry_after = (int(seconds) if seconds.isdigit() else 1) * random.uniform(1, 1.2)
        return problem

    def record(self, user_id, amount, *, event_id=None, **fields):
        """Records an event: `enforce=True` refuses it, with LimitReached, when too little is left."""
        return self.request("POST", "/v1/usage", {"event_id": event_id or f"evt_{uuid.uuid4().hex}", "user_id": user_id, "amount": amount, **fields})

    def record_many(self, events):
        """Records events, each by itself, and returns what became of each, in order: `recorded`, `duplicate` or `rejected`."""
        events = [{"event_id": f"evt_{uuid.uuid4().hex}", **event} for event in events]
        parts = [events[start:start + self.MAXIMUM_BATCH] for start in range(0, len(events), self.MAXIMUM_BATCH)]
        return [result for part in parts for result in self.request("POST", "/v1/usage/batch", {"events": part})["results"]]

    def check(self, user_id, amount=1, meter="tokens"):
        """Whether the user may use so much, and what is left. Nothing is recorded."""
        query = urllib.parse.urlencode({"amount": amount, "meter": meter})
        return self.request("GET", f"/v1/usage/{urllib.parse.quote(user_id, safe='')}/check?{query}")

    @contextlib.contextmanager
    def hold(self, user_id, amount, *, meter="tokens", ttl_seconds=900):
        """Holds an amount while it is not known yet what the work takes, or raises LimitReached. What is not committed is given back:

            with meter.hold("ada", 2000) as hold:
                answer = model.call(...)
                hold.commit(answer.tokens)
        """
        hold = Hold(self, f"hold_{uuid.uuid4().hex}")
        body = {"reservation_id": hold.id, "user_id": user_id, "meter": meter, "amount": amount, "ttl_seconds": ttl_seconds}
        self.request("POST", "/v1/reservations", body)
        try:
            yield hold
        finally:
            if not hold.is_committed:
                self.request("POST", f"/v1/reservations/{hold.id}/release", {})


class Hold:
    def __init__(self, client, id):
        self.client, self.id, self.is_committed = client, id, False

    def commit(self, amount, **fields):
        """Records what the work took, and frees the rest."""
        event = {"event_id": f"evt_{self.id}", "amount": amount, **fields}
        answer = self.client.request("POST", f"/v1/reservations/{self.id}/commit", event)
        self.is_committed = True
        return answer


class Batch:
    """Collects events, and records them when there are enough, or when it is left:

        with Batch(meter) as batch:
            batch.add("ada", 12)
    """

    def __init__(self, client, size=ShopMeter.MAXIMUM_BATCH):
        self.client, self.size, self.events, self.rejected = client, size, [], []

    def add(self, user_id, amount, **fields):
        self.events.append({"event_id": f"evt_{uuid.uuid4().hex}", "user_id": user_id, "amount": amount, **fields})
        if len(self.events) >= self.size:
            self.flush()

    def flush(self):
        self.rejected += [result for result in self.client.record_many(self.events) if result["status"] == "rejected"]
        self.events = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.flush()
