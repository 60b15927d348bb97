"""The double click: prepare this program's own environment once, run the job, show the result.

Standard library only, and one file, because it runs before anything is installed. It must *parse*
on any Python 3.6+, so that an old Python gets a clear message instead of a syntax error: no newer
syntax here, and nothing but constants and imports above the version check.
"""

import argparse
import contextlib
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

OLDEST_PYTHON = (3, 11)

OLD_PYTHON = """
Ce programme a besoin de Python 3.11 ou plus récent ; celui-ci est Python {found}.

  • Installez un Python récent depuis python.org (ou le Microsoft Store sous Windows) :
    aucun droit d’administrateur n’est nécessaire.
  • Ou demandez à la personne qui gère l’informatique de votre établissement.
""".replace(" ;", "\u202f;").replace(" :", "\u00a0:")

if sys.version_info < OLDEST_PYTHON:
    sys.stderr.write(OLD_PYTHON.format(found=".".join(str(n) for n in sys.version_info[:3])))
    sys.exit(10)

PROJECT = Path(__file__).resolve().parent.parent
RUNTIME_LOCK = "requirements.lock"
TESTS_LOCK = "requirements-dev.lock"
SIDE_BY_SIDE = ("-n", "logical", "--dist", "loadfile")  # a worker for each core, a file stays whole
STATE_FILE = "pix-mailmerge.txt"  # which locks an environment holds; its presence: it is ours
BUSY_FILE = "pix-mailmerge.busy"  # held while an environment is being prepared
RESULT_SUFFIXES = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".xls", ".ods")
COMMAND_MARK = "\n>>> "  # begins each program's part in the log of a set-up
LONGEST_WINDOWS_FOLDER = 120  # below it, installed files stay under Windows' 260 characters

# Exit codes, as in mailmerge/errors.py (a test compares), and one more of this file’s own.
OK = 0
NO_RESULTS = 3
PARTIAL = 8
SETUP_FAILED = 10
INTERRUPTED = 130


class LauncherError(Exception):
    """What went wrong, in French, with the exit code to leave with."""

    def __init__(self, message: str, exit_code: int = SETUP_FAILED) -> None:
        super().__init__(message)
        self.exit_code = exit_code


# What pip writes when it fails → what a school can do about it. The first that fits is shown.
PIP_ADVICE = (
    (
        ("No space left", "[Errno 28]", "not enough space"),
        "Le disque est plein : libérez environ 500 Mo, puis recommencez.",
    ),
    (
        ("CERTIFICATE_VERIFY_FAILED", "SSLError", "SSLCertVerificationError"),
        "Le réseau de l’établissement surveille les connexions sécurisées, et ce programme ne\n"
        "reconnaît pas son certificat. Essayez depuis un autre réseau (par exemple un partage de\n"
        "connexion), une seule fois suffit. Sinon, la personne qui gère l’informatique saura\n"
        "quoi faire : elle peut indiquer le certificat dans la variable PIP_CERT.",
    ),
    (
        ("ProxyError", "407 Proxy", "Cannot connect to proxy"),
        "Le réseau de l’établissement passe par un proxy qui a refusé le téléchargement.\n"
        "Demandez son adresse à la personne qui gère l’informatique : elle se donne dans la\n"
        "variable HTTPS_PROXY. Ou essayez depuis un autre réseau, une seule fois suffit.",
    ),
    (
        ("DO NOT MATCH THE HASHES",),
        "Un fichier téléchargé n’est pas celui qui était attendu : rien n’a été installé.\n"
        "Recommencez ; si cela se répète, le réseau modifie les fichiers : prévenez la personne\n"
        "qui gère l’informatique.",
    ),
    (
        (
            "NewConnectionError",
            "NameResolutionError",
            "Max retries exceeded",
            "getaddrinfo failed",
            "name resolution",
            "ConnectTimeout",
            "ReadTimeout",
            "Connection refused",
            "ConnectionReset",
            "Read timed out",
            "Network is unreachable",
        ),
        "Internet ne répond pas. Vérifiez la connexion (ouvrez un site dans le navigateur), puis\n"
        "recommencez. Internet ne sert qu’à cette préparation : ensuite, tout se fait sur cet\n"
        "ordinateur. Si la connexion marche, le réseau bloque peut-être le téléchargement :\n"
        "demandez à la personne qui gère l’informatique.",
    ),
    (
        ("No matching distribution", "is not a supported wheel", "no usable wheels"),
        "Un composant n’existe pas pour cet ordinateur ou pour cette version de Python.\n"
        "Installez Python 3.13 en 64 bits depuis python.org, puis recommencez. Sur un Mac, il\n"
        "faut macOS 14 ou plus récent (macOS 15 avec un processeur Intel).",
    ),
    (
        ("Permission denied", "WinError 5", "WinError 32", "Accès refusé"),
        "Un fichier est utilisé ou protégé. Fermez les autres fenêtres de ce programme, attendez\n"
        "une minute (l’antivirus examine les nouveaux fichiers), puis recommencez.",
    ),
)
OTHER_ADVICE = (
    "Recommencez ; si cela se répète, transmettez le fichier ci-dessous à la personne qui gère\n"
    "l’informatique."
)


