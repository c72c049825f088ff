"""可信时间戳 (RFC 3161): ask an authority, check what it answers, keep the raw reply and the certificates in it.

A token proves that bytes existed when it was made, nothing about what they say. Source: https://www.rfc-editor.org/rfc/rfc3161
"""

from __future__ import annotations

import base64
import hashlib
import http.client
import os
import re
import subprocess
import tempfile
import urllib.error
import urllib.request
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from gimonitor.errors import EvidenceError, TamperedError, UntrustedError

MAX_REPLY = 64 << 10
_FAILURES = {
    "the authority refused": "时间戳机构拒绝签发",
    "over other bytes": "时间戳盖在别的内容上",
    "nonce": "回答与所问不符",
    "signature": "时间戳的签名核对不上",
    "timed out": "时间戳机构没有按时回答",
    "no time-stamp": "回答不是时间戳",
    "is over": "回答过大",
    "http or https": "时间戳机构的地址不对",
    "onnection refused": "连接不上时间戳机构",
}
"""What errors of asking an authority say, as papers print it; the error itself stands in the log."""
_GRANTED = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A time-stamp reply over some bytes. `raw` is the reply as it came, `chain` its certificates in PEM.

    `trusted`: the signature leads to a root that this installation trusts; without roots a token can be kept, not
    trusted. `authority` is where it was asked for, `serial` and `policy` are the authority's.
    """

    authority: str
    at: datetime
    raw: bytes
    chain: bytes
    serial: str
    policy: str
    trusted: bool

    @property
    def issuer(self) -> str:
        """Who signed, by the subject of the signer's certificate in the token; "" where there is none."""
        try:
            found = x509.load_pem_x509_certificates(self.chain)
        except ValueError:
            return ""
        signer = next((each for each in found if each.subject != each.issuer), found[0])
        return signer.subject.rfc4514_string()


def load_roots(folder: Path) -> tuple[x509.Certificate, ...]:
    """Root certificates of the authorities trusted here: every `*.pem` and `*.crt` in a folder; none when it is absent.

    Raises:
        EvidenceError: a file holds no certificate; names it.
    """
    found: list[x509.Certificate] = []
    for path in sorted([*folder.glob("*.pem"), *folder.glob("*.crt")]):
        try:
            found += x509.load_pem_x509_certificates(path.read_bytes())
        except (OSError, ValueError) as error:
            raise EvidenceError(f"{path.name}: no PEM certificate: {error}") from error
    return tuple(dict.fromkeys(found))


def request_token(url: str, data: bytes, *, roots: Sequence[x509.Certificate] = (), timeout: float = 15.0) -> Token:
    """Ask one authority for a token over `data` (SHA-256, with a nonce) and check it.

    Raises:
        EvidenceError: no answer, no grant, or an answer that cannot be used; says which authority and why.
    """
    asked = TimestampRequestBuilder().data(data).hash_algorithm(HashAlgorithm.SHA256).nonce(nonce=True).build()
    raw = _post(url, asked.as_bytes(), timeout)
    try:
        return read_token(raw, data, roots=roots, authority=url, nonce=asked.nonce)
    except TamperedError as error:
        raise EvidenceError(f"{url}: {error}") from error


def read_token(
    raw: bytes, data: bytes, *, roots: Sequence[x509.Certificate] = (), authority: str = "", nonce: int | None = None
) -> Token:
    """Read a reply and check that it is over `data`, and, with `roots`, who signed it and that it was valid then.

    Raises:
        TamperedError: it is over other bytes, carries another nonce, or is not signed by whom it should be.
        EvidenceError: it is no granted reply.
    """
    try:
        reply = decode_timestamp_response(raw)
        if reply.status != _GRANTED:
            raise EvidenceError(
                f"the authority refused: status {reply.status} {' '.join(reply.status_string)}".rstrip()
            )
        info, certificates = reply.tst_info, reply.signed_data.certificates
    except ValueError as error:
        return _by_openssl(raw, data, roots, authority, str(error))
    if info.message_imprint.message != hashlib.sha256(data).digest():
        raise TamperedError("the time-stamp is over other bytes")
    if nonce is not None and info.nonce != nonce:
        raise TamperedError("the time-stamp answers another question (nonce)")
    if roots:
        _require_signature(reply, data, roots)
    return Token(
        authority=authority,
        at=info.gen_time.astimezone(UTC),
        raw=raw,
        chain=_pem(certificates),
        serial=str(info.serial_number),
        policy=info.policy.dotted_string,
        trusted=bool(roots),
    )


