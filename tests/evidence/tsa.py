"""A time-stamp authority of one's own, made with openssl and served on loopback, that can misbehave in every way."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography import x509

CONFIG = """
[req]
distinguished_name = dn
prompt = no
[dn]
CN = placeholder
[ca]
basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign
[signer]
basicConstraints = critical, CA:false
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
[tsa]
default_tsa = t
[t]
serial = {folder}/serial
crypto_device = builtin
signer_cert = {folder}/tsa.pem
{certs}
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha512
accuracy = secs:1
ess_cert_id_chain = no
ess_cert_id_alg = sha256
"""


def _openssl(*arguments: object) -> None:
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True, timeout=60)


@dataclass(frozen=True, slots=True)
class Authority:
    """Keys and configuration of one authority."""

    folder: Path

    @property
    def root(self) -> x509.Certificate:
        return x509.load_pem_x509_certificate((self.folder / "ca.pem").read_bytes())

    def reply(self, query: bytes, number: int = 0) -> bytes:
        asked, told = self.folder / f"q{number}", self.folder / f"r{number}"
        asked.write_bytes(query)
        _openssl("ts", "-reply", "-config", self.folder / "tsa.cnf", "-queryfile", asked, "-out", told)
        return told.read_bytes()


def make_authority(folder: Path, name: str, *, days: int = 3650, all_certificates: bool = False) -> Authority:
    """A root, a signer with the right purpose, and a configuration. `all_certificates` gives replies out of order."""
    folder.mkdir()
    certs = f"certs = {folder}/ca.pem" if all_certificates else ""
    config = folder / "tsa.cnf"
    config.write_text(CONFIG.format(folder=folder, certs=certs))
    (folder / "serial").write_text("01\n")
    for who in ("ca", "tsa"):
        _openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", folder / f"{who}.key")
        request = ("req", "-new", "-config", config, "-key", folder / f"{who}.key", "-subj", f"/CN={name} {who}")
        _openssl(*request, "-out", folder / f"{who}.csr")
    signed = ("x509", "-req", "-days", days, "-extfile", config)
    ca = (folder / "ca.csr", "-signkey", folder / "ca.key", "-out", folder / "ca.pem")
    _openssl(*signed, "-extensions", "ca", "-in", *ca)
    chain = ("-CA", folder / "ca.pem", "-CAkey", folder / "ca.key", "-CAcreateserial", "-out", folder / "tsa.pem")
    _openssl(*signed, "-extensions", "signer", "-in", folder / "tsa.csr", *chain)
    return Authority(folder)


@contextmanager
def serve(authority: Authority) -> Iterator[str]:
    """Serve an authority; the path says how it behaves."""
    lock = threading.Lock()
    kept: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query = self.rfile.read(int(self.headers["Content-Length"]))
            with lock:
                self.act(query)

        def act(self, query: bytes) -> None:
            path = self.path
            if path == "/slow":
                time.sleep(3)
            if path == "/error":
                return self.answer(500, b"broken")
            if path == "/garbage":
                return self.answer(200, b"<html>login</html>")
            if path == "/empty":
                return self.answer(200, b"")
            if path == "/huge":
                return self.answer(200, b"x" * (1 << 20))
            if path == "/refuse":  # a PKIStatusInfo of `rejection`
                return self.answer(200, bytes.fromhex("30053003020102"))
            if path == "/other-data":
                query = bytearray(query)
                query[query.index(b"\x04\x20") + 5] ^= 1
                query = bytes(query)
            reply = authority.reply(query)
            if path == "/replay":
                kept.append(reply)
                return self.answer(200, kept[0])
            if path == "/flip":
                reply = bytearray(reply)
                reply[-20] ^= 1
                reply = bytes(reply)
            return self.answer(200, reply)

        def answer(self, status: int, body: bytes) -> None:
            try:
                self.send_response(status)
                self.send_header("Content-Type", "application/timestamp-reply")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            except (BrokenPipeError, ConnectionResetError):
                return

        def log_message(self, format: str, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads, server.block_on_close = True, False
    thread = threading.Thread(target=server.serve_forever, args=(0.1,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
