"""Schools of any size for benchmarks: invented pupils in classes of 28, one Pix export a class."""

from __future__ import annotations

import random
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from support.pix_exports import Certification, write_export  # noqa: E402

CLASS_SIZE = 28
_SETTINGS = """\
[etablissement]
nom = "Collège Joséphine Baker"
ville = "Nantes"
academie = "Académie de Nantes"
logo = "logo.png"

[chef]
nom = "Claire Duval"
titre = "Principale"
signature = "signature.png"

[edition]
date = "26/06/2026"
nom_de_fichier = "{nom} {prenom}"
"""
_FIRST = [
    "Élodie",
    "Zoé",
    "Inès",
    "Chloé",
    "Noémie",
    "Anaïs",
    "Fatou",
    "Yasmine",
    "Gabriel",
    "Théo",
    "Noé",
    "Loïc",
    "Ibrahim",
    "Jules",
]
_LAST = [
    "Lefèvre",
    "Dupré",
    "Garçon",
    "Nuñez",
    "Müller",
    "Benaïssa",
    "Traoré",
    "Diallo",
    "Kerguélen",
    "Moreau",
    "Petit",
    "Roux",
]
# Surnames are as varied as in an académie: nearly every pupil of 1,000 has one of their own.
_SYLLABLES = (
    "ba", "chan", "dé", "fe", "gui", "jo", "ka", "lou",
    "mi", "né", "pa", "ré", "sou", "ta", "vi", "zo",
)  # fmt: skip


def write_school(folder: Path, pupils: int) -> Path:
    """A school's `data/`: exports, settings, logo and signature; the same for the same size."""
    folder.mkdir(parents=True)
    chance = random.Random(pupils)  # noqa: S311 - a sample, not a secret
    for rank, first in enumerate(range(0, pupils, CLASS_SIZE)):
        size = min(CLASS_SIZE, pupils - first)
        rows = [_pupil(first + place, chance) for place in range(size)]
        write_export(folder / f"20260615_resultats_3-{rank + 1:04d}.csv", "L3", rows)
    for picture in ("logo.png", "signature.png"):
        shutil.copy(ROOT / "data" / "exemple" / picture, folder / picture)
    (folder / "etablissement.toml").write_text(_SETTINGS, encoding="utf-8")
    return folder


def _pupil(rank: int, chance: random.Random) -> Certification:
    levels = tuple(str(chance.randint(1, 6)) for _ in range(16))
    return Certification(
        numero=str(6_000_000 + rank),
        prenom=chance.choice(_FIRST),
        nom=f"{chance.choice(_LAST)}-{''.join(chance.choices(_SYLLABLES, k=3)).capitalize()}",
        identifiant=f"{rank:07}",
        pix=str(sum(map(int, levels)) * 8),
        levels=levels,
        date_naissance=f"{chance.randint(1, 28):02}/{chance.randint(1, 12):02}/2011",
    )
