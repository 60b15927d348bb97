"""A workbook sorted or pasted out of step is refused; a correction is followed."""

from __future__ import annotations

import datetime as dt

import pytest

from mailmerge import columns as col
from mailmerge.errors import InputError
from mailmerge.results.alignment import check_aligned

PEOPLE = [("Durand", "Zoé"), ("Sow", "Ali"), ("Petit", "Jules"), ("Lefèvre", "Anna")]


def rows() -> dict[str, dict]:
    return {
        str(i): {
            col.NUMERO: str(i),
            col.NOM: nom,
            col.PRENOM: prenom,
            col.DATE_NAISSANCE: dt.date(2011, 3, i),
            col.IDENTIFIANT: f"A{i}",
            col.PIX: str(200 + i),
            col.LINE: i + 1,
        }
        for i, (nom, prenom) in enumerate(PEOPLE, 1)
    }


def rotated(*names: str, numbers: str = "1234") -> dict[str, dict]:
    edited = rows()
    for name in names:
        values = [edited[n][name] for n in numbers]
        for n, value in zip(numbers, values[1:] + values[:1], strict=True):
            edited[n][name] = value
    return edited


@pytest.mark.parametrize(
    "edited",
    [
        rotated(col.NOM, col.PRENOM),
        rotated(col.NOM),
        rotated(col.PRENOM),
        rotated(col.DATE_NAISSANCE),
        rotated(col.PIX),
        rotated(*(name for name in rows()["1"] if name != col.NUMERO), numbers="12"),
        rotated(col.NOM, col.PRENOM, numbers="34"),
    ],
)
def test_a_column_that_moved_apart_from_the_others_stops_with_a_remedy(edited: dict) -> None:
    with pytest.raises(InputError) as caught:
        check_aligned(edited, rows(), [])
    assert "supprimez ce classeur" in caught.value.message
    assert "2011" not in caught.value.message
    assert caught.value.line is not None


def test_the_pupils_are_named() -> None:
    with pytest.raises(InputError) as caught:
        check_aligned(rotated(col.NOM, col.PRENOM, numbers="12"), rows(), [])
    assert "Zoé Durand" in caught.value.message
    assert "Ali Sow" in caught.value.message
    assert "Jules" not in caught.value.message


def test_a_name_filled_down_over_another_pupil_is_refused_even_without_a_base() -> None:
    edited = rows()
    edited["2"] |= {col.NOM: "Durand", col.PRENOM: "Zoé"}
    with pytest.raises(InputError, match="Ali Sow"):
        check_aligned(edited, {}, rows().values())


def test_a_row_that_became_somebody_unknown_altogether_is_refused() -> None:
    edited = rows()
    edited["2"] |= {col.NOM: "Nouveau", col.PRENOM: "Nom", col.DATE_NAISSANCE: dt.date(2010, 1, 1)}
    with pytest.raises(InputError, match="Ali Sow"):
        check_aligned(edited, rows(), [])


@pytest.mark.parametrize(
    "correction",
    [
        {col.NOM: "Sow-Diallo"},
        {col.NOM: "Nouveau", col.PRENOM: "Nom"},
        {col.NOM: "Ali", col.PRENOM: "Sow", col.DATE_NAISSANCE: dt.date(2011, 4, 2)},
        {col.DATE_NAISSANCE: dt.date(2011, 3, 1)},
        {col.PIX: "201"},
        {col.NOM: "SOW"},
    ],
)
def test_a_correction_is_followed(correction: dict) -> None:
    edited = rows()
    edited["2"] |= correction
    check_aligned(edited, rows(), rows().values())


def test_a_corrected_name_may_be_that_of_the_same_pupil_s_other_certification() -> None:
    said = rows()
    said["5"] = {**said["2"], col.NUMERO: "5", col.NOM: "Saw", col.PIX: "400"}
    edited = {number: dict(row) for number, row in said.items()}
    edited["5"][col.NOM] = "Sow"
    check_aligned(edited, said, [])
    edited.pop("2")  # the other one is new in the exports
    base = {number: row for number, row in said.items() if number != "2"}
    check_aligned(edited, base, said.values())