def is_signed(raw: bytes, data: bytes) -> bool:
    """True where a reply is over `data` and its signature holds by the certificates inside it, whoever they belong to:
    then nothing was changed, even if no root that is known here leads to them. Asks OpenSSL."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "reply").write_bytes(raw)
        (folder / "data").write_bytes(data)
        (folder / "own").write_bytes(_embedded(folder))
        where = ("-in", str(folder / "reply"), "-data", str(folder / "data"), "-CAfile", str(folder / "own"))
        return "Verification: OK" in _openssl("ts", "-verify", "-partial_chain", "-no_check_time", *where)


def say_failure(error: str) -> str:
    """Why there is no token, in Chinese; what is not known by its words is said to have failed."""
    return next((said for words, said in _FAILURES.items() if words in error), "没有得到时间戳（详情见运行日志）")


def _require_signature(reply: TimeStampResponse, data: bytes, roots: Sequence[x509.Certificate]) -> None:
    builder = VerifierBuilder(roots=list(roots))
    try:
        embedded = {*map(x509.load_der_x509_certificate, reply.signed_data.certificates)}
        _require_known(embedded, roots)
        for certificate in embedded - set(roots):
            builder = builder.add_intermediate_certificate(certificate)
        builder.build().verify_message(reply, data)
    except (VerificationError, ValueError, TypeError, x509.InvalidVersion) as error:
        raise TamperedError(f"the time-stamp's signature: {error}") from error


def _require_known(embedded: Collection[x509.Certificate], roots: Sequence[x509.Certificate]) -> None:
    """Raise UntrustedError where no root given is among the issuers of a token's certificates."""
    issuers = {certificate.issuer for certificate in embedded}
    if embedded and not any(root.subject in issuers for root in roots):
        names = "; ".join(sorted(each.rfc4514_string() for each in issuers))
        raise UntrustedError(f"the time-stamp's signature: none of the roots given is that of {names}")


def _pem(certificates: set[bytes]) -> bytes:
    blocks = []
    for der in sorted(certificates):
        body = base64.encodebytes(der).decode().replace("\n", "")
        lines = [body[i : i + 64] for i in range(0, len(body), 64)]
        blocks.append("\n".join(["-----BEGIN CERTIFICATE-----", *lines, "-----END CERTIFICATE-----", ""]))
    return "".join(blocks).encode()


def _post(url: str, body: bytes, timeout: float) -> bytes:
    if not url.startswith(("http://", "https://")):
        raise EvidenceError(f"{url}: a time-stamp authority has an http or https address")
    request = urllib.request.Request(  # noqa: S310  # the scheme was checked
        url, data=body, headers={"Content-Type": "application/timestamp-query"}, method="POST"
    )
    try:
        with urllib.request.urlopen(request, timeout=timeout) as answer:  # noqa: S310  # the scheme was checked
            raw: bytes = answer.read(MAX_REPLY + 1)
    except urllib.error.HTTPError as error:
        error.close()
        raise EvidenceError(f"{url}: {error.code} {error.reason}") from error
    except (urllib.error.URLError, http.client.HTTPException, OSError) as error:
        raise EvidenceError(f"{url}: {getattr(error, 'reason', error)}") from error
    if len(raw) > MAX_REPLY:
        raise EvidenceError(f"{url}: the answer is over {MAX_REPLY} bytes")
    return raw


def _by_openssl(raw: bytes, data: bytes, roots: Sequence[x509.Certificate], authority: str, complaint: str) -> Token:
    """Some authorities order the certificates of a reply in a way the strict reader refuses; OpenSSL reads them."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "reply").write_bytes(raw)
        (folder / "data").write_bytes(data)
        text = _openssl("ts", "-reply", "-in", str(folder / "reply"), "-text")
        stamped = re.search(r"^Time stamp: (.+) GMT$", text, re.MULTILINE)
        if not stamped or "Status: Granted." not in text:
            raise EvidenceError(f"the answer is no time-stamp: {complaint}")
        imprint = "".join(re.findall(r"^ {4}[0-9a-f]{4} - ((?:[0-9a-f]{2}[ -]){1,16})", text, re.MULTILINE))
        if re.sub(r"[^0-9a-f]", "", imprint) != hashlib.sha256(data).hexdigest():
            raise TamperedError("the time-stamp is over other bytes")
        if roots:
            (folder / "roots").write_bytes(_pem({_der(root) for root in roots}))
            where = ("-in", str(folder / "reply"), "-data", str(folder / "data"), "-CAfile", str(folder / "roots"))
            if "Verification: OK" not in (told := _openssl("ts", "-verify", *where)):
                raise TamperedError(f"the time-stamp's signature: {told.strip().splitlines()[-1]}")
        serial, policy = (re.search(rf"^{key}: (.+)$", text, re.MULTILINE) for key in ("Serial number", "Policy OID"))
        clock = re.sub(r"(:\d\d)\.\d+", r"\1", " ".join(stamped[1].split()))
        return Token(
            authority=authority,
            at=datetime.strptime(clock, "%b %d %H:%M:%S %Y").replace(tzinfo=UTC),
            raw=raw,
            chain=_embedded(folder),
            serial=str(int(serial[1], 16)) if serial else "",
            policy=policy[1] if policy else "",
            trusted=bool(roots),
        )


def _embedded(folder: Path) -> bytes:
    """The certificates inside the token of `folder/reply`, in PEM; none where the authority sent none."""
    token = str(folder / "token")
    _openssl("ts", "-reply", "-in", str(folder / "reply"), "-token_out", "-out", token)
    listed = _openssl("pkcs7", "-inform", "DER", "-in", token, "-print_certs")
    blocks = re.findall(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----\n", listed, re.DOTALL)
    return "".join(blocks).encode()


def _der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.DER)


def _openssl(*arguments: str) -> str:
    try:
        done = subprocess.run(
            ["openssl", *arguments],
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
            env={**os.environ, "OPENSSL_CONF": os.devnull},  # whose file may give policies names of its own
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise EvidenceError(f"openssl: {error}") from error
    return done.stdout + done.stderr
