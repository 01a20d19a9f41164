"""The OpenAPI document in other people's tools, and the clients that they make of it. See openapi.sh."""
import argparse
import importlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import urllib.request

from lab import ADMIN, Service, admin, shop

TOOLS = ["validator", "datamodel", "python-client", "generator", "schemathesis"]
BIN = pathlib.Path(sys.executable).parent

# What each client does: subscribe a user to a plan of 1,000 tokens, record 700 twice as one event, be refused 400, hold 200 and commit 120, and read what is left.
LEFT = 1000 - 700 - 120

PYTHON_CLIENT = f"""
import sys
from client import AuthenticatedClient
from client.api.plans import put_plan
from client.api.reservations import commit_reservation, create_reservation
from client.api.subscriptions import create_subscription
from client.api.usage import check_usage, record_usage
from client.models import (CommitInput, PlanInput, PlanInputAllowances, ReservationInput, SubscriptionAction, SubscriptionInput, UsageEvent)

client = AuthenticatedClient(base_url=sys.argv[1], token=sys.argv[2])
allowances = PlanInputAllowances()
allowances["tokens"] = 1000
assert put_plan.sync("basic", client=client, body=PlanInput(allowances=allowances, monthly_fee="9.00")).plan_name == "basic"
user = "opc|ada lovelace"
made = create_subscription.sync(client=client, body=SubscriptionInput(user_id=user, action=SubscriptionAction.CREATE, plan_name="basic"))
assert made.status == "active" and made.remaining_tokens == 1000
event = UsageEvent(event_id="q-1", user_id=user, amount=700)
first, second = (record_usage.sync(client=client, body=event) for _ in range(2))
assert (first.duplicate, second.duplicate, second.remaining) == (False, True, 300)
refused = record_usage.sync_detailed(client=client, body=UsageEvent(event_id="q-2", user_id=user, amount=400, enforce=True))
assert refused.status_code == 402 and refused.parsed.code == "usage_limit_exceeded"
create_reservation.sync(client=client, body=ReservationInput(reservation_id="opc-1", user_id=user, meter="tokens", amount=200))
assert commit_reservation.sync("opc-1", client=client, body=CommitInput(amount=120)).amount == 120
assert check_usage.sync(user, client=client, amount=1).available == {LEFT}
"""

GENERATED_PYTHON = f"""
import sys
import openapi_client as made
from openapi_client.api import PlansApi, ReservationsApi, SubscriptionsApi, UsageApi

client = made.ApiClient(made.Configuration(host=sys.argv[1], access_token=sys.argv[2]))
PlansApi(client).put_plan("basic", made.PlanInput(allowances={{"tokens": 1000}}, monthly_fee="9.00"))
user = "gen|ada lovelace"
SubscriptionsApi(client).create_subscription(made.SubscriptionInput(user_id=user, action="create", plan_name="basic"))
usage = UsageApi(client)
event = made.UsageEvent(event_id="q-1", user_id=user, amount=700)
assert [usage.record_usage(event).duplicate for _ in range(2)] == [False, True]
try:
    usage.record_usage(made.UsageEvent(event_id="q-2", user_id=user, amount=400, enforce=True))
    raise SystemExit("400 were not refused")
except made.ApiException as error:
    assert error.status == 402, error
ReservationsApi(client).create_reservation(made.ReservationInput(reservation_id="gen-1", user_id=user, meter="tokens", amount=200))
ReservationsApi(client).commit_reservation("gen-1", commit_input=made.CommitInput(amount=120))
assert usage.check_usage(user, amount=1).available == {LEFT}
"""

GENERATED_TYPESCRIPT = f"""
import {{Configuration, PlansApi, ReservationsApi, ResponseError, SubscriptionsApi, UsageApi}} from "./index";

declare const process: any;
async function run() {{
  const configuration = new Configuration({{basePath: process.argv[2], accessToken: process.argv[3]}});
  const user = "ts|ada lovelace";
  await new PlansApi(configuration).putPlan({{planName: "basic", planInput: {{allowances: {{tokens: 1000}}, monthlyFee: "9.00"}}}});
  await new SubscriptionsApi(configuration).createSubscription({{subscriptionInput: {{userId: user, action: "create", planName: "basic"}}}});
  const usage = new UsageApi(configuration);
  const event = {{eventId: "q-1", userId: user, amount: 700}};
  const first = await usage.recordUsage({{usageEvent: event}}), second = await usage.recordUsage({{usageEvent: event}});
  if (first.duplicate || !second.duplicate) throw new Error("one event is two");
  const refused = await usage.recordUsage({{usageEvent: {{...event, eventId: "q-2", amount: 400, enforce: true}}}}).catch((error) => error);
  if (!(refused instanceof ResponseError) || refused.response.status !== 402) throw new Error("400 were not refused");
  const holds = new ReservationsApi(configuration);
  await holds.createReservation({{reservationInput: {{reservationId: "ts-1", userId: user, meter: "tokens", amount: 200}}}});
  await holds.commitReservation({{reservationId: "ts-1", commitInput: {{amount: 120}}}});
  const left = await usage.checkUsage({{userId: user, amount: 1}});
  if (left.available !== {LEFT}) throw new Error(`${{left.available}} are left`);
}}
run().catch((error) => {{ console.error(error); process.exit(1); }});
"""

