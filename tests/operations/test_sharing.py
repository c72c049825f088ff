"""Sealed files in a shared place: a folder, and S3-compatible storage served on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import fsspec
import pytest

from gimonitor.configuration import Configuration
from gimonitor.errors import ConfigurationError, DiskFullError, EvidenceError, TamperedError
from gimonitor.operations.sharing import pull, push


@pytest.fixture(scope="module")
def bucket() -> Iterator[str]:
    """The address of an empty bucket of a server on loopback."""
    server_of = pytest.importorskip("moto.server").ThreadedMotoServer
    server = server_of(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {
            "AWS_ENDPOINT_URL": f"http://{host}:{port}",
            "AWS_ACCESS_KEY_ID": "practice",
            "AWS_SECRET_ACCESS_KEY": "practice",
            "AWS_DEFAULT_REGION": "us-east-1",
        }.items():
            patch.setenv(name, value)
        fsspec.filesystem("s3").mkdir("sealed")
        yield "s3://sealed/gimonitor"
    server.stop()


@pytest.fixture(params=["file", "s3"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return (
        f"file://{tmp_path / 'share'}"
        if request.param == "file"
        else f"{request.getfixturevalue('bucket')}/{tmp_path.name}"
    )


def machine(folder: Path, place: str, **settings: object) -> Configuration:
    return Configuration(data_dir=folder, evidence_url=place, disk_reserve_mb=0, **settings)


def seal(configuration: Configuration, name: str, body: bytes) -> Path:
    path = configuration.data_dir / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body)
    return path


def test_what_one_machine_seals_another_has(place: str, tmp_path: Path) -> None:
    one, two = machine(tmp_path / "one", place), machine(tmp_path / "two", place)
    seal(one, "warc/run-1/a.warc.gz", b"a" * 5000)
    seal(one, "evidence/image-1/picture", b"picture")
    seal(one, "warc/run-1/growing.warc.gz.part", b"half")
    seal(one, "evidence/custody.jsonl", b"a log of its own")
    seal(one, "secrets.enc", b"never")
    assert (push(one).files, push(one).files) == (2, 0)
    moved = pull(two)
    assert (moved.files, moved.size) == (2, 5007)
    assert (two.data_dir / "warc/run-1/a.warc.gz").read_bytes() == b"a" * 5000
    assert sorted(p.name for p in two.data_dir.rglob("*") if p.is_file()) == ["a.warc.gz", "picture"]
    assert pull(two).files == 0 and push(two).files == 0


def test_bytes_that_changed_on_the_way_are_refused_and_named(place: str, tmp_path: Path) -> None:
    one, two = machine(tmp_path / "one", place), machine(tmp_path / "two", place)
    seal(one, "evidence/image-1/picture", b"picture")
    push(one)
    system, root = fsspec.url_to_fs(place)
    system.pipe_file(f"{root}/evidence/image-1/picture", b"pictvre")
    with pytest.raises(TamperedError, match="evidence/image-1/picture"):
        pull(two)
    assert not [p for p in two.data_dir.rglob("*") if p.is_file()]
    seal(two, "evidence/image-1/picture", b"another one")
    with pytest.raises(TamperedError, match="another file"):
        push(two)


def test_a_file_without_its_digest_is_not_whole_and_is_put_again(place: str, tmp_path: Path) -> None:
    one, two = machine(tmp_path / "one", place), machine(tmp_path / "two", place)
    seal(one, "packs/p.zip", b"pack")
    push(one)
    system, root = fsspec.url_to_fs(place)
    system.rm_file(f"{root}/packs/p.zip.sha256")
    assert pull(two).files == 0 and push(one).files == 1 and pull(two).files == 1


def test_nothing_is_brought_onto_a_full_disk_and_no_place_is_no_work(tmp_path: Path) -> None:
    place = f"file://{tmp_path / 'share'}"
    one = machine(tmp_path / "one", place)
    seal(one, "packs/p.zip", b"pack")
    push(one)
    (tmp_path / "two").mkdir()
    full = machine(tmp_path / "two", place).model_copy(update={"disk_reserve_mb": 10**9})
    with pytest.raises(DiskFullError):
        pull(full)
    assert push(machine(tmp_path / "one", "")).files == pull(machine(tmp_path / "one", "")).files == 0


def test_a_place_nobody_knows_is_an_error(tmp_path: Path) -> None:
    seal(machine(tmp_path, ""), "packs/p.zip", b"pack")
    with pytest.raises(ConfigurationError, match="evidence_url"):
        push(machine(tmp_path, "nonsense://x"))
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(EvidenceError, match=r"p\.zip"):
        push(machine(tmp_path, f"file://{tmp_path / 'file' / 'under'}"))
