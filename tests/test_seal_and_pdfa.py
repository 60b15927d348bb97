"""What a PDF says of itself, PDF/A for archives, and the school's seal."""

from __future__ import annotations

import datetime as dt
import shutil
import subprocess
import sys
from pathlib import Path

import pikepdf
import pytest
from PIL import Image
from support.pix_exports import certification
from support.school import School, pages, school_in
from support.tagged import TaggedPdf, words_of

from mailmerge import pipeline
from mailmerge.engines import libreoffice
from mailmerge.errors import EngineError, SettingsError, UsageError

PASSWORD = "mot de passe d’essai"


@pytest.fixture
def school(tmp_path: Path) -> School:
    school = school_in(tmp_path / "school")
    school.add_class("3A", [certification(), certification(numero="1000002", nom="Petit")])
    return school


def pdf_of(school: School) -> Path:
    return school.output / "3A" / "Lefèvre Élodie.pdf"


def test_every_pdf_tells_its_title_author_language_and_day_and_passes_qpdf(school):
    school.run()
    with pikepdf.open(pdf_of(school)) as document:
        assert str(document.docinfo["/Title"]) == "Attestation – Lefèvre Élodie"
        assert str(document.docinfo["/Author"]) == "Collège des Tilleuls"
        assert str(document.docinfo["/CreationDate"]).startswith(f"D:{dt.date.today():%Y}")
        assert str(document.Root.Lang) == "fr-FR"
    if shutil.which("qpdf"):
        for path in school.output.rglob("*.pdf"):
            subprocess.run(["qpdf", "--check", str(path)], check=True, capture_output=True)


def test_the_embedded_engine_says_that_it_makes_no_pdfa(school):
    with pytest.raises(EngineError, match="PDF/A"):
        school.run(pdfa=True)


def test_documents_edited_in_word_become_no_ordinary_pdf_where_pdfa_was_asked_for(school):
    pipeline.merge(school.request())
    with pytest.raises(EngineError, match="PDF/A"):
        pipeline.reprint_documents(school.request(sources=(), pdfa=True))
    assert not pdf_of(school).exists()


@pytest.mark.libreoffice
@pytest.mark.skipif(libreoffice.find() is None, reason="LibreOffice is not here")
def test_documents_edited_in_word_become_pdfa(school):
    pipeline.merge(school.request())
    pipeline.reprint_documents(school.request(sources=(), pdfa=True, engine="libreoffice"))
    for path in (pdf_of(school), school.output / "Attestations 3A.pdf"):
        with pikepdf.open(path) as document, document.open_metadata() as xmp:
            assert (xmp["pdfaid:part"], xmp["pdfaid:conformance"]) == ("2", "B")


@pytest.mark.libreoffice
@pytest.mark.skipif(libreoffice.find() is None, reason="LibreOffice is not here")
def test_pdfa_pages_keep_their_colours_claim_and_embedded_fonts_after_the_cut(school):
    school.run(pdfa=True, engine="libreoffice")
    for path in (pdf_of(school), school.output / "Attestations 3A.pdf"):
        with pikepdf.open(path) as document:
            with document.open_metadata() as xmp:
                assert (xmp["pdfaid:part"], xmp["pdfaid:conformance"]) == ("2", "B")
                assert xmp["dc:title"] == str(document.docinfo["/Title"])
            assert document.Root.OutputIntents[0].DestOutputProfile.read_bytes()
            assert "/ID" in document.trailer
            descriptors = [o for o in document.objects if _is(o, "/FontDescriptor")]
            assert descriptors
            assert all({"/FontFile", "/FontFile2", "/FontFile3"} & set(d) for d in descriptors)
        assert "Lefèvre" in pages(path)[0]


