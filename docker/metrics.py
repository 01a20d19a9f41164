"""/metrics, alerts.yaml and grafana-dashboard.json before a real Prometheus. See metrics.sh."""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

from lab import Service, admin, free_port, shop

HERE = pathlib.Path(__file__).parent
# What a service that is well says nothing of.
QUIET = ["503", "500", "429", "failed"]


def check(what, command, text=None):
    done = subprocess.run(command, input=text, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    print(f"{'ok' if done.returncode == 0 else 'failed':<7}{what}", flush=True)
    if done.returncode:
        print(done.stdout)
    return done.returncode == 0


def ask(port, path, **query):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v1/{path}?{urllib.parse.urlencode(query)}", timeout=10) as answer:
        return json.loads(answer.read())["data"]


def queries():
    """Each query of the dashboard, with its variables filled in."""
    dashboard = json.loads((HERE / "grafana-dashboard.json").read_text())
    texts = [(panel["title"], target["expr"]) for panel in dashboard["panels"] for target in panel.get("targets", [])]
    return [(title, text.replace("$__rate_interval", "30s").replace("$instance", ".*")) for title, text in texts]


def use(service):
    """Requests of each kind that the dashboard shows."""
    key = shop(service.port, "metrics")
    for index in range(20):
        admin(service.port, "POST", "/v1/usage", {"event_id": f"e{index}", "user_id": "u", "amount": 1}, key)
    admin(service.port, "POST", "/v1/usage/batch", {"events": [{"user_id": "u", "amount": 1}]}, key)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", required=True)
    arguments = parser.parse_args()
    results = [check("promtool check rules alerts.yaml", ["promtool", "check", "rules", HERE / "alerts.yaml"])]
    with tempfile.TemporaryDirectory(prefix="shopmeter-metrics-") as folder, Service(arguments.binary, "--tick-seconds", "1") as service:
        use(service)
        text = urllib.request.urlopen(f"http://127.0.0.1:{service.port}/metrics").read().decode()
        results.append(check("promtool check metrics", ["promtool", "check", "metrics"], text))
        port, configuration = free_port(), pathlib.Path(folder) / "prometheus.yml"
        configuration.write_text(json.dumps({
            "global": {"scrape_interval": "1s", "evaluation_interval": "1s"}, "rule_files": [str(HERE / "alerts.yaml")],
            "scrape_configs": [{"job_name": "shopmeter", "static_configs": [{"targets": [f"127.0.0.1:{service.port}"]}]}]}))
        prometheus = subprocess.Popen(
            ["prometheus", f"--config.file={configuration}", f"--storage.tsdb.path={folder}/data", f"--web.listen-address=127.0.0.1:{port}"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            end = time.monotonic() + 60
            while time.monotonic() < end:
                try:
                    if len(ask(port, "query", query="shopmeter_build_info[20s]")["result"][0]["values"]) >= 8:
                        break
                except (OSError, IndexError):
                    pass
                use_again(service)
                time.sleep(0.5)
            results += [answers(port, title, text) for title, text in queries()]
            rules = [rule for group in ask(port, "rules")["groups"] for rule in group["rules"]]
            wrong = [f"{rule['name']}: {rule['health']} {rule.get('lastError', '')} {rule['state']}" for rule in rules
                     if rule["health"] != "ok" or rule["state"] == "firing"]
            print(f"{'failed' if wrong else 'ok':<7}{len(rules)} alert rules are evaluated, and none fires", *wrong)
            results.append(not wrong and len(rules) > 0)
        finally:
            prometheus.terminate()
            prometheus.wait()
    sys.exit(0 if all(results) else 1)


def use_again(service):
    urllib.request.urlopen(f"http://127.0.0.1:{service.port}/healthz").read()


def answers(port, title, text):
    try:
        result = ask(port, "query", query=text)["result"]
    except urllib.error.HTTPError as error:
        print(f"failed {title}: {error.read().decode()}")
        return False
    fine = bool(result) or any(word in text for word in QUIET)
    print(f"{'ok' if fine else 'failed':<7}{title}: {len(result)} series")
    return fine


if __name__ == "__main__":
    main()
