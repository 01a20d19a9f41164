"""The pages for people in a real browser. See dashboard.sh."""
import argparse
import http.server
import json
import pathlib
import shutil
import sys
import tempfile
import threading
import time
import urllib.error

from axe_selenium_python import Axe
from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service as Driver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from lab import ADMIN, Service, admin, free_port

CONTROLS = {"button", "link", "textbox", "searchbox", "combobox", "checkbox", "Date", "dialog", "img", "navigation", "region"}


class Receiver(http.server.BaseHTTPRequestHandler):
    """A shop's own receiver, which fails until it is mended."""
    status, seen = 500, []

    def do_POST(self):
        self.seen.append(self.headers["webhook-id"])
        self.rfile.read(int(self.headers["content-length"]))
        body = b"mended" if self.status == 200 else b"the queue is full"
        self.send_response(self.status)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def fill(service, hook):
    """A shop with a user of each question."""
    port = service.port
    made = admin(port, "POST", "/v1/admin/shops", {"shop_id": "acme", "name": "Acme", "currency": "EUR", "clock": "test"})
    key = made["api_key"]

    def call(method, path, body):
        try:
            return admin(port, method, path, body, key)
        except urllib.error.HTTPError as error:
            return json.loads(error.read())

    call("PATCH", "/v1/shop", {"seller": {"name": "Acme SAS", "address": "1 rue de la Paix\n75002 Paris", "tax_id": "FR40303265045"},
                               "tax_rates": [{"country": "FR", "name": "TVA", "percent": "20"}], "brand_color": "#7a1f5f"})
    for name, tokens, fee in [("free", 100, "0"), ("basic", 1000, "10.00"), ("pro", 5000, "40.00")]:
        call("PUT", f"/v1/plans/{name}", {"display_name": name.title(), "monthly_fee": fee, "allowances": {"tokens": tokens}})
    call("PUT", "/v1/users/zoe", {"name": "Zoé Martin", "email": "zoe@example.com", "language": "fr", "address": {"country": "FR", "city": "Lyon"}})
    for user, plan in [("ada", "basic"), ("bob", "basic"), ("zoe", "pro"), ("eve", "basic")]:
        call("POST", "/v1/subscriptions", {"user_id": user, "action": "create", "plan_name": plan})
    call("POST", "/v1/webhook-endpoints", {"url": hook, "events": ["alert.crossed", "limit.reached"], "description": "Our backend"})
    call("POST", "/v1/usage", {"event_id": "a-1", "user_id": "ada", "amount": 900})
    call("POST", "/v1/usage", {"event_id": "a-2", "user_id": "ada", "amount": 400, "enforce": True})
    for event in ["b-1", "b-2"]:
        call("POST", "/v1/usage", {"event_id": event, "user_id": "bob", "amount": 300, "reference_id": "call-7", "dimensions": {"model": "gpt-4o"}})
    call("POST", "/v1/usage", {"event_id": "e-1", "user_id": "eve", "amount": 550})
    return key


