# ruff: noqa: SIM905 - lists of names read better as text
"""The sample school of ``data/exemple/``, made again, always the same.

By ``python tests/support/sample_school.py``. Everybody in it is invented: first names and surnames
are drawn from lists of common ones.
"""

from __future__ import annotations

import random
import sys
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from support.pix_exports import NOT_TESTED, Certification, write_export
from support.rosters import Enrolled, of, siecle_xml

SESSION, OTHER_SESSION = "48213", "48377"
CENTRE = "Collège Joséphine Baker"
CLASSES = {"3A": 26, "3B": 28, "3°C": 24}
_FIRST_NAMES = """
Élodie Zoé Inès Maëlys Chloé Léa Noémie Anaïs Océane Aïcha Fatou Mariam Yasmine Salomé Célestine
Jeanne Louise Agathe Margaux Ambre Capucine Nour Lina Assia Rose-Marie Anne-Sophie Lucie Héloïse
Léonie Gabriel Raphaël Théo Timéo Noé Loïc Maël Gaël Adrien Ibrahim Moussa Youssef Ilyès Amine
Kylian Enzo Hugo Jules Côme Barnabé Jean-Baptiste Pierre-Louis François Étienne Nathan Tom Sacha
Malo Ewen Yanis Rayan Bao Minh Tiago Diego Milo
""".split()
_SURNAMES = """
Lefèvre|Dupré|Garçon|Nuñez|Müller|Benaïssa|Traoré|Diallo|El Amrani|N’Diaye|O’Connor|
d’Artois|de La Tour|Le Goff|Le Bihan|Kerguélen|Moreau|Bernard|Petit|Roux|Fournier|
Girard|Bonnet|Lambert|Fontaine|Rousseau|Vincent|Müller-Weiß|Faure|André|Mercier|Blanc|
Guérin|Boyer|Garnier|Chevalier|François|Legrand|Gauthier|Perrin|Robin|Clément|Morin|
Nicolas|Henry|Roussel|Mathieu|Gautier|Masson|Marchand|Duval|Denis|Dumont|Marie-Sainte|
Lemaire|Noël|Meyer|Dufour|Meunier|Brun|Blanchard|Giraud|Joly|Rivière|Lucas|Brunet|
Gaillard|Barbier|Arnaud|Martínez|Gérard|Roche|Renard|Schmitt|Çelik|Nguyễn|Kowalski|
Da Silva|Ferreira|Haddad|Benali|Sow
""".replace("\n", "").split("|")
_TOWNS = """
Nantes|Saint-Nazaire|Rezé|Saint-Herblain|Angers|La Roche-sur-Yon|Rennes|Châteaubriant|
Cholet|L’Île-d’Yeu|Bamako|Lille
""".replace("\n", "").split("|")
_GLOBAL = (
    (896, "Expert 2"),
    (768, "Expert 1"),
    (640, "Avancé 2"),
    (512, "Avancé 1"),
    (384, "Indépendant 2"),
    (256, "Indépendant 1"),
    (128, "Novice 2"),
    (64, "Novice 1"),
)
LONG_NAME = ("Marie-Antoinette-Joséphine", "de La Rochefoucauld-Montmorency d’Entrecasteaux")


def global_level(points: int) -> str:
    return next((name for least, name in _GLOBAL if points >= least), "-")


class _School:
    def __init__(self) -> None:
        self.random = random.Random(48213)  # noqa: S311 - a sample, not a secret
        self.number = 6_104_200
        self.identifier = 41_300

    def person(self, prenom: str, nom: str) -> Certification:
        """Someone with an obtained certification."""
        self.number += self.random.randint(1, 9)
        self.identifier += self.random.randint(1, 40)
        ability = self.random.uniform(0.8, 4.2)
        levels = [max(0, min(7, round(self.random.gauss(ability, 1.1)))) for _ in range(16)]
        if sum(levels) < 9:
            levels[0], levels[7], levels[12] = 3, 3, 3
        shown = [str(level) for level in levels]
        for place in self.random.sample(range(16), self.random.choice((0, 0, 1, 2))):
            if sum(levels) - levels[place] >= 9:
                levels[place], shown[place] = 0, "-"
        # Eight Pix a level, and part of the next one.
        points = min(895, sum(8 * level for level in levels) + self.random.randint(0, 30))
        return Certification(
            numero=str(self.number),
            prenom=prenom,
            nom=nom,
            date_naissance=f"{self.random.randint(1, 28):02}/{self.random.randint(1, 12):02}/"
            f"{self.random.choice((2010, 2011, 2011, 2011, 2012))}",
            lieu_naissance=self.random.choice(_TOWNS),
            identifiant=f"{self.identifier:07}",
            pix=str(points),
            niveau=global_level(points),
            levels=tuple(shown),
            session=SESSION,
            centre=CENTRE,
            date_passage=self.random.choice(("02/06/2026", "04/06/2026", "09/06/2026")),
        )


def _not_validated(record: Certification, statut: str, pix: str) -> Certification:
    return replace(record, statut=statut, pix=pix, niveau="-", levels=NOT_TESTED)


