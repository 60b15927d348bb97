"""Text in is text on the page.

The form in which the two are equal (docs/reliability.md): NFKC, then no white space and none of the
characters that print nothing (`mailmerge.pdf.proving.squash`, here with the case kept).
"""

from __future__ import annotations

import os
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.pix_exports import certification
from support.school import pages, school_in

from mailmerge.errors import ExitCode
from mailmerge.pdf.proving import squash

# What French schools write: Latin letters with every usual accent, marks and what XML and
# templates could trip over.
ALPHABET = (
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
    "àâäçéèêëîïôöùûüÿñœæÀÂÇÉÈÊËÎÏÔÖÙÛÜŸÑŒÆăąćčďđęěğıłńňőřśšşťţůűźżžßøåðþ"
    "0123456789 -'’.,;:!?&<>\"{}%#=+@()/\\*_[]"
)
NAME = st.text(ALPHABET, min_size=1, max_size=40).filter(
    lambda text: any(char.isalpha() for char in text) and text == " ".join(text.split())
)
EXAMPLES = int(os.environ.get("PIX_FUZZ_NAMES", "6"))
PUPILS = 12


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    derandomize="PIX_FUZZ_NAMES" not in os.environ,
)
@given(st.lists(st.tuples(NAME, NAME, NAME), min_size=PUPILS, max_size=PUPILS))
def test_names_and_places_come_out_as_they_went_in_each_on_its_own_page(tmp_path_factory, people):
    school = school_in(Path(tmp_path_factory.mktemp("school")))
    rows = [
        certification(
            numero=f"{1_000_000 + n}", identifiant=str(n), nom=a, prenom=b, lieu_naissance=c
        )
        for n, (a, b, c) in enumerate(people)
    ]
    school.add_class("3A", rows)
    report = school.run()
    assert report.exit_code in (ExitCode.OK, ExitCode.PARTIAL)
    assert report.printed + len(report.erreurs) >= PUPILS
    by_number = {pupil.numero: pupil for pupil in report.eleves}
    for row in rows:
        pupil = by_number[row.numero]
        if pupil.pdf is None:
            assert pupil.raison
            continue
        text = squash("".join(pages(school.output / pupil.pdf)))
        for wanted in (row.nom, row.prenom, row.lieu_naissance, row.numero):
            assert squash(wanted) in text
        others = {other.numero for other in rows} - {row.numero}
        assert not any(number in text for number in others)