class Person:
    """Who uses the pages: sees what is shown, and clicks what has a name."""

    def __init__(self, service, pictures, size=(1280, 900), dark=False, downloads=None):
        options = Options()
        options.binary_location = shutil.which("chromium") or ""
        for argument in ["--headless=new", "--no-sandbox", "--disable-gpu", f"--window-size={size[0]},{size[1]}", "--hide-scrollbars"]:
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        if downloads:
            options.add_experimental_option("prefs", {
                "download.default_directory": str(downloads), "profile.default_content_setting_values.automatic_downloads": 1})
        self.browser = webdriver.Chrome(options=options, service=Driver(shutil.which("chromedriver")))
        self.base, self.pictures, self.wrong = f"http://127.0.0.1:{service.port}", pictures, []
        self.downloads = downloads
        if dark:
            self.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": "dark"}]})
        if size[0] < 500:
            self.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {"width": size[0], "height": size[1], "deviceScaleFactor": 1, "mobile": True})

    def until(self, what, found, seconds=30):
        try:
            return WebDriverWait(self.browser, seconds, ignored_exceptions=[StaleElementReferenceException]).until(lambda _: found())
        except Exception:
            self.picture("failed")
            raise SystemExit(f"not found: {what}\n{self.text[:1500]}") from None

    @property
    def text(self):
        return self.browser.find_element(By.TAG_NAME, "body").text

    def sees(self, text):
        self.until(text, lambda: text in self.text)

    def click(self, name, tag="button", within="body"):
        """Clicks what has that name, as a screen reader says it."""
        def found():
            all_of = self.browser.find_elements(By.CSS_SELECTOR, f"{within} {tag}")
            return next((one for one in all_of if name in (one.text.strip(), one.get_attribute("aria-label")) and one.is_displayed()), None)
        element = self.until(f"{tag} {name}", found)
        self.browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", element)
        element.click()

    def write(self, label, text):
        element = self.until(label, lambda: next((self.browser.find_element(By.ID, one.get_attribute("for")) for one in
                                                  self.browser.find_elements(By.TAG_NAME, "label") if one.text == label), None))
        if element.tag_name == "select":
            next(one for one in element.find_elements(By.TAG_NAME, "option") if one.text == text).click()
        elif element.get_attribute("type") == "month":
            self.browser.execute_script("arguments[0].value = arguments[1]; arguments[0].dispatchEvent(new Event('input', {bubbles: true}))", element, text)
        else:
            element.clear()
            element.send_keys(text)

    def opens(self, user):
        """Looks for a user, and opens the user's page."""
        self.click("Users", "a")
        self.write("Id, name or e-mail", user)
        self.click("Search")
        self.click(user, "a")

    def sign_in(self, key):
        self.browser.get(self.base + "/dashboard")
        self.write("API key or admin token", key)
        self.click("Sign in")
        self.until("the bar", lambda: self.browser.find_elements(By.CSS_SELECTOR, "#bar:not([hidden])"))
        self.settled()

    def settled(self):
        self.until("a page that is there", lambda: self.browser.find_element(By.ID, "main").get_attribute("aria-busy") is None
                   and "Loading" not in self.text)

    def picture(self, name, whole=True):
        import base64
        size = self.browser.execute_cdp_cmd("Page.getLayoutMetrics", {})["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": size["width"], "height": min(size["height"], 2400), "scale": 1}
        shot = self.browser.execute_cdp_cmd("Page.captureScreenshot", {"captureBeyondViewport": True, "clip": clip} if whole else {})
        (self.pictures / f"{name}.png").write_bytes(base64.b64decode(shot["data"]))

    def check(self, name, whole=True):
        """A picture, the names of controls, axe, and what the browser complains of."""
        self.settled() if self.browser.find_elements(By.ID, "main") else None
        self.picture(name, whole)
        nodes = self.browser.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
        unnamed = [node["role"]["value"] for node in nodes if not node.get("ignored") and node.get("role", {}).get("value") in CONTROLS
                   and not node.get("name", {}).get("value", "").strip()]
        axe = Axe(self.browser)
        axe.inject()
        # This axe takes "off" for no value of autocomplete, which HTML has.
        violations = [one for one in axe.run()["violations"] if one["id"] != "autocomplete-valid"]
        logs = [line["message"] for line in self.browser.get_log("browser") if line["level"] == "SEVERE" and "status of 40" not in line["message"]]
        for problem in [f"{len(unnamed)} controls without a name: {unnamed}"] * bool(unnamed) + [
                f"{one['id']}: {one['help']} ({one['nodes'][0]['html'][:160]})" for one in violations] + logs:
            self.wrong.append(f"{name}: {problem}")
            print(f"wrong  {name}: {problem}", flush=True)
        print(f"{'failed' if unnamed or violations or logs else 'ok':<7}{name}: {len(nodes)} nodes, {len(unnamed)} without a name, {len(violations)} of axe's rules", flush=True)


