"""A real Chromium that looks at pages and notices whatever is wrong with them."""

import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
AXE = ROOT / ".cache" / "web" / "axe.min.js"
SCREENSHOTS = ROOT / "screenshots"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
WIDTHS = {"phone": 360, "tablet": 768, "desk": 1440}
"""How wide the screens are that pages are looked at on, in px."""
# What breaks the policy is told to the page itself; it is written down before anything runs.
_WATCH = """
window.broken = [];
document.addEventListener("securitypolicyviolation", (event) => {
  window.broken.push(`${event.violatedDirective}: ${event.blockedURI} ${event.sample}`);
});
"""


def chromium():
    """The path of Chromium: RUNUT_BROWSER, else what the system has; None without one."""
    return os.environ.get("RUNUT_BROWSER") or shutil.which("chromium")


def launched(playwright):
    """A running Chromium."""
    return playwright.chromium.launch(executable_path=chromium(), args=FLAGS)


@dataclass
class Watched:
    """A page of the browser; `wrong` is what it complained of so far.

    `goes` opens an address of the server, `looks` takes a picture, `axe` asks axe-core, `fine`
    fails where anything was wrong; the fixture asks that at the end of each test.
    """

    page: object
    address: str
    name: str
    wrong: list = field(default_factory=list)
    expected: tuple = ()

    def __post_init__(self):
        self.page.add_init_script(_WATCH)
        self.page.on("console", self._says)
        self.page.on("pageerror", lambda error: self.wrong.append(f"script: {error}"))
        self.page.on("requestfailed", self._fails)
        self.page.on("response", self._answers)

    def goes(self, path):
        """Open the address and wait until all that the page names is there."""
        self._notice()
        self.page.goto(self.address + path, wait_until="load")
        return self.page

    def looks(self, name):
        """Take a picture of the whole page, for people to look at."""
        SCREENSHOTS.mkdir(exist_ok=True)
        self.page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True)

    def at(self, width, height=900):
        """Make the screen so wide."""
        self.page.set_viewport_size({"width": width, "height": height})

    def too_wide(self):
        """Whether the page has to be moved sideways to be read."""
        return self.page.evaluate("document.documentElement.scrollWidth > window.innerWidth + 1")

    def axe(self):
        """What axe-core finds, in words; nothing on a page that everybody can use."""
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found = self.page.evaluate("axe.run({resultTypes: ['violations']})")["violations"]
        return [
            f"{one['id']}: {one['help']}: {node['html'][:200]}"
            for one in found
            for node in one["nodes"][:3]
        ]

    def fine(self):
        """Fail where the page complained of anything."""
        self._notice()
        wrong = [one for one in self.wrong if not any(part in one for part in self.expected)]
        assert wrong == [], f"{self.page.url}: {wrong}"

    def _notice(self):
        """What broke the policy on the page that is open."""
        if self.page.url.startswith("http"):
            self.wrong += [f"policy: {one}" for one in self.page.evaluate("window.broken || []")]
            self.page.evaluate("window.broken = []")

    def _says(self, message):
        if message.type in {"error", "warning"}:
            self.wrong.append(f"console: {message.text}")

    def _fails(self, request):
        # A download ends the request that led to it.
        if "ERR_ABORTED" not in (request.failure or ""):
            self.wrong.append(f"request: {request.url} {request.failure}")

    def _answers(self, response):
        if response.status >= 400:
            self.wrong.append(f"answer: {response.status} {response.url}")
