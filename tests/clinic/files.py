"""Files as people send them, right ones and bombs, each as bytes: nothing here is read from a disk."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

PDF = b"%PDF-1.7\n1 0 obj <</Type /Catalog>> endobj\ntrailer <</Root 1 0 R>>\n%%EOF\n"
ACTIVE_PDF = PDF.replace(
    b"/Catalog>>",
    b"/Catalog /OpenAction <</S /JavaScript /JS (app.alert\\(1\\))>> /AA <</O <</S /Launch /F (cmd)>>>>>>",
)
TEXT = "Seen today, Zoë: 30° flexion.\nCall back.\n".encode()
CSV = b"code,minutes\n97110,23\n97140,15\n"


def png(width: int = 3, height: int = 2) -> bytes:
    """A PNG's header and end; nobody who only looks at headers needs its points."""
    parts = ((b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)), (b"IEND", b""))
    made = b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in parts
    )
    return b"\x89PNG\r\n\x1a\n" + made


def jpeg(width: int = 3, height: int = 2, *, exif: int = 500) -> bytes:
    head = b"\xff\xe1" + struct.pack(">H", exif + 2) + b"x" * exif
    size = b"\xff\xff\xc0" + struct.pack(">HBHHB", 8, 8, height, width, 0)
    return b"\xff\xd8" + head + size + b"\xff\xda\x00\x02" + b"\x00" * 40 + b"\xff\xd9"


def tiff(*pages: tuple[int, int], order: str = "<", turn_back: bool = False) -> bytes:
    made = (b"II" if order == "<" else b"MM") + struct.pack(order + "HI", 42, 8)
    for number, (width, height) in enumerate(pages or ((3, 2),)):
        last = number == len(pages or ((3, 2),)) - 1
        after = (8 if turn_back else 0) if last else len(made) + 2 + 24 + 4
        made += struct.pack(order + "H", 2)
        for tag, value in ((256, width), (257, height)):
            made += struct.pack(order + "HHII", tag, 4, 1, value)
        made += struct.pack(order + "I", after)
    return made


def heic(width: int = 3, height: int = 2) -> bytes:
    box = struct.pack(">I4sIII", 20, b"ispe", 0, width, height)
    return struct.pack(">I4s4sI", 16, b"ftyp", b"heic", 0) + struct.pack(">I4s", 8 + len(box), b"meta") + box


def zipped(names: list[str] | None = None, *, size: int = 10) -> bytes:
    """An archive with these names, each of so many zeros."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names or ["a.txt"]:
            archive.writestr(name, b"\0" * size)
    return made.getvalue()


def linked() -> bytes:
    """An archive whose entry is a symbolic link out of it."""
    made = io.BytesIO()
    entry = zipfile.ZipInfo("link")
    entry.external_attr = 0o120777 << 16
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr(entry, "/etc/passwd")
    return made.getvalue()


def nested() -> bytes:
    inside = zipped(size=100_000)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for number in range(10):
            archive.writestr(f"{number}.zip", inside)
    return made.getvalue()


ENTITIES = b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]><l>&b;</l>'
OUTSIDE = b'<!DOCTYPE l [<!ENTITY x SYSTEM "file:///etc/passwd">]><l>&x;</l>'
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'

REFUSED = {
    "empty": (b"", "The file is empty"),
    "zip": (zipped(), "archive"),
    "zip bomb": (zipped(size=10_000_000), "archive"),
    "zip of many": (zipped([f"{number}.txt" for number in range(2_000)]), "archive"),
    "zip in zip": (nested(), "archive"),
    "zip slip": (zipped(["../../../etc/cron.d/x"]), "archive"),
    "zip link": (linked(), "archive"),
    "empty zip": (b"PK\x05\x06" + b"\0" * 18, "archive"),
    "gzip": (b"\x1f\x8b\x08" + b"\0" * 50, "archive"),
    "tar": (b"name".ljust(257, b"\0") + b"ustar" + b"\0" * 300, "archive"),
    "rar": (b"Rar!\x1a\x07\x01\x00" + b"x" * 9, "archive"),
    "7z": (b"7z\xbc\xaf\x27\x1c" + b"x" * 9, "archive"),
    "docx": (zipped(["[Content_Types].xml", "word/document.xml"]), "office document"),
    "doc": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 500, "office document"),
    "rtf": (b"{\\rtf1 hello}", "office document"),
    "xml entities": (ENTITIES, "XML"),
    "xml outside": (OUTSIDE, "XML"),
    "svg": (SVG, "XML"),
    "html": (b"\xef\xbb\xbf  <html><script>alert(1)</script>", "XML"),
    "deep json": (b"[" * 10_000 + b"]" * 10_000, "JSON"),
    "json": (b'{"a": 1}\n', "JSON"),
    "50k png": (png(50_000, 50_000), "100 million points"),
    "50k jpeg": (jpeg(50_000, 50_000), "100 million points"),
    "50k tiff": (tiff((100, 100), (50_000, 50_000)), "100 million points"),
    "50k heic": (heic(50_000, 50_000), "100 million points"),
    "png without a size": (b"\x89PNG\r\n\x1a\n" + b"\0" * 30, "damaged"),
    "png of nothing": (png(0, 9), "damaged"),
    "short jpeg": (b"\xff\xd8\xff\xe0", "damaged"),
    "jpeg past its end": (b"\xff\xd8\xff\xe0\xff\xff" + b"x" * 20, "damaged"),
    "jpeg without a size": (b"\xff\xd8" + b"\xff\xe0\x00\x02" * 2_000, "damaged"),
    "tiff that turns back": (tiff((3, 2), turn_back=True), "damaged"),
    "tiff of too many": (tiff(*[(3, 2)] * 501), "damaged"),
    "tiff past its end": (b"II*\0" + struct.pack("<I", 9_999), "damaged"),
    "tiff without a page": (b"II*\0" + struct.pack("<I", 0), "damaged"),
    "gif": (b"GIF89a" + b"\0" * 20, "kind of picture"),
    "webp": (b"RIFF\0\0\0\0WEBPVP8 ", "kind of picture"),
    "bmp": (b"BM" + b"\0" * 40, "kind of picture"),
    "pdf cut off": (PDF[:30], "breaks off"),
    "program": (b"MZ\x90\0" + b"\0" * 100, "kind of file"),
    "elf": (b"\x7fELF" + b"\0" * 100, "kind of file"),
    "NUL in text": (b"hello\0there", "kind of file"),
    "utf-16": ("hello".encode("utf-16"), "kind of file"),
    "latin-1": ("Zoë".encode("latin-1"), "kind of file"),
    "escape codes": (b"\x1b]0;title\x07", "kind of file"),
}

KEPT = {
    "application/pdf": PDF,
    "image/png": png(),
    "image/jpeg": jpeg(),
    "image/tiff": tiff((1728, 2200), (1728, 2200), order=">"),
    "image/heic": heic(),
    "text/plain": TEXT,
    "text/csv": CSV,
}