def stories(person, key, service):
    person.sign_in(key)
    person.check("overview")

    person.opens("ada")
    person.sees("Refused: event of 400 tokens")
    person.browser.find_element(By.XPATH, "//summary[text()='Why was this refused']").click()
    person.sees("Was left")
    person.check("1-refused")
    print("story  refused yesterday: 400 were asked for, 100 were left", flush=True)

    person.opens("bob")
    person.sees("call-7")
    person.click("Take back event b-2")
    person.sees("to where they were taken from")
    person.write("Reason", "Charged twice for one call.")
    person.check("2-take-back", whole=False)
    person.click("Take it back")
    person.sees("Taken back: 300 tokens of event b-2")
    person.sees("300 of 1,000 used")
    person.check("2-taken-back")
    print("story  charged twice: the second event is taken back, 300 of 1,000 are used", flush=True)

    person.opens("zoe")
    person.click("Change plan")
    person.write("Plan", "Basic")
    person.write("From", "The next period")
    person.sees("takes effect when the period ends")
    person.check("3-preview", whole=False)
    person.click("Change it")
    person.sees("to basic")
    person.check("3-waits")
    print("story  the old plan back from next month: it waits for the period's end, nothing is billed now", flush=True)

    person.click("Webhooks", "a")
    person.sees("Our backend")
    person.until("a delivery that was answered 500", lambda: "answered 500" in person.text or person.click("Webhooks", "a"))
    person.browser.find_elements(By.CSS_SELECTOR, "details.table summary")[0].click()
    person.sees("the queue is full")
    person.check("4-webhooks")
    Receiver.status = 200
    person.click(f"Send a test to {person.hook}")
    # What waits for an endpoint that fails is tried again after some time.
    person.until("a delivery that was taken", lambda: "answered 200" in person.text or person.click("Webhooks", "a"), seconds=180)
    person.click("delivered", "a")
    person.until("those that were delivered", lambda: "status=delivered" in person.browser.current_url)
    person.settled()
    person.browser.find_elements(By.CSS_SELECTOR, "details.table summary")[0].click()
    count = len(Receiver.seen)
    person.click("Send again")
    person.until("the message again", lambda: len(Receiver.seen) > count)
    print("story  a webhook did not arrive: its answer was 500; once mended, it is sent again", flush=True)

    admin(service.port, "POST", "/v1/admin/shops/acme/clock", {"now": person.next_month})
    person.click("Invoices", "a")
    person.sees("FACT-")
    person.check("5-invoices")
    person.write("Month (UTC)", person.next_month[:7])
    person.click("Invoices of the month as CSV")
    person.until("the table", lambda: list(person.downloads.glob("*.csv")))
    number = next(word for word in person.text.split() if word.startswith("FACT-"))
    person.click(f"The page of {number} to print")
    person.until("the page to print", lambda: list(person.downloads.glob("*.html")))
    csv = next(person.downloads.glob("*.csv")).read_text()
    assert number in csv, csv[:300]
    person.browser.get(f"file://{next(person.downloads.glob('*.html'))}")
    person.check("5-invoice")
    print(f"story  the accountant's month: {csv.count(chr(10)) - 1} rows, and the page of {number}", flush=True)


def rest(service, key, pictures):
    """Every other page and look."""
    wrong = []
    for size, dark, name in [((390, 844), False, "phone"), ((390, 844), True, "phone-dark"), ((1280, 900), True, "dark")]:
        person = Person(service, pictures, size, dark)
        person.sign_in(key)
        person.check(f"{name}-overview")
        person.browser.execute_script("location.hash = '#/users/ada'")
        person.sees("What happened")
        person.check(f"{name}-user")
        wrong += person.wrong
        person.browser.quit()
    person = Person(service, pictures)
    person.browser.get(person.base + "/docs")
    person.sees("Record an event")
    person.check("docs")
    url = admin(service.port, "POST", "/v1/portal-sessions", {"user_id": "zoe"}, key)["url"]
    person.browser.get(person.base + url[url.index("/portal"):])
    person.sees("Acme")
    person.check("portal")
    person.sign_in(ADMIN)
    person.check("operator-shops")
    person.click("Jobs", "a")
    person.sees("rollover")
    person.check("operator-jobs")
    person.browser.get("about:blank")
    person.browser.get(person.base + "/dashboard")
    person.write("API key or admin token", "smk_no")
    person.click("Sign in")
    person.sees("neither an API key")
    person.check("sign-in-refused")
    wrong += person.wrong
    person.browser.quit()
    return wrong


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", required=True)
    parser.add_argument("--pictures", type=pathlib.Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="shopmeter-dashboard-") as folder:
        pictures = arguments.pictures or pathlib.Path(folder) / "pictures"
        downloads = pathlib.Path(folder) / "downloads"
        pictures.mkdir(parents=True, exist_ok=True), downloads.mkdir()
        receiver = http.server.ThreadingHTTPServer(("127.0.0.1", free_port()), Receiver)
        threading.Thread(target=receiver.serve_forever, daemon=True).start()
        with Service(arguments.binary, environment={"SHOPMETER_WEBHOOKS_ALLOW_PRIVATE": "on"}) as service:
            hook = f"http://127.0.0.1:{receiver.server_port}/hook"
            key = fill(service, hook)
            person = Person(service, pictures, downloads=downloads)
            person.hook, person.next_month = hook, time.strftime("%Y-%m-%dT00:00:00Z", time.gmtime(time.time() + 33 * 86400))
            stories(person, key, service)
            person.browser.quit()
            wrong = person.wrong + rest(service, key, pictures)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
