"""The double click: what it prepares, what it runs, what it says when something is wrong.

Python, pip and the run are stand-ins here (small shell programs), so nothing is downloaded and
every failure can be provoked; `.ci/run` does the same for real.
"""

import ast
import os
import pty
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from mailmerge import launcher
from mailmerge.errors import ExitCode
from mailmerge.settings import Settings, load_settings

ROOT = Path(launcher.__file__).parent.parent

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the stand-ins are shell programs")

# `-m venv DIR` makes DIR/bin/python, a copy of itself; each call is written to $PROJECT/calls.
FAKE_PYTHON = """#!/bin/sh
printf '%s\\n' "$*" >> "{project}/calls"
case "$2" in
    venv) mkdir -p "$3/bin" && cp "$0" "$3/bin/python" && touch "$3/made-by-venv" ;;
    pip) [ -f "{project}/pip" ] && . "{project}/pip" ; exit 0 ;;
    mailmerge) [ -f "{project}/run" ] && . "{project}/run" ; exit 0 ;;
    pytest) exit 5 ;;
esac
"""


class Workbench:
    """A project folder with stand-ins; ``start`` is the double click."""

    def __init__(self, project: Path) -> None:
        self.project = project
        (project / "data" / "exemple").mkdir(parents=True)
        (project / "output").mkdir()
        (project / "requirements.lock").write_text("click==8\n")
        (project / "requirements-dev.lock").write_text("pytest==9\n")
        self.python = project / "python"
        self.python.write_text(FAKE_PYTHON.format(project=project))
        self.python.chmod(0o755)

    @property
    def environment(self) -> Path:
        return self.project / ".venv"

    def add_results(self) -> None:
        (self.project / "data" / "20260615_resultats_3A.csv").write_text("Nom;Prénom\n")

    def pip_does(self, script: str) -> None:
        (self.project / "pip").write_text(script)

    def run_does(self, script: str) -> None:
        (self.project / "run").write_text(script)

    def start(self, *arguments: str) -> int:
        return launcher.main(arguments, self.project, str(self.python))

    def calls(self) -> list[str]:
        """What the stand-ins were asked since the last time: venv, pip or mailmerge …"""
        path = self.project / "calls"
        lines = path.read_text().splitlines() if path.exists() else []
        path.unlink(missing_ok=True)
        return lines

    def steps(self) -> list[str]:
        return [line.split()[1] for line in self.calls()]