@pytest.mark.libreoffice
@pytest.mark.skipif(libreoffice.find() is None, reason="LibreOffice is not here")
def test_pdfa_files_are_tagged_by_school_and_seal_alike(school, certificate):
    """Logo and signature say what they are; the seal adds to the file and changes no tag."""
    settings = school.data / "etablissement.toml"
    text = settings.read_text(encoding="utf-8")
    for name in ("logo", "signature"):
        Image.new("RGB", (60, 30), "navy").save(school.data / f"{name}.png")
    text = text.replace("[chef]", 'logo = "logo.png"\n[chef]\nsignature = "signature.png"')
    settings.write_text(text, encoding="utf-8")
    school.run(pdfa=True, engine="libreoffice", seal=certificate, seal_password=PASSWORD)
    described = ["Logo de l’établissement", "Signature"]
    tags = TaggedPdf(pdf_of(school))
    assert [figure.alt for figure in tags.all("Figure")] == described
    assert "Petit" not in words_of(pdf_of(school))
    whole = school.output / "Attestations 3A.pdf"
    assert [figure.alt for figure in TaggedPdf(whole).all("Figure")] == described * 2
    assert _sound(pdf_of(school).read_bytes())
    assert _sound(whole.read_bytes())


def _is(thing: pikepdf.Object, kind: str) -> bool:
    return isinstance(thing, pikepdf.Dictionary) and thing.get("/Type") == kind


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    pytest.importorskip("pyhanko")
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Collège des Tilleuls")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=30))
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "cachet.p12"
    encryption = BestAvailableEncryption(PASSWORD.encode())
    path.write_bytes(pkcs12.serialize_key_and_certificates(b"cachet", key, made, None, encryption))
    return path


def test_a_sealed_pdf_is_proven_whole_and_a_changed_one_is_not(school, certificate):
    report = school.run(seal=certificate, seal_password=PASSWORD)
    assert report.printed == 2
    assert _sound(pdf_of(school).read_bytes())
    assert _sound((school.output / "Attestations 3A.pdf").read_bytes())
    assert "Lefèvre" in pages(pdf_of(school))[0]
    content = bytearray(pdf_of(school).read_bytes())
    content[content.index(b"stream") + 20] ^= 1
    assert not _sound(bytes(content))
    assert school.run(seal=certificate, seal_password=PASSWORD).kept == ["3A"]
    assert school.run().kept == []


def test_pdfs_of_documents_edited_in_word_are_sealed_too(school, certificate):
    pipeline.merge(school.request())
    sealed = school.request(sources=(), seal=certificate, seal_password=PASSWORD)
    assert pipeline.reprint_documents(sealed).printed == 2
    assert _sound(pdf_of(school).read_bytes())
    assert _sound((school.output / "Attestations 3A.pdf").read_bytes())
    assert school.run().kept == []  # these would not be sealed
    pipeline.reprint_documents(sealed)
    assert school.run(seal=certificate, seal_password=PASSWORD).kept == ["3A"]


def _sound(content: bytes) -> bool:
    import io

    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.validation import validate_pdf_signature

    (signature,) = PdfFileReader(io.BytesIO(content)).embedded_signatures
    status = validate_pdf_signature(signature)
    return bool(status.intact and status.valid)


@pytest.mark.parametrize("harm", ["password", "content", "missing"])
def test_a_certificate_that_cannot_be_opened_is_said_before_anything_is_made(
    school, certificate, harm
):
    password = "autre" if harm == "password" else PASSWORD
    if harm == "content":
        certificate.write_bytes(b"not a certificate")
    if harm == "missing":
        certificate.unlink()
    with pytest.raises(SettingsError, match=r"cachet\.p12") as caught:
        school.run(seal=certificate, seal_password=password)
    assert password not in str(caught.value)
    assert not school.output.exists()


def test_without_the_component_the_message_gives_the_very_command_that_installs_it(
    school, certificate, monkeypatch
):
    """For this program's own Python, and by the component's name: ours is in no registry."""
    monkeypatch.setitem(sys.modules, "pyhanko.sign", None)
    with pytest.raises(UsageError) as caught:
        school.run(seal=certificate, seal_password=PASSWORD)
    assert f'"{sys.executable}" -m pip install pyhanko' in caught.value.message
    assert not school.output.exists()