GENERATED_GO = f"""package main

import (
	"context"
	"os"

	shopmeter "made"
)

func must(err error) {{
	if err != nil {{
		panic(err)
	}}
}}

func main() {{
	configuration := shopmeter.NewConfiguration()
	configuration.Servers = shopmeter.ServerConfigurations{{{{URL: os.Args[1]}}}}
	client := shopmeter.NewAPIClient(configuration)
	ctx := context.WithValue(context.Background(), shopmeter.ContextAccessToken, os.Args[2])
	user := "go|ada lovelace"
	plan := shopmeter.NewPlanInput(map[string]*int64{{"tokens": shopmeter.PtrInt64(1000)}})
	_, _, err := client.PlansAPI.PutPlan(ctx, "basic").PlanInput(*plan).Execute()
	must(err)
	wanted := shopmeter.NewSubscriptionInput(user, shopmeter.SUBSCRIPTIONACTION_CREATE, "basic")
	_, _, err = client.SubscriptionsAPI.CreateSubscription(ctx).SubscriptionInput(*wanted).Execute()
	must(err)
	event := shopmeter.NewUsageEvent(user, 700)
	event.SetEventId("q-1")
	first, _, err := client.UsageAPI.RecordUsage(ctx).UsageEvent(*event).Execute()
	must(err)
	second, _, err := client.UsageAPI.RecordUsage(ctx).UsageEvent(*event).Execute()
	must(err)
	if first.GetDuplicate() || !second.GetDuplicate() {{
		panic("one event is two")
	}}
	more := shopmeter.NewUsageEvent(user, 400)
	more.SetEnforce(true)
	if _, answer, err := client.UsageAPI.RecordUsage(ctx).UsageEvent(*more).Execute(); err == nil || answer.StatusCode != 402 {{
		panic("400 were not refused")
	}}
	hold := shopmeter.NewReservationInput(user, 200)
	hold.SetReservationId("go-1")
	_, _, err = client.ReservationsAPI.CreateReservation(ctx).ReservationInput(*hold).Execute()
	must(err)
	commit := shopmeter.NewCommitInput()
	commit.SetAmount(120)
	_, _, err = client.ReservationsAPI.CommitReservation(ctx, "go-1").CommitInput(*commit).Execute()
	must(err)
	left, _, err := client.UsageAPI.CheckUsage(ctx, user).Execute()
	must(err)
	if left.GetAvailable() != {LEFT} {{
		panic("another amount is left")
	}}
}}
"""


def run(*command, cwd=None, environment=None, timeout=900):
    """Runs a command; its last lines when it fails, else nothing."""
    done = subprocess.run([str(part) for part in command], cwd=cwd, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=timeout,
                          env=dict(os.environ, PATH=f"{BIN}:{os.environ['PATH']}", **(environment or {})))
    return None if done.returncode == 0 else "\n".join([f"{' '.join(map(str, command))[:200]}: exit code {done.returncode}", *done.stdout.splitlines()[-25:]])