@pytest.fixture(autouse=True)
def personal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """This person's own folders, away from the real ones."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home" / "share"))
    return tmp_path / "home"


@pytest.fixture
def bench(tmp_path: Path) -> Workbench:
    project = tmp_path / "Clé USB de l’été" / "pix mailmerge"
    project.mkdir(parents=True)
    return Workbench(project)


# --- Any Python, old or new ---


def test_the_file_parses_on_python_3_6_so_that_the_version_message_can_be_shown() -> None:
    ast.parse((ROOT / "mailmerge" / "launcher.py").read_text("utf-8"), feature_version=(3, 6))


def test_the_file_needs_nothing_but_the_standard_library() -> None:
    tree = ast.parse((ROOT / "mailmerge" / "launcher.py").read_text("utf-8"))
    imported = {
        name.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (
            [a.name for a in node.names] if isinstance(node, ast.Import) else [node.module or ""]
        )
    }
    assert imported <= set(sys.stdlib_module_names)


def test_an_old_python_gets_a_french_message_that_says_where_to_find_a_newer_one() -> None:
    pretend = (
        "import sys, runpy; sys.version_info = (3, 6, 15); runpy.run_module('mailmerge.launcher')"
    )
    done = subprocess.run(
        [sys.executable, "-c", pretend], cwd=ROOT, capture_output=True, encoding="utf-8"
    )
    assert done.returncode == 10
    assert "3.6.15" in done.stderr
    assert "python.org" in done.stderr
    assert "Traceback" not in done.stderr


# --- Preparing ---


def test_the_first_start_prepares_then_runs_the_schools_own_data(bench: Workbench) -> None:
    bench.add_results()
    assert bench.start() == 0
    venv, pip, run = bench.calls()
    assert venv == f"-m venv {bench.environment}"
    assert "--require-hashes" in pip
    assert pip.endswith(f"-r {bench.project / 'requirements.lock'}")
    assert run == f"-m mailmerge run {bench.project / 'data'} --output {bench.project / 'output'}"


def test_the_sample_school_goes_to_its_own_output_with_the_embedded_engine(
    bench: Workbench,
) -> None:
    assert bench.start("--exemple") == 0
    sample = bench.project / "data" / "exemple"
    assert bench.calls()[-1] == (
        f"-m mailmerge run {sample} --settings {sample / 'etablissement.toml'} "
        f"--output {bench.project / 'output' / 'exemple'} --engine embedded"
    )


def test_the_second_start_prepares_nothing(bench: Workbench) -> None:
    bench.start("--exemple")
    bench.calls()
    assert bench.start("--exemple") == 0
    assert bench.steps() == ["mailmerge"]


def test_a_changed_lock_prepares_again_from_nothing(bench: Workbench) -> None:
    bench.start("--exemple")
    bench.calls()
    (bench.environment / "left-over").touch()
    (bench.project / "requirements.lock").write_text("click==9\n")
    assert bench.start("--exemple") == 0
    assert bench.steps() == ["venv", "pip", "mailmerge"]
    assert not (bench.environment / "left-over").exists()


def test_a_folder_copied_elsewhere_is_prepared_again(bench: Workbench, tmp_path: Path) -> None:
    bench.start("--exemple")
    moved = tmp_path / "copie"
    bench.project.rename(moved)
    copy = Workbench.__new__(Workbench)
    copy.project, copy.python = moved, moved / "python"
    copy.python.write_text(FAKE_PYTHON.format(project=moved))
    copy.calls()
    assert copy.start("--exemple") == 0
    assert copy.steps() == ["venv", "pip", "mailmerge"]


def test_a_set_up_killed_half_way_is_done_again(bench: Workbench) -> None:
    bench.pip_does("kill -9 $$")
    assert bench.start("--exemple") == 10
    bench.pip_does("")
    bench.calls()
    assert bench.start("--exemple") == 0
    assert bench.steps() == ["venv", "pip", "mailmerge"]


def test_an_environment_whose_python_has_gone_is_made_again(bench: Workbench) -> None:
    bench.start("--exemple")
    bench.calls()
    (bench.environment / "bin" / "python").unlink()
    assert bench.start("--exemple") == 0
    assert bench.steps() == ["venv", "pip", "mailmerge"]


def test_a_developers_own_environment_is_never_touched(bench: Workbench, personal: Path) -> None:
    bench.environment.mkdir()
    (bench.environment / "precious").touch()
    assert bench.start("--exemple") == 0
    assert [path.name for path in bench.environment.iterdir()] == ["precious"]
    assert list(personal.rglob("made-by-venv"))


def test_a_read_only_folder_uses_a_folder_of_the_persons_own(personal: Path) -> None:
    read_only = Path("/proc/self")  # even the administrator can't make a file there
    if not read_only.is_dir():
        pytest.skip("no folder that is read-only for everyone on this machine")
    assert personal in launcher.environment_folder(read_only).parents
    assert personal in launcher.output_folder(read_only).parents


def test_a_network_share_uses_a_folder_of_the_persons_own() -> None:
    assert launcher.unfit_for_environment(Path("\\\\serveur\\partage\\pix"))


def test_two_windows_at_once_prepare_one_after_the_other(bench: Workbench) -> None:
    bench.pip_does("sleep 1")
    program = (
        "import sys; from pathlib import Path; from mailmerge import launcher;"
        "sys.exit(launcher.main(['--exemple'], Path(sys.argv[1]), sys.argv[2]))"
    )
    command = [sys.executable, "-c", program, str(bench.project), str(bench.python)]
    windows = [
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
        for _ in range(2)
    ]
    for window in windows:
        window.communicate(timeout=60)
    assert [window.returncode for window in windows] == [0, 0]
    assert sorted(bench.steps()) == ["mailmerge", "mailmerge", "pip", "venv"]


def test_the_tests_add_their_tools_to_the_same_environment_and_keep_pytests_exit_code(
    bench: Workbench,
) -> None:
    bench.start("--exemple")
    bench.calls()
    assert bench.start("--tests") == 5
    pip, tests = bench.calls()
    assert pip.endswith("requirements-dev.lock")
    assert tests == "-m pytest -n logical --dist loadfile"
    assert bench.start("--exemple") == 0
    assert bench.steps() == ["mailmerge"]


def test_variables_that_lead_out_of_the_environment_are_not_passed_on(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONHOME", "/elsewhere")
    monkeypatch.setenv("PIP_USER", "1")
    monkeypatch.setenv("HTTPS_PROXY", "proxy.example:3128")
    bench.pip_does(f'env > "{bench.project}/seen"')
    assert bench.start("--exemple") == 0
    seen = (bench.project / "seen").read_text()
    assert "PYTHONHOME" not in seen
    assert "PIP_USER" not in seen
    assert "HTTPS_PROXY=proxy.example:3128" in seen


# --- When it fails ---


@pytest.mark.parametrize(
    ("pip_says", "advice"),
    [
        ("NewConnectionError: Failed to establish a new connection", "Internet ne répond pas"),
        ("ProxyError('Cannot connect to proxy.')", "HTTPS_PROXY"),
        ("SSLCertVerificationError: CERTIFICATE_VERIFY_FAILED", "certificat"),
        ("OSError: [Errno 28] No space left on device", "disque est plein"),
        ("THESE PACKAGES DO NOT MATCH THE HASHES", "rien n’a été installé"),
        ("ERROR: No matching distribution found for dxpdf", "n’existe pas pour cet ordinateur"),
        ("[WinError 32] used by another process", "antivirus"),
        ("something nobody ever saw", "transmettez le fichier"),
    ],
)
def test_a_failing_pip_says_what_to_do_and_keeps_the_whole_story_in_a_file(
    bench: Workbench, capsys: pytest.CaptureFixture[str], pip_says: str, advice: str
) -> None:
    bench.pip_does(f'echo "{pip_says}"; exit 1')
    assert bench.start("--exemple") == 10
    shown = capsys.readouterr().out
    log = bench.project / "preparation.log"
    assert advice in shown
    assert str(log) in shown
    assert pip_says in log.read_text("utf-8")
    assert "mailmerge" not in bench.steps()


def test_the_advice_is_about_the_last_attempt_not_an_older_one(
    bench: Workbench, capsys: pytest.CaptureFixture[str]
) -> None:
    bench.pip_does("echo No space left on device; exit 1")
    bench.start("--exemple")
    capsys.readouterr()
    bench.pip_does("echo CERTIFICATE_VERIFY_FAILED; exit 1")
    bench.start("--exemple")
    shown = capsys.readouterr().out
    assert "certificat" in shown
    assert "disque est plein" not in shown


def test_a_python_without_venv_names_the_package_to_install(
    bench: Workbench, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", {}.get)
    assert bench.start("--exemple") == 10
    assert "-venv" in capsys.readouterr().out


def test_a_place_that_cannot_be_written_is_a_message_not_a_traceback(
    bench: Workbench, personal: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bench.environment.touch()  # a file where the environment should go …
    personal.mkdir()
    (personal / "share").touch()  # … and one where the other should
    assert bench.start("--exemple") == 10
    assert "n’a pas pu écrire" in capsys.readouterr().out


@pytest.mark.parametrize("code", [0, 1, 3, 4, 5, 6, 7, 8, 130])
def test_the_exit_code_of_the_run_is_kept(bench: Workbench, code: int) -> None:
    bench.add_results()
    bench.run_does(f"exit {code}")
    assert bench.start() == code


@pytest.mark.parametrize(
    "left_over", ["LISEZ-MOI.txt", "etablissement.toml", "~$3A.xlsx", ".3A.csv", "exemple/3A.csv"]
)
def test_without_results_it_says_where_to_put_them_and_prepares_nothing(
    bench: Workbench, capsys: pytest.CaptureFixture[str], left_over: str
) -> None:
    (bench.project / "data" / left_over).touch()
    assert bench.start() == 3
    shown = capsys.readouterr().out
    assert "Pix Orga" in shown
    assert str(bench.project / "data") in shown
    assert bench.calls() == []


def test_without_any_data_folder_it_says_the_same(bench: Workbench) -> None:
    (bench.project / "data" / "exemple").rmdir()
    (bench.project / "data").rmdir()
    assert bench.start() == 3


def test_results_in_a_folder_of_their_own_are_found(bench: Workbench) -> None:
    (bench.project / "data" / "juin").mkdir()
    (bench.project / "data" / "juin" / "3B.XLSX").touch()
    assert bench.start() == 0


# --- The window ---


@pytest.fixture
def keyboard(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """A terminal as standard input; what is written to it is typed."""
    typing, reading = pty.openpty()
    with os.fdopen(reading, encoding="utf-8") as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        yield typing
    os.close(typing)


@pytest.mark.parametrize("code", [0, 4])
def test_a_window_opened_by_a_double_click_stays_until_enter_is_pressed(
    bench: Workbench, capsys: pytest.CaptureFixture[str], keyboard: int, code: int
) -> None:
    bench.run_does(f"exit {code}")
    os.write(keyboard, b"\n")
    assert bench.start("--exemple", "--fenetre") == code
    assert "Appuyez sur Entrée" in capsys.readouterr().out


def test_it_never_waits_where_there_is_no_keyboard(
    bench: Workbench, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with Path(os.devnull).open() as nothing:
        monkeypatch.setattr("sys.stdin", nothing)
        bench.run_does("exit 4")
        assert bench.start("--exemple", "--fenetre") == 4
    assert "Appuyez sur Entrée" not in capsys.readouterr().out


@pytest.mark.skipif(sys.platform != "linux", reason="the stand-in is xdg-open")
@pytest.mark.parametrize(("code", "opened"), [(0, True), (8, True), (3, False)])
def test_the_output_folder_is_opened_at_the_end_when_there_is_something_to_see(
    bench: Workbench,
    keyboard: int,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    code: int,
    opened: bool,
) -> None:
    seen = tmp_path / "opened"
    os.mkfifo(seen)
    reader = os.open(seen, os.O_RDWR | os.O_NONBLOCK)
    opener = tmp_path / "bin" / "xdg-open"
    opener.parent.mkdir()
    opener.write_text(f'#!/bin/sh\nprintf "%s" "$1" > "{seen}"\n')
    opener.chmod(0o755)
    monkeypatch.setenv("PATH", f"{opener.parent}:{os.environ['PATH']}")
    bench.run_does(f'mkdir -p "{bench.project}/output/exemple"; exit {code}')
    assert bench.start("--exemple") == code
    if opened:
        os.set_blocking(reader, True)
        assert os.read(reader, 4096).decode() == str(bench.project / "output" / "exemple")
    else:
        with pytest.raises(BlockingIOError):
            os.read(reader, 4096)
    os.close(reader)


# --- The real thing, small ---


def test_a_real_environment_is_made_and_used_from_a_path_with_spaces_and_accents(
    tmp_path: Path,
) -> None:
    project = tmp_path / "École d’été (copie)"
    (project / "mailmerge").mkdir(parents=True)
    (project / "mailmerge" / "__main__.py").write_text(
        "import sys; print(sys.prefix); sys.exit(8)\n", encoding="utf-8"
    )
    (project / "requirements.lock").write_text("# nothing\n")
    assert launcher.main(["--exemple"], project) == 8
    assert (project / ".venv" / "pyvenv.cfg").is_file()


# --- The three scripts ---


def fake_python(folder: Path, name: str, *, recent: bool) -> None:
    """A ``python`` that says whether it is recent enough, and prints what it is asked to run."""
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / name
    program.write_text(
        f'#!/bin/sh\n[ "$1" = -c ] && exit {0 if recent else 1}\nprintf "%s|" {name} "$@"; exit 7\n'
    )
    program.chmod(0o755)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project folder with the scripts and a launcher beside them."""
    folder = tmp_path / "Été 2026 ; $HOME"
    (folder / "mailmerge").mkdir(parents=True)
    (folder / "mailmerge" / "launcher.py").touch()
    for name in ("publipostage.sh", "Publipostage.command"):
        (folder / name).write_bytes((ROOT / name).read_bytes())
    return folder


