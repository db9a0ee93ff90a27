"""A headless Chromium for the tests that look at pages, spoken to by the DevTools protocol over two pipes: no port, no driver."""

import base64
import json
import os
import select
import shutil
import subprocess
import tempfile
import time

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--remote-debugging-pipe", "about:blank")
ANSWER_SECONDS = 60


class Browser:
    """A browser with one page, until the end of the with block. What the page says and asks for is kept:
    `complaints` (errors, exceptions, refusals) and `requests` (addresses)."""

    def __enter__(self):
        program = next(path for path in map(shutil.which, NAMES) if path)
        self.folder = tempfile.TemporaryDirectory(prefix="pop3spec-browser-", ignore_cleanup_errors=True)
        self.number, self.buffer = 0, b""
        self.complaints, self.requests, self.loaded = [], [], False
        ours, theirs = os.pipe(), os.pipe()
        # The browser reads from descriptor 3 and writes to 4; a shell puts them there, whatever numbers ours have.
        command = ["sh", "-c", f'exec "$0" "$@" 3<&{ours[0]} 4>&{theirs[1]}', program, f"--user-data-dir={self.folder.name}", *FLAGS]
        self.process = subprocess.Popen(command, pass_fds=(ours[0], theirs[1]), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)
        os.close(ours[0])
        os.close(theirs[1])
        self.to_browser, self.from_browser = ours[1], theirs[0]
        self.session = None
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.send(f"{domain}.enable")
        return self

    def __exit__(self, *_):
        os.close(self.to_browser)
        os.close(self.from_browser)
        self.process.terminate()
        try:
            self.process.wait(ANSWER_SECONDS)
        finally:
            self.process.kill()
            self.process.wait()
            self.folder.cleanup()

    def send(self, method, **parameters):
        """What the browser answers; events that come before it are kept."""
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.to_browser, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.next_message()
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise AssertionError(f"{method}: {answer['error']}")
                return answer["result"]
            self.keep(answer)

    def next_message(self):
        deadline = time.monotonic() + ANSWER_SECONDS
        while b"\0" not in self.buffer:
            readable, _, _ = select.select([self.from_browser], [], [], max(0, deadline - time.monotonic()))
            octets = os.read(self.from_browser, 1 << 20) if readable else b""
            if not octets:
                raise AssertionError("the browser does not answer")
            self.buffer += octets
        message, _, self.buffer = self.buffer.partition(b"\0")
        return json.loads(message)

    def keep(self, event):
        """Keeps what a test may complain of."""
        method, parameters = event.get("method"), event.get("params", {})
        if method == "Runtime.exceptionThrown":
            self.complaints.append(parameters["exceptionDetails"].get("exception", {}).get("description") or str(parameters))
        elif method == "Runtime.consoleAPICalled" and parameters["type"] in ("error", "warning", "assert"):
            self.complaints.append(str(parameters["args"]))
        elif method == "Log.entryAdded":
            self.complaints.append(parameters["entry"]["text"])
        elif method == "Page.loadEventFired":
            self.loaded = True
        elif method == "Network.requestWillBeSent" and parameters["request"]["url"] != "about:blank":
            self.requests.append(parameters["request"]["url"])

    def open(self, path, fragment="", width=1280, height=900, dark=False):
        """Shows the page at PATH, and waits until its script is done."""
        self.send("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        self.send("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])
        self.load("about:blank")
        self.load(f"file://{path}{fragment}")
        self.wait_for("document.body.dataset.ready")

    def load(self, address):
        """Goes there, and waits until all of it is there."""
        self.loaded = False
        self.send("Page.navigate", url=address)
        while not self.loaded:
            self.keep(self.next_message())

    def evaluate(self, expression):
        answer = self.send("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise AssertionError(f"{expression}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def wait_for(self, condition):
        """Asks the page at each frame it draws, which takes no time of ours, until CONDITION is true."""
        deadline = time.monotonic() + ANSWER_SECONDS
        while not self.evaluate(f"!!({condition})"):
            if time.monotonic() > deadline:
                raise AssertionError(f"never true: {condition}")
            self.evaluate("new Promise((done) => setTimeout(done, 20))")

    def click(self, selector):
        """A real click of the mouse in the middle of the first element that SELECTOR finds."""
        place = self.evaluate(f"(() => {{ const it = document.querySelector({json.dumps(selector)}); it.scrollIntoView({{block: 'center',"
                              " behavior: 'instant'}); const box = it.getBoundingClientRect(); return [box.x + box.width / 2, box.y + box.height / 2]; })()")
        for kind in ("mousePressed", "mouseReleased"):
            self.send("Input.dispatchMouseEvent", type=kind, x=place[0], y=place[1], button="left", clickCount=1)

    def press(self, key):
        """A key by its name: Tab, Enter, ArrowDown, a letter."""
        text = {"Enter": "\r", "Space": " "}.get(key, key if len(key) == 1 else "")
        code = {"Enter": 13, "Tab": 9, "Escape": 27, "ArrowUp": 38, "ArrowDown": 40, "Home": 36, "End": 35}.get(key, 0)
        self.send("Input.dispatchKeyEvent", type="keyDown", key=key, text=text, windowsVirtualKeyCode=code)
        self.send("Input.dispatchKeyEvent", type="keyUp", key=key, windowsVirtualKeyCode=code)

    def type(self, text):
        self.send("Input.insertText", text=text)

    def screenshot(self, path, whole=False):
        picture = self.send("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        with open(path, "wb") as file:
            file.write(base64.b64decode(picture["data"]))