class Trial:
    def __init__(self, service, folder, examples):
        self.service, self.folder, self.examples = service, folder, examples
        self.api, self.key = f"http://127.0.0.1:{service.port}", shop(service.port, "acme")
        self.document = folder / "openapi.json"
        self.document.write_bytes(urllib.request.urlopen(f"{self.api}/openapi.json").read())

    def say(self, what, failure, words=""):
        print(f"{'failed' if failure else 'ok':<7}{what}  {words}".rstrip(), flush=True)
        if failure:
            print("       " + failure.replace("\n", "\n       "), flush=True)
        return not failure

    def validator(self):
        document = json.loads(self.document.read_text())
        words = f"{sum(len(item) for item in document['paths'].values())} operations, {len(document['components']['schemas'])} schemas, {len(document['webhooks'])} webhooks"
        return self.say("openapi-spec-validator", run(BIN / "openapi-spec-validator", self.document), words)

    def datamodel(self):
        """Every example of a named schema is taken by the class made of it."""
        models = self.folder / "models.py"
        failure = run(BIN / "datamodel-codegen", "--input", self.document, "--input-file-type", "openapi", "--output", models,
                      "--output-model-type", "pydantic_v2.BaseModel", "--formatters", "builtin")
        if failure:
            return self.say("datamodel-code-generator", failure)
        sys.path.insert(0, str(self.folder))
        made, wrong, tried = importlib.import_module("models"), [], 0
        document = json.loads(self.document.read_text())
        numbered = [name for name in vars(made) if name[-1:].isdigit() and isinstance(getattr(made, name), type) and name not in document["components"]["schemas"]]
        contents = [content for item in document["paths"].values() for operation in item.values()
                    for part in [operation.get("requestBody", {}), *operation["responses"].values()] for content in part.get("content", {}).values()]
        for content in contents:
            name = content["schema"].get("$ref", "").split("/")[-1]
            if name and "example" in content:
                tried += 1
                try:
                    getattr(made, name).model_validate(content["example"])
                except Exception as error:
                    wrong.append(f"{name}: {error}")
        if numbered:
            wrong.append("classes whose names were made up: " + ", ".join(numbered))
        return self.say("datamodel-code-generator", "\n".join(wrong), f"{tried} examples are taken by its classes")

    def program(self, what, path, text, command, cwd):
        path.write_text(text)
        return self.say(what, run(*command, self.api, self.key, cwd=cwd), "the main path")

    def python_client(self):
        failure = run(BIN / "openapi-python-client", "generate", "--path", self.document, "--output-path", self.folder / "client", "--meta", "none",
                      "--fail-on-warning")
        if failure:
            return self.say("openapi-python-client", failure)
        program = self.folder / "main_path.py"
        return self.program("openapi-python-client", program, PYTHON_CLIENT, [sys.executable, program], self.folder)

    def generate(self, language, options=""):
        # This generator takes webhooks for calls, and makes Python and TypeScript of them that do not compile.
        document = json.loads(self.document.read_text())
        del document["webhooks"]
        (self.folder / "paths.json").write_text(json.dumps(document))
        target = self.folder / language
        options = ["--additional-properties", options] if options else []
        return target, run(BIN / "openapi-generator-cli", "generate", "-q", "-i", self.folder / "paths.json", "-g", language, "-o", target, *options)

    def generator(self):
        return all([self.generated_python(), self.generated_typescript(), self.generated_go(), self.generated_java()])

    def generated_python(self):
        target, failure = self.generate("python")
        if failure:
            return self.say("openapi-generator python", failure)
        return self.program("openapi-generator python", target / "main_path.py", GENERATED_PYTHON, [sys.executable, target / "main_path.py"], target)

    def generated_typescript(self):
        target, failure = self.generate("typescript-fetch")
        if not failure:
            (target / "main_path.ts").write_text(GENERATED_TYPESCRIPT)
            failure = run("tsc", "--strict", "--noImplicitAny", "false", "--target", "es2020", "--module", "commonjs", "--lib", "es2020,dom", "--outDir", "made", "main_path.ts", cwd=target)
        return self.say("openapi-generator typescript-fetch", failure or run("node", "made/main_path.js", self.api, self.key, cwd=target), "the main path, strict")

    def generated_go(self):
        target, failure = self.generate("go", "enumClassPrefix=true,packageName=shopmeter")
        if failure:
            return self.say("openapi-generator go", failure)
        # Debian's Go is older than the line that the generator writes.
        (target / "go.mod").write_text("module made\n\ngo 1.19\n")
        shutil.rmtree(target / "test", ignore_errors=True)
        (target / "main").mkdir()
        return self.program("openapi-generator go", target / "main/main.go", GENERATED_GO, ["go", "run", "./main"], target)

    def generated_java(self):
        """Made only: what it needs to compile is not among Debian's packages."""
        _, failure = self.generate("java", "library=native")
        return self.say("openapi-generator java", failure, "made, not compiled")

    def schemathesis(self):
        return all([self.attack("a shop's key", self.key, "--exclude-tag"), self.attack("the admin token", ADMIN, "--include-tag")])

    def attack(self, who, token, tag):
        admin(self.service.port, "PATCH", "/v1/admin/shops/acme", {"rate_limits": {
            name: {"per_second": 10000} for name in ["usage", "read", "billing", "export"]}})
        admin(self.service.port, "PUT", "/v1/plans/basic", {"allowances": {"tokens": None}}, self.key)
        admin(self.service.port, "PUT", "/v1/models/gpt-4o/price", {"input_per_million": "2.50", "output_per_million": "10.00"}, self.key)
        done = subprocess.run(
            [BIN / "schemathesis", "--config-file", pathlib.Path(__file__).parent / "openapi.toml", "run", self.document, "--url", self.api,
             "-H", f"Authorization: Bearer {token}", tag, "platform", "--phases", "examples,coverage,fuzzing", "-n", str(self.examples),
             "--continue-on-failure", "--request-timeout", "60", "--seed", "16", "--workers", "1"],
            text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=self.folder,
            env=dict(os.environ, SCHEMATHESIS_HOOKS="openapi_hooks", PYTHONPATH=str(pathlib.Path(__file__).parent)))
        lines = done.stdout.splitlines()
        (self.folder / f"schemathesis{tag}.log").write_text(done.stdout)
        words = next((line.strip() for line in lines if "generated" in line), lines[-1] if lines else "")
        return self.say(f"schemathesis with {who}", "\n".join(lines) if done.returncode else None, words)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", required=True)
    parser.add_argument("--examples", type=int, default=20)
    parser.add_argument("tools", nargs="*", default=TOOLS)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="shopmeter-openapi-") as folder, Service(arguments.binary, environment={"SHOPMETER_WEBHOOKS_ALLOW_PRIVATE": "on"}) as service:
        trial = Trial(service, pathlib.Path(folder), arguments.examples)
        results = [getattr(trial, tool.replace("-", "_"))() for tool in arguments.tools or TOOLS]
    sys.exit(0 if all(results) else 1)


if __name__ == "__main__":
    main()
