"""核验证据包：逐个文件核对摘要，指出被改动、缺少、多出的文件。只需要 Python 3.9 以上，不联网。时间戳的签名由 openssl 核对，没有时会说明。
用法：python3 verify.py 证据包.zip    （或已解压的文件夹；不给参数时核验本文件所在的文件夹）
退出码：0 一致；1 不一致或无法读取。一致只说明内容自打包后未改动，不说明页面内容真实或行为违法。"""

# fmt: off
import contextlib, functools, hashlib, io, pathlib, re, shutil, struct, subprocess, sys, tempfile, typing, zipfile  # noqa: E401, I001
Files = dict[str, typing.Callable[[], typing.IO[bytes]]]
Problems = list[tuple[str, str, str]]
TAGS = {"tagmanifest-sha256.txt": "sha256", "tagmanifest-sha512.txt": "sha512"}
DATA = {"manifest-sha256.txt": "sha256", "sm3.txt": "sm3"}
FIXED = {*DATA, "bagit.txt", "bag-info.txt", "how-to-check.html", "how-to-check.txt", "verify.py"}
SSL = "openssl ts -verify -partial_chain -no_check_time -data .txt -in .tsr -CAfile .pem"
BAGIT = rb"\ABagIt-Version: 1\.0\nTag-File-Character-Encoding: UTF-8\n\Z"
INFO = r"\ASource-Organization External-Identifier External-Description Bagging-Date Bagging-Time Bag-Software-Agent"
def open_zip(path: pathlib.Path, outer: Problems) -> Files:
    """The files of a ZIP, empty folders too; every byte around them must be what storing them uncompressed gives."""
    archive, directory, files = zipfile.ZipFile(path), b"", Files()
    with path.open("rb") as raw:
        for info in archive.infolist():
            name, inner = info.orig_filename.encode("utf-8", "replace"), info.filename.partition("/")[2]
            sizes, flag = (info.CRC, info.file_size, info.file_size, len(name), 0), 0 if name.isascii() else 2048
            head = struct.pack("<5H3L2H", 20, flag, 0, 0, 33, *sizes)
            directory += b"PK\1\2\24\3" + head + struct.pack("<3H2L", 0, 0, 0, 0o644 << 16, raw.tell()) + name
            if raw.read(30 + len(name)) != b"PK\3\4" + head + name or not inner or inner in files:
                outer.append(("added" if inner in files else "changed", inner or info.filename, "压缩包中的文件头"))
            if not info.is_dir() or sum(n.startswith(info.filename) for n in archive.namelist()) < 2:
                files[inner] = functools.partial(archive.open, info)
            raw.seek(info.file_size, 1)
        end = struct.pack("<4H2LH", 0, 0, *2 * [len(archive.infolist())], len(directory), raw.tell(), 0)
        roots = {info.filename.partition("/")[0] for info in archive.infolist()}
        if raw.read() != directory + b"PK\5\6" + end or len(roots) != 1 or ".." in roots:
            outer.append(("changed", path.resolve().name, "压缩包的目录"))
    return files
def read(files: Files, name: str) -> bytes:
    """A whole file; nothing where it is missing or unreadable."""
    with contextlib.suppress(Exception), files[name]() as file:
        return file.read()
    return b""
def digest(files: Files, name: str, algorithm: str) -> str:
    """Hex digest of a file, or `unreadable`."""
    value = hashlib.new(algorithm)
    with contextlib.suppress(Exception), files[name]() as file:
        for chunk in iter(functools.partial(file.read, 1 << 20), b""):
            value.update(chunk)
        return value.hexdigest()
    return "unreadable"
def is_forged(files: Files, token: str) -> bool:
    """True where OpenSSL is here and a time-stamp's signature does not hold by the certificates that lie beside it."""
    with tempfile.TemporaryDirectory() as folder:
        for name in ("manifest-sha256.txt", token, token[:-3] + "pem"):
            pathlib.Path(folder, name[-4:]).write_bytes(read(files, name))
        done = subprocess.run(SSL.split(), cwd=folder, capture_output=True, timeout=60, check=False)
    return token[:-3] + "pem" in files and b"Verification: OK" not in done.stdout + done.stderr
