"""The page in a real browser: from dropping the files of Pix to reading a name in a PDF."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pypdfium2
import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from support.browser import CHROMIUM, DRIVER, PROJECT, Browser, Served, served
from support.pix_exports import certification, write_export

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="needs Chromium and its driver"),
]

EXAMPLE = PROJECT / "data" / "exemple"
AXE = (Path(__file__).parent / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
# Set to take the pictures of README and guide again, in docs/images/.
PICTURES = os.environ.get("PIX_MAILMERGE_PICTURES")
STEPS = ("/recuperation", "/consultation", "/modele", "/edition")


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    browser = Browser(tmp_path_factory.mktemp("chromium"))
    yield browser
    browser.quit()


@pytest.fixture
def browser(chromium: Browser) -> Iterator[Browser]:
    """The browser; a test after which it complains of scripts or contents has failed."""
    chromium.complaints()
    yield chromium
    complaints = chromium.complaints()
    chromium.driver.get("about:blank")
    assert complaints == []


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Served]:
    with served(tmp_path) as place:
        yield place


@pytest.fixture
def school(tmp_path: Path) -> Iterator[Served]:
    """The sample school, its files already there."""
    (tmp_path / "data").mkdir()
    for file in EXAMPLE.glob("*.csv"):
        (tmp_path / "data" / file.name).write_bytes(file.read_bytes())
    with served(tmp_path) as place:
        yield place


def _picture(browser: Browser, name: str) -> None:
    if PICTURES:
        browser.picture(PROJECT / "docs" / "images" / name)


def _choose_embedded(browser: Browser) -> None:
    """The engine that every computer has, so that the test doesn't depend on this one's."""
    browser.driver.execute_script("document.querySelector('details.more').open = true")
    browser.find("#moteur option[value=embedded]").click()


def test_the_whole_june_job_from_dropping_files_to_a_name_in_a_downloaded_pdf(
    browser: Browser, place: Served
) -> None:
    browser.open(place)
    browser.drop(*sorted(EXAMPLE.glob("*.csv")))
    browser.sees("4 fichiers reçus")
    browser.click("Récupérer les certifications")
    browser.sees("74 certifications nouvelles sur 81 élèves")
    browser.sees("Sur 81 élèves, 74 ont obtenu la certification")
    _picture(browser, "page-recuperation.png")

    browser.click("Consulter les classes")
    browser.click("3B")
    browser.fill("Nom ou prénom", "benaissa")
    browser.click("Chercher")
    browser.sees("1 élève")
    browser.click("Benaïssa Louise")
    browser.sees("Niveaux des seize compétences")
    _picture(browser, "page-consultation.png")

    browser.click("Modèle")
    browser.fill("Nom de l’établissement", "Collège des Tilleuls")
    browser.fill("Nom du chef", "Claire Duval")
    browser.click("Enregistrer")
    browser.sees("Les réglages sont enregistrés")
    browser.find("#i-signature").send_keys(str(EXAMPLE / "signature.png"))
    browser.sees("L’image est en place")
    browser.click("Le nom le plus long")
    browser.sees("de La Rochefoucauld")
    drawn = "return document.querySelector('[data-preview]').naturalWidth > 0"
    browser.wait(lambda driver: driver.execute_script(drawn))
    browser.find("[data-remarks]")

    browser.click("Édition")
    _choose_embedded(browser)
    browser.click("Tout produire")
    browser.sees("Production terminée : 74 attestations")
    _picture(browser, "page-edition.png")
    browser.click("ZIP de 3B")
    with zipfile.ZipFile(browser.downloaded("*3B.zip")) as archive:
        assert "Benaïssa Louise.pdf" in archive.namelist()
    browser.click("Imprimer 3B")
    with pypdfium2.PdfDocument(browser.downloaded("*3B.pdf")) as document:
        text = "\n".join(page.get_textpage().get_text_bounded() for page in document)
    assert "Louise Benaïssa" in text
    assert "Collège des Tilleuls" in text


def test_a_session_files_class_is_corrected_by_hand(browser: Browser, place: Served) -> None:
    browser.open(place)
    browser.drop(EXAMPLE / "20260612_0930_resultats_session_48213.csv")
    browser.sees("sans classe")
    browser.fill("Classe", "3D")
    browser.click("Corriger")
    browser.sees("classe « 3D »")
    browser.click("Consultation")
    browser.click("3D")
    browser.sees("14 élèves")


def test_a_broken_upload_is_named_and_nothing_is_lost(
    browser: Browser, place: Served, tmp_path: Path
) -> None:
    broken = tmp_path / "20260615_resultats_3Z.xlsx"
    broken.write_bytes(b"PK\x03\x04" + bytes(200))
    browser.open(place)
    browser.drop(broken, EXAMPLE / "20260615_resultats_3A.csv")
    browser.sees("1 fichier reçu")
    browser.sees("20260615_resultats_3Z.xlsx » n’a pas été gardé")
    browser.driver.refresh()
    browser.sees("26 certifications")


def test_closing_the_tab_during_a_run_loses_nothing_and_ends_the_program_after_it(
    browser: Browser, school: Served
) -> None:
    browser.open(school)
    browser.click("Édition")
    _choose_embedded(browser)
    browser.click("Tout produire")
    browser.sees("Production")  # begun: leaving sooner would call the click back
    browser.driver.get("about:blank")  # the tab leaves the page, as when it is closed
    assert school.process.wait(90) == 0
    made = list((school.root / "output").glob("*/*.pdf"))
    assert len(made) == 74
    assert all(path.read_bytes().rstrip().endswith(b"%%EOF") for path in made)


def test_two_tabs_follow_one_run(browser: Browser, school: Served) -> None:
    browser.open(school)
    driver = browser.driver
    first = driver.current_window_handle
    driver.switch_to.new_window("tab")
    try:
        driver.get(school.base + "/edition")
        second = driver.current_window_handle
        driver.switch_to.window(first)
        browser.click("Édition")
        _choose_embedded(browser)
        browser.click("Tout produire")
        driver.switch_to.window(second)
        _choose_embedded(browser)
        browser.click("Tout produire")  # a page from before the run
        browser.sees("Production terminée : 74 attestations")
        driver.switch_to.window(first)
        browser.sees("Production terminée : 74 attestations")
    finally:
        for handle in driver.window_handles:
            if handle != first:
                driver.switch_to.window(handle)
                driver.close()
        driver.switch_to.window(first)


def test_the_stop_button_leaves_whole_files(browser: Browser, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    for division in range(12):
        rows = [
            certification(numero=str(100 * division + n), nom=f"Nom{division}x{n}", identifiant="")
            for n in range(3)
        ]
        name = f"20260615_resultats_3{chr(65 + division)}.csv"
        write_export(tmp_path / "data" / name, "L3", rows)
    with served(tmp_path) as place:
        browser.open(place)
        browser.click("Édition")
        _choose_embedded(browser)
        browser.click("Tout produire")
        browser.click("Arrêter")
        browser.sees("Production arrêtée")
        made = list((tmp_path / "output").glob("Attestations*.pdf"))
        assert len(made) < 12
        for path in made:
            with pypdfium2.PdfDocument(path) as document:
                assert len(document) == 3
        _choose_embedded(browser)
        browser.click("Tout produire")
        browser.sees("Production terminée")
        assert len(list((tmp_path / "output").glob("Attestations*.pdf"))) == 12


def test_a_school_of_3000_pupils_has_short_pages(browser: Browser, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    for division in range(100):
        rows = [
            certification(
                numero=str(1000 + 100 * division + n),
                nom=f"Élève{division:03}",
                prenom=f"P{n:02}",
                identifiant="",
            )
            for n in range(30)
        ]
        write_export(tmp_path / "data" / f"20260615_resultats_3.{division:03}.csv", "L3", rows)
    with served(tmp_path) as place:
        browser.open(place)
        browser.click("Consultation")
        browser.sees("3 000 élèves")
        assert len(browser.driver.find_elements(By.CSS_SELECTOR, "table.people tbody tr")) <= 60
        for path in STEPS:
            browser.driver.get(place.base + path)
            assert len(browser.driver.page_source) < 250_000, path
        browser.click("Consultation")
        browser.fill("Nom ou prénom", "eleve099 p29")
        browser.press(Keys.ENTER)
        browser.sees("Élève099 P29")
        browser.sees("1 élève")


def _check_with_axe(browser: Browser, where: str) -> None:
    # Through the driver, because the page's own policy rightly refuses foreign scripts.
    browser.driver.execute_script(AXE)
    found = browser.driver.execute_async_script(
        "const done = arguments[0]; axe.run(document, {resultTypes: ['violations']})"
        ".then((result) => done(result.violations), (error) => done([String(error)]))"
    )
    told = [(v["id"], [n["target"] for n in v["nodes"]]) for v in found]
    assert told == [], where


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_passes_the_axe_check_and_fits_a_telephone(
    browser: Browser, school: Served, scheme: str
) -> None:
    driver = browser.driver
    emulated = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", emulated)
    browser.open(school)
    browser.click("Récupérer les certifications")
    browser.sees("Récupération terminée")
    _check_with_axe(browser, "/recuperation")
    browser.click("Consultation")
    pupil = browser.find("th[scope=row] a").get_attribute("href")
    others = (school.base + "/edition/suppression", school.base + "/rien")
    metrics = {"width": 360, "height": 740, "deviceScaleFactor": 1, "mobile": True}
    for address in (*(school.base + step for step in STEPS), pupil, *others):
        driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
        driver.get(address)
        if address.endswith("/modele"):
            browser.find("[data-remarks]")
        _check_with_axe(browser, address)
        driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        assert driver.execute_script("return document.documentElement.scrollWidth") <= 360, address
    driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    browser.complaints()  # the page that doesn't exist is one


def test_the_whole_job_with_the_keyboard_alone(browser: Browser, school: Served) -> None:
    browser.open(school)
    browser.press(Keys.TAB)
    assert browser.driver.switch_to.active_element.text == "Aller au contenu"
    browser.tab_to("Récupérer les certifications")
    browser.press(Keys.ENTER)
    browser.sees("Récupération terminée")
    browser.tab_to("Consulter les classes")
    browser.press(Keys.ENTER)
    browser.tab_to("3A")
    browser.press(Keys.ENTER)
    browser.sees("26 élèves")
    browser.tab_to("André Aïcha")  # the box beside the name
    browser.press(Keys.SPACE)
    browser.sees("Choix : 1 élève")
    browser.tab_to("Éditer la sélection")
    browser.press(Keys.ENTER)
    browser.sees("Production terminée : 1 attestation.")


def test_what_is_ticked_is_found_again_after_another_page_and_going_back(
    browser: Browser, school: Served
) -> None:
    browser.open(school)
    browser.click("Consultation")
    for box in browser.driver.find_elements(By.CSS_SELECTOR, "input[name=eleve]:enabled")[:2]:
        box.click()
    browser.sees("Choix : 2 élèves")
    browser.click("Page suivante")
    browser.sees("Page 2 sur 2")
    browser.find("input[name=eleve]:enabled").click()
    browser.sees("Choix : 3 élèves")
    browser.click("Édition")
    browser.find("input[name=classe]:enabled").click()
    browser.sees("Choix : 1 classe et 3 élèves")
    browser.driver.back()
    browser.sees("Choix : 1 classe et 3 élèves")
    assert len(browser.driver.find_elements(By.CSS_SELECTOR, "input[name=eleve]:checked")) == 1
    browser.click("Tout décocher")
    browser.sees("Toutes les classes")
    assert browser.driver.find_elements(By.CSS_SELECTOR, "input[name=eleve]:checked") == []


def test_the_page_does_not_move_when_its_script_arrives(browser: Browser, school: Served) -> None:
    """A click that was aimed before would miss."""
    where = "return document.querySelector('[formaction$=lancer]').getBoundingClientRect().y"
    browser.open(school)
    with_script = browser.driver.execute_script(where)
    browser.driver.execute_cdp_cmd("Network.enable", {})
    browser.driver.execute_cdp_cmd("Network.setBlockedURLs", {"urls": ["*page.js"]})
    browser.driver.refresh()
    assert browser.driver.execute_script(where) == with_script
    browser.driver.execute_cdp_cmd("Network.setBlockedURLs", {"urls": []})
    browser.complaints()  # the script that didn't come is one


def test_without_scripts_the_whole_way_works_and_the_progress_follows(
    place: Served, tmp_path: Path
) -> None:
    plain = Browser(tmp_path / "chromium", scripts=False)
    try:
        plain.open(place)
        files = sorted(EXAMPLE.glob("*.csv"))
        plain.find("#fichiers").send_keys("\n".join(map(str, files)))
        plain.click("Envoyer")
        plain.sees("4 fichiers reçus")
        plain.click("Récupérer les certifications")
        plain.sees("74 certifications nouvelles sur 81 élèves")
        plain.click("Consulter les classes")
        plain.sees("81 élèves")
        plain.click("Édition")
        _choose_embedded(plain)
        plain.find("input[name=classe]:enabled").click()
        plain.click("Produire la sélection")
        plain.sees("Production terminée : 25 attestations")
        plain.click("ZIP de 3A")
        with zipfile.ZipFile(plain.downloaded("*3A.zip")) as archive:
            assert len(archive.namelist()) == 25
    finally:
        plain.quit()


def test_going_back_and_coming_again_finds_everything(browser: Browser, school: Served) -> None:
    browser.open(school)
    browser.click("Récupérer les certifications")
    browser.sees("Récupération terminée")
    browser.click("Édition")
    browser.sees("Classes")
    browser.driver.back()
    browser.sees("Récupération terminée")
    browser.driver.get(school.address)  # the printed address serves again
    browser.sees("Synthèse de la dernière récupération")
