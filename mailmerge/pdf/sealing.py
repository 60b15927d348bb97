"""The school's electronic seal: a signature in each PDF, to prove who issued it.

Needs the extra ``seal`` (pyHanko). The certificate's key stays in this process and is never written
anywhere. No time stamp authority and no revocation service is asked: nothing leaves the computer.
"""

from __future__ import annotations

import hashlib
import io
import sys
from pathlib import Path
from typing import Any

from mailmerge.errors import OutputError, SettingsError, UsageError, cause_of

FIELD = "Cachet"


class Seal:
    """A certificate with its key, ready to seal.

    Attributes:
        fingerprint: SHA-256 of the certificate, in hexadecimal.
    """

    def __init__(self, signer: Any) -> None:
        self._signer = signer
        self.fingerprint = hashlib.sha256(signer.signing_cert.dump()).hexdigest()

    def apply(self, pdf: Path) -> None:
        """Seal ``pdf`` in place; the pages do not change.

        Raises:
            OutputError: the sealed file can't be written.
        """
        from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
        from pyhanko.sign import signers

        facts = signers.PdfSignatureMetadata(field_name=FIELD, md_algorithm="sha256")
        try:
            writer = IncrementalPdfFileWriter(io.BytesIO(pdf.read_bytes()))
            sealed = signers.sign_pdf(writer, facts, signer=self._signer)
            pdf.write_bytes(sealed.getbuffer())
        except OSError as error:
            raise OutputError(
                f"Le cachet n’a pas pu être apposé : {cause_of(error)}. Relancez ensuite."
            ) from error


def load_seal(path: Path, password: str) -> Seal:
    """The certificate and key in a PKCS #12 file.

    Raises:
        UsageError: the extra is not installed.
        SettingsError: no such file, not PKCS #12, or the wrong password.
    """
    try:
        from pyhanko.sign import signers
    except ImportError as error:
        raise UsageError(
            "L’option --seal demande un composant de plus. Installez-le : "
            f'"{sys.executable}" -m pip install pyhanko'
        ) from error
    try:
        content = path.read_bytes()
    except OSError as error:
        raise SettingsError(
            f"Le certificat « {path.name} » ne peut pas être lu : {cause_of(error)}.",
            source=path.name,
        ) from error
    try:
        signer = signers.SimpleSigner.load_pkcs12_data(content, [], password.encode() or None)
    except ValueError as error:
        raise SettingsError(
            f"Le certificat « {path.name} » ne peut pas être ouvert : vérifiez son mot de passe, "
            "et qu’il s’agit bien d’un fichier .p12 ou .pfx avec sa clé.",
            source=path.name,
        ) from error
    return Seal(signer)