def untrue(files: Files, data: dict[str, str]) -> Problems:
    """Files, whole by the lists, that do not say what follows from `data`, the manifest, and from what else is there."""
    octets, stamps = 0, sorted(name for name in files if name[:11] + name[-4:] == "timestamps/.tsr")
    for name in data:
        with files[name]() as file:
            octets += file.seek(0, 2)
    head = re.escape(read(files, "data/custody/head.txt").decode("utf-8", "replace")) or ".*"  # earlier packs have none
    counts = f"Payload-Oxum: {octets}[.]{len(data)}\nCustody-Log-Head: {head}\nTime-Stamps: {len(stamps) or 'none'}"
    says = {"bagit.txt": BAGIT, "bag-info.txt": rf"{INFO} {counts}( \(.*\))?\n\Z".replace(" ", ": .*\n", 6).encode()}
    says |= dict.fromkeys(stamps, re.escape(bytes.fromhex(digest(files, "manifest-sha256.txt", "sha256"))))
    says |= {f"{x[:13]}{int(x[13:22]) + 1:09}.json": data[x].encode() for x in data if re.match(r"data/custody/\d{9}", x)}
    wrong = [("changed", x, "与所依据的不符") for x in sorted(says) if x in files and not re.search(says[x], read(files, x))]
    return wrong or [("changed", x, "时间戳的签名不符") for x in stamps if shutil.which("openssl") and is_forged(files, x)]
def check(path: pathlib.Path) -> Problems:
    """All problems of a pack, ZIP or folder, as (kind, file, detail); none when it is as it was built."""
    problems, outer, lists = Problems(), Problems(), dict[str, dict[str, str]]()
    try:
        found = [p for p in path.rglob("*") if p.is_symlink() or not p.is_dir() or not any(p.iterdir())]
        files = Files() if path.is_dir() else open_zip(path, outer)
        files |= {p.relative_to(path).as_posix(): functools.partial(io.FileIO, p / ("-" * p.is_symlink())) for p in found}
    except Exception as error:  # noqa: BLE001  # a damaged archive fails in more ways than can be listed
        return [("changed" if path.exists() else "missing", path.resolve().name, str(error))]
    for each in (*TAGS, *DATA):
        text = read(files, each).decode("utf-8", "replace")
        lists[each] = {line.partition("  ")[2]: line.partition("  ")[0] for line in text.split("\n")[:-1]}
        good = text == "".join(f"{lists[each][name].lower()}  {name}\n" for name in sorted(lists[each])) != ""
        problems += [] if good else [("changed" if each in files else "missing", each, "清单")]
    for name in sorted(set(files).union(FIXED.difference(DATA), *lists.values()) - set(TAGS)):
        pair = DATA if name.startswith("data/") else TAGS
        odd = name not in files or not any(name in lists[each] for each in pair)
        odd = odd or not (pair is DATA or name in FIXED or name[:11] + name[-4:] in ("timestamps/.tsr", "timestamps/.pem"))
        problems += [("added" if name in files else "missing", name, "")] if odd else []
        known = [x for x in pair if not odd and pair[x] in hashlib.algorithms_available]
        wrong = [x for x in known if digest(files, name, pair[x]) != lists[x].get(name)]
        problems += [("changed", *((x, name) if len(wrong) < len(known) else (name, ""))) for x in wrong]
    problems = problems or untrue(files, lists["manifest-sha256.txt"])
    if len(outer) > 1 and {each[0] for each in outer} == {"changed"}:
        outer = [("changed", path.resolve().name, "文件内容一致，但" * (not problems) + "不是原来的压缩包：重新压缩过")]
    return list(dict.fromkeys(outer + problems))
if __name__ == "__main__":
    kinds = {"changed": "被改动", "missing": "缺少", "added": "多出"}
    found = check(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else __file__.rpartition("verify.py")[0] or "."))
    sys.stdout.writelines(f"{kinds[k]}  {name!r}{detail and f'  {detail!r}'}\n" for k, name, detail in found)
    unsure = "" if shutil.which("openssl") else "（没有 openssl：时间戳如有，其签名未核对，见 how-to-check.txt）"
    sys.stdout.write(f"不一致：{len(found)} 处\n" if found else f"一致：全部文件与打包时相同{unsure}\n")
    sys.exit(bool(found))
