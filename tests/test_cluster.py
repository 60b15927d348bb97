"""`--cluster`: the same classes on a real Dask scheduler and two worker processes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.pix_exports import certification
from support.school import PROJECT, School, pages, school_in

from mailmerge.errors import ExitCode, UsageError

pytest.importorskip("distributed")


@pytest.fixture
def school(tmp_path: Path) -> School:
    school = school_in(tmp_path / "school")
    for rank in range(8):
        rows = [
            certification(numero=f"10{rank}0{n}01", nom=f"Nom{rank}{n}", identifiant=f"{rank}{n}")
            for n in range(6)
        ]
        school.add_class(f"3-{rank}", rows)
    return school


class Cluster:
    """A scheduler and workers on this machine, in folders where nothing of ours is."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.home.mkdir()
        self.meeting = f"--scheduler-file={home / 'scheduler.json'}"
        self.workers: list[subprocess.Popen[bytes]] = []
        address = home / "scheduler.json"
        self.scheduler = self._start("scheduler", "--host=127.0.0.1", "--port=0", "--no-dashboard")
        deadline = time.monotonic() + 30
        while not address.exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        self.address: str = json.loads(address.read_text())["address"]
        for _ in range(2):
            self.workers.append(
                self._start("worker", "--nthreads=1", "--no-nanny", "--no-dashboard")
            )

    def _start(self, kind: str, *options: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", f"distributed.cli.dask_{kind}", *options, self.meeting],
            cwd=self.home,
            env={**os.environ, "PYTHONPATH": str(PROJECT)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def close(self) -> None:
        for process in (*self.workers, self.scheduler):
            process.kill()
            process.wait()


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    cluster = Cluster(tmp_path / "cluster")
    yield cluster
    cluster.close()


def test_a_worker_killed_in_mid_run_costs_no_page(school, cluster):
    def kill_when_work_has_begun() -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and not list(school.output.glob("Attestations*.pdf")):
            time.sleep(0.02)
        cluster.workers[0].send_signal(signal.SIGKILL)

    killer = threading.Thread(target=kill_when_work_has_begun)
    killer.start()
    report = school.run(cluster=cluster.address)
    killer.join()
    assert cluster.workers[0].wait() == -signal.SIGKILL
    assert report.exit_code == ExitCode.OK
    assert report.printed == 48
    for rank in range(8):
        (page,) = pages(school.output / f"3-{rank}" / f"Nom{rank}5 Élodie.pdf")
        assert f"Nom{rank}5" in page
        assert f"10{rank}0501" in page
    assert school.run().kept == [f"3-{rank}" for rank in range(8)]


def test_an_address_where_nobody_answers_is_said_with_a_remedy(school, monkeypatch):
    from mailmerge.making import cluster

    monkeypatch.setattr(cluster, "_CONNECTING", 1)
    with pytest.raises(UsageError, match="ordonnanceur"):
        school.run(cluster="tcp://127.0.0.1:9")


def test_where_nothing_is_to_be_made_nobody_is_asked(school):
    made = school.run()
    again = school.run(cluster="tcp://127.0.0.1:9")
    assert (again.exit_code, again.printed) == (ExitCode.OK, made.printed)
    assert len(again.kept) == 8
