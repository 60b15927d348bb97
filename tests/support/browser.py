"""A real browser on the real program: Debian's Chromium, driven by Selenium."""

from __future__ import annotations

import base64
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from selenium import webdriver
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
PROJECT = Path(__file__).resolve().parents[2]
PATIENCE = int(
    os.environ.get("PIX_MAILMERGE_PATIENCE", "60")
)  # seconds for anything that should happen

_SWITCHES = (
    "headless no-sandbox disable-gpu disable-quic no-first-run disable-background-networking "
    "disable-component-update disable-sync hide-scrollbars lang=fr "
    "disable-features=BackForwardCache"  # a page that was left is gone, as in a closed tab
)
_DROP = """
const [place, files] = arguments;
const carried = new DataTransfer();
for (const [name, content] of files) {
  const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
  carried.items.add(new File([bytes], name));
}
for (const kind of ["dragenter", "dragover", "drop"]) {
  const how = { dataTransfer: carried, bubbles: true, cancelable: true };
  place.dispatchEvent(new DragEvent(kind, how));
}
"""

T = TypeVar("T")


@dataclass(frozen=True)
class Served:
    """The program at work: its process, its folders and the address that it printed."""

    process: subprocess.Popen[str]
    root: Path
    address: str

    @property
    def base(self) -> str:
        return self.address.partition("/entrer")[0]


@contextmanager
def served(root: Path, *options: str) -> Iterator[Served]:
    """``pix-mailmerge serve`` in a school's folders, ended afterwards."""
    (root / "data").mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "mailmerge", "serve", "--no-browser", *options]
    folders = ["--data", str(root / "data"), "--output", str(root / "output")]
    process = subprocess.Popen(
        [*command, *folders], cwd=PROJECT, stdout=subprocess.PIPE, encoding="utf-8", text=True
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        found = re.search(r"http://\S+", line)
        assert found, line
        yield Served(process, root, found.group())
    finally:
        process.terminate()
        process.wait(30)


class Browser:
    """Chromium, as a person uses it: by what is written on buttons, links and labels."""

    def __init__(self, profile: Path, *, scripts: bool = True) -> None:
        self.downloads = profile / "downloads"
        self.downloads.mkdir(parents=True)
        options = webdriver.ChromeOptions()
        options.binary_location = CHROMIUM or ""
        for switch in _SWITCHES.split():
            options.add_argument(f"--{switch}")
        options.add_argument(f"--user-data-dir={profile / 'profile'}")
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        wishes: dict[str, object] = {
            "download.default_directory": str(self.downloads),
            "plugins.always_open_pdf_externally": True,
            "intl.accept_languages": "fr",
        }
        if not scripts:
            wishes["profile.managed_default_content_settings.javascript"] = 2
        options.add_experimental_option("prefs", wishes)
        # The names on the browser's own buttons follow the system's language.
        service = webdriver.ChromeService(DRIVER, env={**os.environ, "LANGUAGE": "fr"})
        self.driver = webdriver.Chrome(options, service)
        self.driver.set_window_size(1280, 900)

    def quit(self) -> None:
        self.driver.quit()

    def wait(self, condition: Callable[[Any], T]) -> T:
        return WebDriverWait(self.driver, PATIENCE, ignored_exceptions=[Exception]).until(condition)

    def open(self, place: Served) -> None:
        """By the address that the program prints, as far as the first step."""
        self.driver.get(place.address)
        self.wait(
            lambda driver: (
                driver.current_url.endswith("/recuperation")
                and driver.execute_script("return document.readyState") == "complete"
            )
        )

    def text(self) -> str:
        return self.driver.find_element(By.TAG_NAME, "main").text

    def sees(self, words: str) -> None:
        """Wait until the page says so (spaces of any kind are spaces)."""

        def plain(text: str) -> str:
            return " ".join(text.split())

        try:
            self.wait(lambda _: plain(words) in plain(self.text()))
        except Exception as error:
            shown = self.driver.execute_script("return document.documentElement.innerText")
            where = self.driver.current_url
            raise AssertionError(f"« {words} » not on {where}:\n{shown}") from error

    def find(self, selector: str) -> WebElement:
        return self.wait(lambda driver: driver.find_element(By.CSS_SELECTOR, selector))

    def click(self, words: str) -> None:
        """A link or button by the beginning of its text."""
        said = "normalize-space(.)"
        path = (  # the steps' links begin with their number
            "//*[self::a or self::button]"
            f"[starts-with({said}, '{words}') or substring({said}, 2) = '{words}']"
        )
        element = self.wait(lambda driver: driver.find_element(By.XPATH, path))
        self.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", element)
        self.wait(lambda _: element.rect == element.rect)  # a page that still moves is missed
        element.click()

    def fill(self, label: str, value: str) -> None:
        """A field by its label."""
        path = f"//label[starts-with(normalize-space(.), '{label}')]"
        name = self.wait(lambda driver: driver.find_element(By.XPATH, path)).get_attribute("for")
        field = self.find(f"#{name}")
        field.clear()
        field.send_keys(value)

    def drop(self, *files: Path) -> None:
        """Drag files from the desktop onto the page."""
        content = [(f.name, base64.b64encode(f.read_bytes()).decode()) for f in files]
        self.driver.execute_script(_DROP, self.find("[data-drop]"), content)

    def press(self, *keys: str) -> None:
        for key in keys:
            ActionChains(self.driver).send_keys(key).perform()

    def tab_to(self, words: str, limit: int = 80) -> None:
        """Go with the Tab key to what says so; a person without a mouse."""
        for _ in range(limit):
            self.press(Keys.TAB)
            focused = self.driver.switch_to.active_element
            said = focused.text or focused.get_attribute("aria-label") or ""
            if " ".join(said.split()).startswith(words):
                assert self.focus_shows(), words
                return
        raise AssertionError(f"no way to « {words} » with the Tab key")

    def focus_shows(self) -> bool:
        script = "return getComputedStyle(document.activeElement).outlineStyle"
        return self.driver.execute_script(script) != "none"

    def complaints(self) -> list[str]:
        """What the browser had to say: errors of scripts, refused contents."""
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def downloaded(self, pattern: str) -> Path:
        return self.wait(
            lambda _: next(
                (
                    path
                    for path in self.downloads.glob(pattern)
                    if path.stat().st_size and not path.name.endswith(".crdownload")
                ),
                None,
            )  # type: ignore[arg-type,return-value]
        )

    def picture(self, target: Path) -> None:
        """A picture of the page (of a long one, the beginning), small enough for a repository."""
        from PIL import Image

        self.driver.execute_script("scrollTo(0, 0)")
        frame = "return outerHeight - innerHeight + document.documentElement.scrollHeight"
        height: int = self.driver.execute_script(frame)
        self.driver.set_window_size(1280, min(height, 1700))
        time.sleep(0.3)  # the layout settles; only for pictures
        raw = target.with_suffix(".raw.png")
        self.driver.save_screenshot(str(raw))
        with Image.open(raw) as image:
            # Small patches of colour count as much as large ones: the charts have them.
            coverage = Image.Quantize.MAXCOVERAGE
            reduced = image.convert("RGB").quantize(256, coverage, dither=Image.Dither.NONE)
            reduced.save(target, optimize=True)
        raw.unlink()
        self.driver.set_window_size(1280, 900)
