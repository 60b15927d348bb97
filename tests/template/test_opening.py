"""A template from a stranger: opened without harm, or refused with the reason."""

from __future__ import annotations

import contextlib
import io
import struct
import zipfile
from pathlib import Path

import docx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.printing import (
    OFFICE,
    WHO,
    class_document,
    control,
    para,
    picture,
    png,
    printed,
    reference,
    table,
    word_file,
)

from mailmerge.errors import ExitCode, TemplateError
from mailmerge.template.compiling import compile_template
from mailmerge.template.opening import check_template, open_template

PLAIN = word_file(WHO)


def repacked(replace: dict[str, bytes]) -> bytes:
    """The plain template with some members replaced or added."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(PLAIN)) as old, zipfile.ZipFile(stream, "w", 8) as new:
        members = {name: old.read(name) for name in old.namelist()} | replace
        for name, content in members.items():
            new.writestr(name, content)
    return stream.getvalue()


def document_xml(declaration: str, inside: str = "x") -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(PLAIN)) as archive:
        xml = archive.read("word/document.xml").decode()
    return {"word/document.xml": (declaration + xml.replace("{{ nom }}", inside)).encode()}


def lying_zip() -> bytes:
    """A zip that says of a member that it is small."""
    content = bytearray(repacked({"word/media/a.png": b"\0" * 3_000_000}))
    for signature, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        start = content.find(signature)
        while start >= 0:
            where = start + offset
            if struct.unpack("<I", content[where : where + 4])[0] == 3_000_000:
                content[where : where + 4] = struct.pack("<I", 10)
            start = content.find(signature, start + 4)
    return bytes(content)


LAUGHS = "<!DOCTYPE a [" + '<!ENTITY a0 "ha">' + "".join(
    f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10)
) + "]>"  # fmt: skip
LINKED = {"rIdX": ("image", "file:///etc/passwd")}
FALSE_LINK = {"rIdX": ("hyperlink", "file:///etc/passwd")}
OLE = "<w:object><o:OLEObject r:id='rIdO'/></w:object>"
DRAWN = f"<w:p>{picture('rIdX')}</w:p>"
HOSTILE: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "vide"),
    "a text": (b"Bonjour", "pas un document Word"),
    "half a file": (PLAIN[: len(PLAIN) // 2], "pas un document Word"),
    "another zip": (
        (lambda s: (zipfile.ZipFile(s, "w").writestr("a", "b"), s.getvalue())[1])(io.BytesIO()),
        "pas un document Word",
    ),
    "old or encrypted Word": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "mot de passe"),
    "a DOCTYPE": (repacked(document_xml("<!DOCTYPE a>")), "DOCTYPE"),
    "a billion laughs": (repacked(document_xml(LAUGHS, "&a9;")), "DOCTYPE"),
    "an entity that reads a file": (
        repacked(document_xml('<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>', "&x;")),
        "DOCTYPE",
    ),
    "a DOCTYPE in UTF-16": (
        repacked({"word/media/a.png": '<?xml version="1.0"?><!DOCTYPE a><a/>'.encode("utf-16")}),
        "DOCTYPE",
    ),
    "an encoding that hides it": (
        repacked(document_xml('<?xml version="1.0" encoding="utf-7"?>')),
        "codage",
    ),
    "a zip bomb": (repacked({"word/media/a.png": bytes(40_000_000)}), "anormale"),
    "too many members": (repacked({f"x{n}": b"" for n in range(2_001)}), "démesuré"),
    "a size that lies": (lying_zip(), "incomplet"),
    "tables in tables without end": (
        word_file("<w:tbl><w:tr><w:tc>" * 400 + "<w:p/>" + "</w:tc></w:tr></w:tbl>" * 400),
        "abîmé",
    ),
    "macros": (word_file(WHO, files={"word/vbaProject.bin": b"x"}), "macros"),
    "a document with macros": (
        repacked(
            {
                "[Content_Types].xml": zipfile.ZipFile(io.BytesIO(PLAIN))
                .read("[Content_Types].xml")
                .replace(
                    b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main",
                    b"application/vnd.ms-word.document.macroEnabled.main",
                )
            }
        ),
        "macros",
    ),
    "a Word model": (word_file(WHO, main_type="template"), "dotx"),
    "a picture from elsewhere": (word_file(WHO + DRAWN, relations=LINKED), "image liée"),
    "a picture by r:link": (
        word_file(WHO + DRAWN.replace("r:embed", "r:link"), relations=LINKED),
        "image liée",
    ),
    "a picture that passes for a link": (
        word_file(WHO + DRAWN.replace("r:embed", "r:link"), relations=FALSE_LINK),
        "image liée",
    ),
    "an old picture with an address": (
        word_file(
            WHO + '<w:p><w:r><w:pict><v:shape><v:imagedata src="file:///etc/passwd"/></v:shape>'
            "</w:pict></w:r></w:p>"
        ),
        "image liée",
    ),
    "a linked frame": (
        word_file(WHO, relations={"rIdX": ("frame", "https://exemple.fr/a.html")}),
        "contenu lié",
    ),
    "a linked stylesheet": (
        word_file(WHO, relations={"rIdX": ("transform", "file:///tmp/a.xsl")}),
        "contenu lié",
    ),
    "an imported document": (
        word_file(
            WHO + '<w:altChunk r:id="rIdA"/>',
            relations={"rIdA": ("aFChunk", "chunk.bin")},
            files={"word/chunk.bin": b"<html/>"},
        ),
        "altChunk",
    ),
    "an embedded object": (
        word_file(
            WHO + f"<w:p><w:r>{OLE}</w:r></w:p>",
            relations={"rIdO": ("oleObject", "embeddings/a.bin")},
            files={"word/embeddings/a.bin": b"x"},
        ),
        "objet incorporé",
    ),
    "a master document": (
        word_file(WHO, relations={"rIdS": ("subDocument", "autre.docx")}),
        "document maître",
    ),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_a_template_that_can_not_be_trusted_is_refused_with_the_reason(case: str) -> None:
    content, words = HOSTILE[case]
    with pytest.raises(TemplateError, match=words) as caught:
        check_template("modèle.docx", content)
    assert caught.value.exit_code == ExitCode.TEMPLATE
    assert "modèle.docx" in caught.value.message


def test_a_text_beyond_all_measure_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mailmerge.template.opening.MAX_XML_BYTES", 500)
    with pytest.raises(TemplateError, match="démesuré"):
        check_template("m.docx", PLAIN)


def test_strict_open_xml_is_refused_with_the_remedy() -> None:
    relations = zipfile.ZipFile(io.BytesIO(PLAIN)).read("_rels/.rels")
    strict = relations.replace(
        OFFICE.encode(), b"http://purl.oclc.org/ooxml/officeDocument/relationships"
    )
    with pytest.raises(TemplateError, match="Strict"):
        check_template("m.docx", repacked({"_rels/.rels": strict}))


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match="introuvable"):
        open_template(tmp_path / "rien.docx")
    with pytest.raises(TemplateError, match="ne peut pas être"):
        open_template(tmp_path)


def test_the_data_source_and_the_model_of_a_mail_merge_are_forgotten() -> None:
    settings = (
        '<w:attachedTemplate r:id="rIdT"/><w:mailMerge><w:mainDocumentType w:val="formLetters"/>'
        '<w:dataSource r:id="rIdD"/></w:mailMerge><w:trackRevisions/>'
    )
    package = "http://schemas.openxmlformats.org/package/2006/relationships"
    rels = "".join(
        f'<Relationship Id="{rid}" Type="{OFFICE}/{kind}" Target="file:///C:/x" '
        'TargetMode="External"/>'
        for rid, kind in (("rIdT", "attachedTemplate"), ("rIdD", "mailMergeSource"))
    )
    template = word_file(
        WHO,
        parts={"settings": settings},
        files={
            "word/_rels/settings.xml.rels": (
                f'<Relationships xmlns="{package}">{rels}</Relationships>'
            ).encode()
        },
    )
    with zipfile.ZipFile(io.BytesIO(class_document(template))) as archive:
        for name in archive.namelist():
            assert b"file:///" not in archive.read(name)
        kept = archive.read("word/settings.xml")
    assert not any(word in kept for word in (b"mailMerge", b"attachedTemplate", b"trackRev"))


def test_a_link_that_a_reader_may_click_is_kept() -> None:
    body = WHO + '<w:p><w:hyperlink r:id="rIdL"><w:r><w:t>pix.fr</w:t></w:r></w:hyperlink></w:p>'
    links = {"rIdL": ("hyperlink", "https://pix.fr/")}
    document = docx.Document(io.BytesIO(class_document(word_file(body, relations=links))))
    assert "https://pix.fr/" in [rel.target_ref for rel in document.part.rels.values()]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_a_damaged_template_is_refused_or_opened_never_a_crash(data: st.DataObject) -> None:
    content = bytearray(PLAIN)
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(TemplateError):
        assert compile_template(check_template("m.docx", bytes(content))).skeleton


@settings(max_examples=40, deadline=None)
@given(st.text(alphabet="<>/{}%w:prt \"'é", max_size=60))
def test_damaged_xml_is_refused_or_opened_never_a_crash(noise: str) -> None:
    xml = zipfile.ZipFile(io.BytesIO(PLAIN)).read("word/document.xml").decode()
    damaged = xml.replace("<w:sectPr>", noise + "<w:sectPr>").encode()
    with contextlib.suppress(TemplateError):
        file = check_template("m.docx", repacked({"word/document.xml": damaged}))
        assert compile_template(file).skeleton


def test_documents_that_libreoffice_wrote_open_and_print(tmp_path: Path) -> None:
    file = Path(__file__).parent / "fixtures" / "libreoffice-champs.docx"
    assert check_template(file.name, file.read_bytes()).title == "libreoffice-champs"
    assert all(pages for pages in printed(file.read_bytes(), tmp_path))


def test_a_tag_in_a_forgotten_corner_is_found_too() -> None:
    template = word_file(
        control(table([WHO, para("{{ prenon }}")])) + f"<w:p>{picture('rIdP')}</w:p>",
        section=reference("footer", "footer1"),
        parts={"footer1": para("{{ nomm }}")},
        relations={"rIdP": ("image", "media/a.png")},
        files={"word/media/a.png": png()},
    )
    with pytest.raises(TemplateError) as caught:
        compile_template(check_template("m.docx", template))
    assert "prenon" in caught.value.message
    assert "nomm" in caught.value.message