PAGE_QUESTION = """
Que voulez-vous faire ?

  Entrée            ouvrir la page dans le navigateur (tout s’y fait à la souris)
  1 puis Entrée     produire tout de suite les attestations des fichiers du dossier data
"""


def french(text: str) -> str:
    """The text with French spacing: the source stays readable, the screen correct."""
    for mark in (";", "!", "?", "»"):
        text = text.replace(" " + mark, "\u202f" + mark)
    return text.replace("« ", "«\u202f").replace(" :", "\u00a0:")


def say(text: str = "") -> None:
    """Print to the window at once."""
    print(french(text), flush=True)


# --- Where things go --------------------------------------------------------------------------


def writable(folder: Path) -> bool:
    """Whether a file can really be made there: permissions alone don't tell, least on Windows."""
    try:
        with tempfile.TemporaryFile(dir=str(folder)):
            return True
    except OSError:
        return False


def personal_folder() -> Path:
    """Where this person's programs keep their own files, without any administrator."""
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Application Support"
    else:
        base = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    return base / "pix-mailmerge"


def unfit_for_environment(project: Path) -> bool:
    """Whether thousands of small files don't belong in that folder.

    Read-only, on a network share (slow, and shared by machines that differ), in a synchronised
    folder, or so deep that Windows' longest path would be passed.
    """
    text = str(project)
    synchronised = os.environ.get("OneDrive", "")  # noqa: SIM112 - Windows spells it so
    return (
        not writable(project)
        or text.startswith("\\\\")
        or bool(synchronised and text.startswith(synchronised))
        or (os.name == "nt" and len(text) > LONGEST_WINDOWS_FOLDER)
    )


def environment_folder(project: Path) -> Path:
    """The folder of the environment: ``.venv`` beside the program, else one of the person's own.

    A ``.venv`` that this launcher did not make is a developer's: it is left alone.
    """
    beside = project / ".venv"
    foreign = beside.exists() and not (beside / STATE_FILE).exists()
    if foreign or unfit_for_environment(project):
        name = hashlib.sha256(str(project).encode("utf-8", "surrogatepass")).hexdigest()[:8]
        return personal_folder() / name / "venv"
    return beside


def output_folder(project: Path) -> Path:
    """``output`` in the project, or the person's own documents where the project is read-only."""
    output = project / "output"
    if writable(output if output.is_dir() else project):
        return output
    return Path.home() / "Documents" / "Attestations Pix"


def python_in(environment: Path) -> Path:
    """The environment's own Python."""
    if os.name == "nt":
        return environment / "Scripts" / "python.exe"
    return environment / "bin" / "python"


# --- The environment --------------------------------------------------------------------------


def fingerprint(lock: Path, environment: Path) -> str:
    """What an environment depends on, as one line: the lock, the Python, and its own place.

    Environments can't be moved: a folder copied to another computer is prepared again.
    """
    parts = (
        lock.read_bytes(),
        "{}.{}".format(*sys.version_info[:2]).encode(),
        sys.base_prefix.encode("utf-8", "surrogatepass"),
        str(environment).encode("utf-8", "surrogatepass"),
    )
    return lock.name + " " + hashlib.sha256(b"\0".join(parts)).hexdigest()


