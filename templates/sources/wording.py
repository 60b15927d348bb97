"""What the attestation says, in our tags and in Word's own merge fields (facts, section 3).

« Attestation », « passée le » and never « délivrée le »; no maximum; not the certificate.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from .ooxml import Field, If, Merge, Piece, Styled
from .styles import identifier

Pieces = tuple[Piece, ...]

TITLE = "Attestation"
SUBTITLE = "Certification Pix des compétences numériques"
ATTESTS = "L’établissement atteste que l’élève"
OBTAINED = "a obtenu la certification Pix des compétences numériques."
LEGEND = (
    "Niveaux de 1 à 8 du cadre de référence des compétences numériques. "
    "Le tiret (-)\u00a0: niveau 1 non atteint ou compétence non évaluée."
)
# Word's merge fields can't add three years to a date: the same words in both kinds of template.
VALID, VALIDITY = "Valable", "trois ans"
ORIGINAL = (
    "Cette attestation n’est pas le certificat. L’élève télécharge le certificat original, avec "
    "son code de vérification, depuis son compte sur pix.fr."
)
LEGAL = "Certification prévue par l’arrêté du 30 août 2019 (NOR\u00a0:\u00a0MENE1915150A)."
GAUGE = 8


@dataclass(frozen=True)
class Wording:
    """The variable texts of a page. ``only_if_*``: paragraphs that surround an optional one."""

    logo: Pieces
    school: Pieces
    town: Pieces
    name: Pieces
    birth: Pieces
    score: Pieces
    level: Pieces
    date: Pieces
    number: Pieces
    done: Pieces
    head: Pieces
    title: Pieces
    signature: Pieces
    only_if_level: Sequence[str] = ()

    def competence(self, code: str) -> tuple[Pieces, Pieces]:
        """The gauge and the level of the compétence ``code``."""
        raise NotImplementedError


@dataclass(frozen=True)
class TagWording(Wording):
    """Our own tags; ``rest`` is the part of the gauge not reached."""

    rest: str = "vide"

    def competence(self, code: str) -> tuple[Pieces, Pieces]:
        """The gauge's two parts, then the level."""
        tag = f"c_{code.replace('.', '_')}"
        return (
            Styled(f"{{{{ {tag}.plein }}}}", full_style(code)),
            Styled(f"{{{{ {tag}.{self.rest} }}}}", EMPTY_STYLE),
        ), (f"{{{{ {tag} }}}}",)


class WordWording(Wording):
    """Word's merge fields on « Résultats Pix.xlsx »; the gauge is one rule IF for each step."""

    def competence(self, code: str) -> tuple[Pieces, Pieces]:
        """Eight rules IF, one for each square, then the level."""
        column = f"M_{code.replace('.', '')}"
        full, empty = Styled("■", full_style(code)), Styled("■", EMPTY_STYLE)
        steps = tuple(
            If(column, f'>= "{step}"', (full,), (empty,), shown=(full if step <= 3 else empty,))
            for step in range(1, GAUGE + 1)
        )
        return steps, (Merge(column, shown="3"),)


EMPTY_STYLE = identifier("Jauge vide")


def full_style(code: str) -> str:
    """The character style of a compétence's gauge: one for each domaine."""
    return identifier(f"Jauge domaine {code[0]}")


TAGS = TagWording(
    logo=("{{ logo }}",),
    school=("{{ etablissement.nom }}",),
    town=(
        "{{ etablissement.ville }}{% if etablissement.academie %}"
        "{% if etablissement.ville %} · {% endif %}{{ etablissement.academie }}{% endif %}",
    ),
    name=("{{ prenom }} {{ nom }}",),
    birth=(
        'né(e) le {{ date_naissance|date("d MMMM yyyy") }}'
        "{% if lieu_naissance %} à {{ lieu_naissance }}{% endif %}"
        "{% if classe %}, classe de {{ classe }},{% endif %}",
    ),
    date=('{{ date_passage|date("d MMMM yyyy") }}',),
    score=("{{ pix }} Pix",),
    level=("{{ niveau }}",),
    only_if_level=("{%p if niveau %}", "{%p endif %}"),
    number=(
        "Certification n°\u00a0{{ numero }}"
        "{% if centre %}, passée au centre {{ centre }}{% endif %}.",
    ),
    done=(
        "Fait {% if etablissement.ville %}à {{ etablissement.ville }}, {% endif %}"
        "le\u00a0{{ date_edition }}",
    ),
    head=("{{ chef.nom }}",),
    title=("{{ chef.titre }}",),
    signature=("{{ signature }}",),
)

SOBER_TAGS = replace(TAGS, rest="creux")

_DATE = '\\@ "d MMMM yyyy"'

FIELDS = WordWording(
    logo=(),
    school=("Nom de l’établissement",),
    town=("Ville · Académie",),
    name=(Merge("Prénom", shown="Camille"), " ", Merge("Nom", shown="DURAND")),
    birth=(
        "né(e) le ",
        Merge("Date_de_naissance", _DATE, "14 mars 2011"),
        Merge("Lieu_de_naissance", '\\b " à "', " à Lyon"),
        Merge("Classe", '\\b ", classe de " \\f ","', ", classe de 3A,"),
    ),
    date=(Merge("Date_de_passage_de_la_certification", _DATE, "12 mai 2026"),),
    score=(Merge("Nombre_de_Pix", shown="384"), " Pix"),
    level=(
        If(
            "Niveau",
            '<> ""',
            (If("Niveau", '<> "-"', (Merge("Niveau"),)),),
            shown=("Indépendant 2",),
        ),
    ),
    number=(
        "Certification n°\u00a0",
        Merge("Numéro_de_certification", shown="1234567"),
        Merge("Centre", '\\b ", passée au centre "', ", passée au centre Collège des Tilleuls"),
        ".",
    ),
    done=("Fait à Ville, le\u00a0", Field('DATE \\@ "dd/MM/yyyy"', "21/11/2026")),
    head=("Prénom Nom",),
    title=("Titre",),
    signature=(),
)