def classes() -> dict[str, list[Certification]]:
    """Class → rows of its file, in the order of names; and what the session file adds under ""."""
    school = _School()
    first_names, surnames = list(_FIRST_NAMES), list(dict.fromkeys(s.strip() for s in _SURNAMES))
    school.random.shuffle(first_names)
    school.random.shuffle(surnames)
    result: dict[str, list[Certification]] = {}
    place = 0
    for division, size in CLASSES.items():
        rows = []
        for _ in range(size):
            prenom = first_names[place % len(first_names)]
            rows.append(school.person(prenom, surnames[place % len(surnames)]))
            place += 1
        result[division] = rows
    a, b, c = result["3A"], result["3B"], result["3°C"]
    a[3] = _not_validated(a[3], "Non obtenue", "0")
    a[11] = replace(
        a[11],
        prenom=LONG_NAME[0],
        nom=LONG_NAME[1],
        lieu_naissance="Saint-Rémy-en-Bouzemont-Saint-Genest-et-Isson",
    )
    b[2] = _not_validated(b[2], "Démarrée", "-")
    b[9] = _not_validated(b[9], "Annulée", "-")
    b[14] = _not_validated(b[14], "Non obtenue", "0")
    c[5] = _not_validated(c[5], "En erreur", "-")
    c[8] = _not_validated(c[8], "Non obtenue", "0")
    # Two who have the same name, in two classes; and one pupil who sat twice.
    a[20] = replace(a[20], prenom="Camille", nom="Martin", date_naissance="17/05/2011")
    b[20] = replace(b[20], prenom="Camille", nom="Martin", date_naissance="02/11/2011")
    again = school.person(c[12].prenom, c[12].nom)
    result["twice"] = [
        replace(
            again,
            identifiant=c[12].identifiant,
            date_naissance=c[12].date_naissance,
            lieu_naissance=c[12].lieu_naissance,
            date_passage="18/03/2026",
            session=OTHER_SESSION,
        )
    ]
    result[""] = [
        school.person("Solène", "Kervella"),
        school.person("Idriss", "Konaté"),
        _not_validated(school.person("Apolline", "Vasseur"), "Non obtenue", "0"),
    ]
    return result


def roster() -> list[Enrolled]:
    """The school's list in June, by class, with what lists and results never agree on.

    Two pupils did not sit, one changed class, one left, one goes by a usage name, one has day and
    month of birth swapped; those of the session file have their class; and there is a 4e.
    """
    people = classes()
    people.pop("twice")
    homes = {"Kervella": "3A", "Konaté": "3B", "Vasseur": "3°C"}
    listed = [of(record, homes[record.nom]) for record in people.pop("")]
    for division, records in people.items():
        listed += [of(record, division) for record in records]
    listed.remove(of(people["3°C"][2], "3°C"))  # has left
    moved, married, swapped = people["3A"][1], people["3B"][4], _swappable(people["3B"])
    listed[listed.index(of(moved, "3A"))] = of(moved, "3B")
    at = listed.index(of(married, "3B"))
    listed[at] = of(married, "3B", nom="Marchetti", nom_usage=married.nom)
    day, month, year = swapped.date_naissance.split("/")
    at = listed.index(of(swapped, "3B"))
    listed[at] = of(swapped, "3B", date_naissance=f"{month}/{day}/{year}")
    listed += [
        Enrolled("Bertin", "Naël", "05/09/2011", "3A"),
        Enrolled("Colombani", "Jade", "21/01/2011", "3°C"),
        *(Enrolled(nom, "Sasha", "05/09/2012", "4A") for nom in ("Aubry", "Berger", "Caron")),
    ]
    listed.sort(key=lambda pupil: (pupil.classe, pupil.nom, pupil.prenom))
    return [replace(pupil, ine=f"{at:09}AA") for at, pupil in enumerate(listed, 120_000_000)]


def _swappable(records: list[Certification]) -> Certification:
    """Someone whose day and month of birth make another date when swapped."""
    return next(
        record
        for record in records[5:]
        if int(record.date_naissance[:2]) <= 12
        and record.date_naissance[:2] != record.date_naissance[3:5]
    )


def write_school(folder: Path) -> list[Path]:
    """Write the class files (layout L3) and the session file, as Pix Orga gives them."""
    people = classes()
    twice, unknown = people.pop("twice"), people.pop("")
    people["3°C"] += twice
    written = []
    for division, rows in people.items():
        rows.sort(key=lambda row: (row.nom, row.prenom))
        path = folder / f"20260615_resultats_{division}.csv"
        written.append(write_export(path, "L3", rows))
    in_session = [*people["3A"][:6], *people["3B"][:5], *unknown]
    # Three days before, the last result of 3A's six was the same.
    path = folder / f"20260612_0930_resultats_session_{SESSION}.csv"
    written.append(write_export(path, "L3 session", in_session))
    path = folder / "ElevesSansAdresses.xml"
    path.write_bytes(siecle_xml(roster()))
    written.append(path)
    (folder / "LISEZ-MOI.txt").write_text(README, encoding="utf-8")
    return written


README = """\
Collège d’exemple

Tous les élèves de ce dossier sont inventés : noms, dates, numéros et résultats.
Toute ressemblance avec une personne réelle serait un hasard.

Ces fichiers ont la forme de ceux de Pix Orga : trois classes de troisième
(20260615_resultats_3A.csv, 3B et 3°C) et une session d’examen qui mêle les classes
(20260612_0930_resultats_session_48213.csv). ElevesSansAdresses.xml est la liste des
élèves, comme SIECLE la donne : --roster data/exemple/ElevesSansAdresses.xml.
Ils servent à essayer le programme et ne sont jamais mêlés aux fichiers que vous déposez
dans le dossier « data ».

Ils sont refaits à l’identique par : python tests/support/sample_school.py
"""

if __name__ == "__main__":
    for made in write_school(Path(__file__).parents[2] / "data" / "exemple"):
        print(made)