def installed(environment: Path) -> list[str]:
    """The fingerprints of what was installed whole; nothing when a set-up was interrupted."""
    if not python_in(environment).exists():
        return []
    try:
        return (environment / STATE_FILE).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return []


def claim(environment: Path) -> None:
    """Make the environment's folder ours; two windows at once never see it half made."""
    environment.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=".venv-", dir=str(environment.parent)))
    (fresh / STATE_FILE).touch()
    try:
        fresh.rename(environment)
    except OSError:  # it is there already, from an earlier day or from another window
        shutil.rmtree(str(fresh))
        (environment / STATE_FILE).touch()


def record(environment: Path, fingerprints: Sequence[str]) -> None:
    """Write the state whole or not at all."""
    fresh = environment / f"{STATE_FILE}.{os.getpid()}.new"
    fresh.write_text("".join(line + "\n" for line in fingerprints), encoding="utf-8")
    fresh.replace(environment / STATE_FILE)


def empty(environment: Path) -> None:
    """Remove a half-made or outdated environment, but for the files that say it is ours."""
    record(environment, [])
    for path in environment.iterdir():
        if path.name in (STATE_FILE, BUSY_FILE):
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(str(path))
        else:
            path.unlink()


def try_to_hold(handle: int) -> bool:
    """Take the lock on an open file, if no other process has it; it dies with its process."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


@contextlib.contextmanager
def alone(environment: Path) -> Iterator[None]:
    """Hold the environment for one set-up at a time: impatient people click twice."""
    handle = os.open(str(environment / BUSY_FILE), os.O_RDWR | os.O_CREAT)
    try:
        if not try_to_hold(handle):
            say("La préparation est en cours dans une autre fenêtre : patientez…")
            while not try_to_hold(handle):
                time.sleep(0.5)
        yield
    finally:
        os.close(handle)


def prepare(project: Path, python: str, locks: Sequence[str], environment: Path) -> None:
    """Bring the environment to what the locks ask, doing only what is missing."""
    wanted = [fingerprint(project / lock, environment) for lock in locks]
    if set(wanted) <= set(installed(environment)):
        return
    try:
        claim(environment)
        with alone(environment):
            done = installed(environment)  # another window may have done it meanwhile
            if wanted[0] not in done:
                announce(environment)
                done = []
                empty(environment)
                create(environment, python)
            for lock, line in zip(locks, wanted):  # noqa: B905 - `strict` is newer than 3.6
                if line not in done:
                    install(environment, project / lock)
                    done = [old for old in done if not old.startswith(lock + " ")] + [line]
                    record(environment, done)
    except OSError as error:
        raise LauncherError(
            "La préparation n’a pas pu écrire ses fichiers dans :\n"
            f"  {environment}\n({error.strerror or error})\n"
            "Fermez les autres fenêtres de ce programme, vérifiez la place libre sur le disque,\n"
            "puis recommencez."
        ) from error
    say("Préparation terminée.\n")


def announce(environment: Path) -> None:
    """Say what the first start does, before it does it."""
    say(
        "Première utilisation (ou nouvelle version) : préparation du programme.\n"
        "  • Une à trois minutes, une seule fois, avec internet ; environ 300 Mo.\n"
        "  • Aucun droit d’administrateur n’est nécessaire. Tout va dans ce dossier :\n"
        f"    {environment}\n"
        "  • Vos fichiers d’élèves ne quittent pas cet ordinateur.\n"
    )


def create(environment: Path, python: str) -> None:
    """Make an empty environment with this Python."""
    say("1/2  Création de l’espace de travail…")
    if importlib.util.find_spec("ensurepip") is None:
        raise LauncherError(
            "Il manque à ce Python le composant « venv ».\n"
            "Demandez à la personne qui gère l’informatique d’installer le paquet\n"
            "python{}.{}-venv.".format(*sys.version_info[:2])
        )
    log = log_file(environment)
    if run_logged([python, "-m", "venv", str(environment)], log) != 0:
        raise LauncherError(advice(log))


def install(environment: Path, lock: Path) -> None:
    """Install exactly what the lock names, each file checked against its hash."""
    say("2/2  Téléchargement et installation des composants…")
    log = log_file(environment)
    command = [str(python_in(environment)), "-m", "pip", "install", "--no-input"]
    command += ["--disable-pip-version-check", "--require-hashes", "--only-binary", ":all:"]

    def tell(line: str) -> None:
        if line.startswith("Collecting "):
            say("     • " + line.split()[1].split("=")[0])

    if run_logged([*command, "-r", str(lock)], log, tell) != 0:
        raise LauncherError(advice(log))


def log_file(environment: Path) -> Path:
    """Where the whole story of a set-up is kept: beside the environment, easy to find."""
    return environment.parent / "preparation.log"


def child_environment() -> dict[str, str]:
    """The variables for child programs, less those that would lead them out of the environment."""
    stray = ("PYTHONHOME", "PYTHONPATH", "PYTHONSAFEPATH", "PIP_USER", "PIP_TARGET", "PIP_PREFIX")
    variables = {name: value for name, value in os.environ.items() if name not in stray}
    variables["PYTHONUTF8"] = "1"
    return variables


def run_logged(command: Sequence[str], log: Path, tell: Callable[[str], None] | None = None) -> int:
    """Run a program, keep all it says in the log, pass each line to ``tell``; its exit code."""
    with log.open("a", encoding="utf-8", errors="replace") as story:
        story.write(COMMAND_MARK + time.strftime("%Y-%m-%d %H:%M:%S  ") + " ".join(command) + "\n")
        with subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=child_environment(),
        ) as process:
            for raw in process.stdout or ():
                line = raw.decode("utf-8", "replace").rstrip()
                story.write(line + "\n")
                if tell is not None:
                    tell(line)
        return process.returncode


def advice(log: Path) -> str:
    """What to do about a failed set-up, from what the log says of its last program."""
    story = log.read_text(encoding="utf-8", errors="replace").rpartition(COMMAND_MARK)[2]
    fitting = (remedy for signs, remedy in PIP_ADVICE if any(sign in story for sign in signs))
    return (
        "La préparation n’a pas pu se terminer ; elle reprendra à la prochaine ouverture.\n\n"
        f"{next(fitting, OTHER_ADVICE)}\n\nLe détail est dans le fichier :\n  {log}"
    )


# --- The job ----------------------------------------------------------------------------------


def has_results(data: Path) -> bool:
    """Whether the folder holds a file that could be Pix results, the sample school's aside."""
    for path in data.rglob("*"):
        inside = path.relative_to(data)
        if inside.parts[0] == "exemple" or path.name.startswith((".", "~$", "LISEZ-MOI")):
            continue
        if path.suffix.lower() in RESULT_SUFFIXES and path.is_file():
            return True
    return False


