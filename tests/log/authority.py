"""A time-stamp authority of our own: `openssl ts` behind a small server."""

import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from assent.clock import now
from tests.web.served import answering, says, whole

__all__ = ["Authority"]

CONFIG = """
[ tsa ]
default_tsa = ours
[ ours ]
serial = {folder}/serial
crypto_device = builtin
signer_digest = sha256
default_policy = 1.2.3.4
digests = sha256, sha512
ess_cert_id_alg = sha256
"""


class Authority:
    """A root, a signer under it, and what stamps."""

    def __init__(self, folder: Path, *, valid: tuple[datetime, datetime] | None = None) -> None:
        self.folder = folder
        folder.mkdir()
        root_key, key = generate_private_key(SECP256R1()), generate_private_key(SECP256R1())
        always_valid = (now() - timedelta(days=900), now() + timedelta(days=900))
        self.root = certificate("A root", root_key, "A root", root_key, always_valid)
        signer = certificate("A signer", key, "A root", root_key, valid or always_valid)
        (folder / "signer.pem").write_bytes(signer.public_bytes(Encoding.PEM))
        (folder / "key.pem").write_bytes(
            key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        )
        (folder / "ts.conf").write_text(CONFIG.format(folder=folder))
        (folder / "serial").write_text("01\n")

    def reply(self, query: bytes) -> bytes:
        (self.folder / "query").write_bytes(query)
        subprocess.run(
            [
                *("openssl", "ts", "-reply", "-config", str(self.folder / "ts.conf")),
                *("-queryfile", str(self.folder / "query"), "-out", str(self.folder / "answer")),
                *("-signer", str(self.folder / "signer.pem")),
                *("-inkey", str(self.folder / "key.pem")),
            ],
            check=True,
            capture_output=True,
        )
        return (self.folder / "answer").read_bytes()

    @contextmanager
    def served(self, change: Callable[[bytes], bytes] = bytes) -> Iterator[str]:
        def say(connection: socket.socket, head: bytes) -> None:
            top, _, body = whole(connection, head).partition(b"\r\n\r\n")
            assert b"content-type: application/timestamp-query" in top.lower()
            connection.sendall(says(self.reply(change(body))))

        with answering(say) as url:
            yield url


def certificate(
    name: str,
    key: EllipticCurvePrivateKey,
    issuer: str,
    by: EllipticCurvePrivateKey,
    valid: tuple[datetime, datetime],
) -> x509.Certificate:
    names = [x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, n)]) for n in (name, issuer)]
    is_root = name == issuer
    builder = (
        x509.CertificateBuilder()
        .subject_name(names[0])
        .issuer_name(names[1])
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(valid[0])
        .not_valid_after(valid[1])
        .add_extension(x509.BasicConstraints(ca=is_root, path_length=None), critical=True)
    )
    if not is_root:
        usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
        builder = builder.add_extension(usage, critical=True)
    return builder.sign(by, SHA256())