def open_script(script: Path, path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Open a script from elsewhere, with nothing on PATH but the given folder."""
    return subprocess.run(
        ["/bin/sh", script, *arguments],
        cwd="/",
        env={"PATH": str(path)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
    )


@pytest.mark.parametrize("name", ["publipostage.sh", "Publipostage.command"])
def test_a_script_calls_the_launcher_and_keeps_its_exit_code(
    folder: Path, tmp_path: Path, name: str
) -> None:
    fake_python(tmp_path / "bin", "python3", recent=True)
    done = open_script(folder / name, tmp_path / "bin", "--exemple")
    assert done.stdout == "python3|-m|mailmerge.launcher|--fenetre|--exemple|"
    assert done.returncode == 7


def test_a_script_passes_over_an_old_python_to_a_newer_one(folder: Path, tmp_path: Path) -> None:
    fake_python(tmp_path / "bin", "python3", recent=False)
    fake_python(tmp_path / "bin", "python3.12", recent=True)
    done = open_script(folder / "publipostage.sh", tmp_path / "bin")
    assert done.stdout.startswith("python3.12|-m|mailmerge.launcher|")


@pytest.mark.parametrize("pythons", [[], ["python3", "python"]])
def test_without_a_recent_python_a_script_says_how_to_get_one(
    folder: Path, tmp_path: Path, pythons: list[str]
) -> None:
    for name in pythons:
        fake_python(tmp_path / "bin", name, recent=False)
    done = open_script(folder / "publipostage.sh", tmp_path / "bin")
    assert done.returncode == 10
    assert "python.org" in done.stdout
    assert "la personne qui gère l’informatique" in done.stdout


def test_a_script_taken_alone_out_of_its_zip_says_to_extract_everything(
    folder: Path, tmp_path: Path
) -> None:
    (folder / "mailmerge" / "launcher.py").unlink()
    done = open_script(folder / "publipostage.sh", tmp_path / "bin")
    assert done.returncode == 10
    assert "Extrayez" in done.stdout


@pytest.mark.parametrize("name", ["publipostage.sh", "Publipostage.command"])
def test_a_script_can_be_executed(name: str) -> None:
    assert os.access(ROOT / name, os.X_OK)


# No Windows here: the .bat is held to rules about its text, and was not run.


@pytest.fixture
def batch() -> list[str]:
    return (ROOT / "Publipostage.bat").read_bytes().decode("utf-8").split("\r\n")


def test_the_batch_file_has_windows_line_endings_and_no_bom(batch: list[str]) -> None:
    assert batch[0] == "@echo off"
    assert not any("\n" in line or "\r" in line for line in batch)


def test_the_batch_file_quotes_every_path(batch: list[str]) -> None:
    commands = [line for line in batch if not line.startswith(("rem ", "echo"))]
    for line in commands:
        assert line.count('"') % 2 == 0
        unquoted = "".join(line.split('"')[::2])
        assert "%~dp0" not in unquoted
        assert "\\" not in unquoted


def test_the_batch_file_keeps_its_accents_after_its_commands(batch: list[str]) -> None:
    first_accent = next(i for i, line in enumerate(batch) if not line.isascii())
    assert first_accent > batch.index(":no_python")
    assert any(line.startswith("chcp 65001") for line in batch[:first_accent])


def test_the_batch_file_never_starts_python_without_arguments(batch: list[str]) -> None:
    starts = [line.split() for line in batch if line.startswith(("py ", "python"))]
    assert len(starts) == 6
    assert all("-c" in words or "-m" in words for words in starts)


def test_every_label_of_the_batch_file_is_there_and_used(batch: list[str]) -> None:
    labels = {line[1:] for line in batch if line.startswith(":")}
    jumps = {line.split("goto ")[1] for line in batch if "goto " in line}
    assert labels == jumps


def test_the_batch_files_messages_hold_nothing_that_cmd_would_interpret(batch: list[str]) -> None:
    messages = [line for line in batch if line.startswith("echo")]
    assert messages
    assert not any(set("<>|&^!") & set(line) for line in messages)


# --- What the documents say of it ---


def test_the_readme_lists_every_exit_code_once() -> None:
    listed = re.findall(r"^\| (\d+) \|", (ROOT / "README.md").read_text("utf-8"), re.M)
    codes = sorted({*map(int, ExitCode), launcher.SETUP_FAILED})
    assert [int(code) for code in listed] == codes


def test_the_launchers_exit_codes_are_those_of_the_commands() -> None:
    assert launcher.OK == ExitCode.OK
    assert launcher.NO_RESULTS == ExitCode.INPUT
    assert launcher.PARTIAL == ExitCode.PARTIAL
    assert launcher.INTERRUPTED == ExitCode.INTERRUPTED
    assert launcher.SETUP_FAILED not in set(ExitCode)


def test_the_settings_that_ship_are_accepted() -> None:
    assert load_settings(ROOT / "data" / "etablissement.toml") == Settings()
    assert not load_settings(ROOT / "data" / "exemple" / "etablissement.toml").missing()


# --- The page -------------------------------------------------------------------------------------


def test_the_page_opens_on_the_schools_own_folders(bench: Workbench) -> None:
    assert bench.start("--page") == 0
    asked = bench.calls()[-1]
    assert asked.startswith("-m mailmerge serve ")
    assert f"--data {bench.project / 'data'}" in asked


@pytest.mark.parametrize(("typed", "wanted"), [(b"\n\n", "serve"), (b"1\n\n", "run")])
def test_a_double_click_offers_the_page_or_the_work_at_once(
    bench: Workbench,
    capsys: pytest.CaptureFixture[str],
    keyboard: int,
    typed: bytes,
    wanted: str,
) -> None:
    bench.add_results()
    os.write(keyboard, typed)
    assert bench.start("--fenetre") == 0
    assert bench.calls()[-1].startswith(f"-m mailmerge {wanted} ")
    assert "ouvrir la page" in capsys.readouterr().out