def own_job(project: Path, output: Path) -> list[str]:
    """The school's own results, checked to be there."""
    data = project / "data"
    if not has_results(data):
        show_folder(data)
        raise LauncherError(
            "Il n’y a pas encore de résultats Pix à traiter.\n\n"
            "  1. Dans Pix Orga, ouvrez « Certifications », choisissez une classe et téléchargez\n"
            "     ses résultats (un fichier .csv par classe).\n"
            "  2. Déposez ces fichiers, sans les renommer, dans le dossier :\n"
            f"     {data}\n"
            "  3. Recommencez.",
            NO_RESULTS,
        )
    return ["-m", "mailmerge", "run", str(data), "--output", str(output)]


def wants_page() -> bool:
    """Ask the person of a double click; without one, the work is done at once as ever."""
    if not someone_is_there():
        return False
    say(PAGE_QUESTION)
    with contextlib.suppress(EOFError):
        return not input("> ").strip()
    return False


def page_job(project: Path, output: Path) -> list[str]:
    """The page in the browser, on the school's own folders."""
    data = project / "data" if output == project / "output" else output / "Fichiers de Pix"
    return ["-m", "mailmerge", "serve", "--data", str(data), "--output", str(output)]


def sample_job(project: Path, output: Path) -> list[str]:
    """The invented school of ``data/exemple``, with the engine that needs no Office."""
    sample = project / "data" / "exemple"
    settings = str(sample / "etablissement.toml")
    command = ["-m", "mailmerge", "run", str(sample), "--settings", settings]
    return [*command, "--output", str(output), "--engine", "embedded"]


def run_in(environment: Path, arguments: Sequence[str], project: Path) -> int:
    """Run the environment's Python in the project folder; its exit code, as it is."""
    command = [str(python_in(environment)), *arguments]
    return subprocess.call(command, cwd=str(project), env=child_environment())


def show_folder(folder: Path) -> None:
    """Open a folder in the desktop's file manager, where a person is looking."""
    say(f"Dossier : {folder}")
    if not someone_is_there():
        return
    if sys.platform == "win32":
        os.startfile(str(folder))  # noqa: S606 - a folder of ours
        return
    opener = shutil.which("open" if sys.platform == "darwin" else "xdg-open")
    if opener is not None:
        quiet = subprocess.DEVNULL
        subprocess.Popen([opener, str(folder)], stdin=quiet, stdout=quiet, stderr=quiet)


def someone_is_there() -> bool:
    """Whether a person can see a window and press a key (not in a test, not in a pipe)."""
    return sys.stdin is not None and sys.stdin.isatty()


def keep_window_open() -> None:
    """Wait for Enter, so that a window opened by a double click can be read."""
    if someone_is_there():
        with contextlib.suppress(EOFError, KeyboardInterrupt):
            input("\nAppuyez sur Entrée pour fermer cette fenêtre. ")


def work(options: argparse.Namespace, project: Path, python: str) -> int:
    """Do what was asked; the exit code of the program that did it."""
    environment = environment_folder(project)
    output = output_folder(project)
    if options.tests:
        prepare(project, python, (RUNTIME_LOCK, TESTS_LOCK), environment)
        return run_in(environment, ["-m", "pytest", *SIDE_BY_SIDE], project)
    if options.page or (options.fenetre and not options.exemple and wants_page()):
        prepare(project, python, (RUNTIME_LOCK,), environment)
        return run_in(environment, page_job(project, output), project)
    if options.exemple:
        output = output / "exemple"
        job = sample_job(project, output)
    else:
        job = own_job(project, output)
    prepare(project, python, (RUNTIME_LOCK,), environment)
    code = run_in(environment, job, project)
    if code in (OK, PARTIAL) and output.is_dir():
        show_folder(output)
    return code


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """The options; none of them means the school's own results."""
    parser = argparse.ArgumentParser(
        prog="python -m mailmerge.launcher",
        description="Prépare le programme, traite les résultats du dossier data/ et montre les "
        "attestations.",
    )
    what = parser.add_mutually_exclusive_group()
    what.add_argument(
        "--exemple", action="store_true", help="traiter l’établissement inventé de data/exemple"
    )
    what.add_argument("--page", action="store_true", help="ouvrir la page dans le navigateur")
    what.add_argument("--tests", action="store_true", help="passer les tests du programme")
    parser.add_argument(
        "--fenetre", action="store_true", help="attendre la touche Entrée avant de fermer"
    )
    return parser.parse_args(arguments)


def main(arguments: Sequence[str], project: Path = PROJECT, python: str = "") -> int:
    """Prepare, run, show; every problem ends as a French message and an exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # an old console may lack a character
    options = parse(arguments)
    base = python or getattr(sys, "_base_executable", None) or sys.executable
    try:
        code = work(options, project, base)
    except LauncherError as problem:
        say(f"\n{problem}")
        code = problem.exit_code
    except KeyboardInterrupt:
        say("\nInterrompu : rien d’incomplet n’a été laissé. Recommencez quand vous voulez.")
        code = INTERRUPTED
    if options.fenetre:
        keep_window_open()
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
