"""What a file is, found by looking at its bytes; never by its name, and nothing is decoded, unpacked or parsed.

Only what a clinic files is taken: PDF, images, plain text and CSV. Everything else is refused in one sentence.
"""

from __future__ import annotations

import codecs
import struct
from typing import BinaryIO

from django.utils.translation import gettext as _

from fifteen.clinic.tenancy.errors import Refused

PDF, PNG, JPEG, TIFF, HEIC = "application/pdf", "image/png", "image/jpeg", "image/tiff", "image/heic"
TEXT, CSV = "text/plain", "text/csv"
ENDINGS = {PDF: "pdf", PNG: "png", JPEG: "jpg", TIFF: "tif", HEIC: "heic", TEXT: "txt", CSV: "csv"}

MOST_PIXELS = 100_000_000  # a letter page at 600 dots an inch has 34 million
MOST_PAGES = 500  # of a TIFF: a fax is one page to a frame
_HEAD = 64 * 1024
_PIECE = 256 * 1024

_ARCHIVES = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08", b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00", b"7z\xbc\xaf\x27\x1c",
             b"Rar!\x1a\x07", b"\x28\xb5\x2f\xfd", b"\x04\x22\x4d\x18", b"\x1f\x9d", b"MSCF")  # fmt: skip
_OFFICE = (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"{\\rtf")
_OFFICE_INSIDE = (b"[Content_Types].xml", b"mimetypeapplication/vnd.", b"word/", b"xl/", b"ppt/")
_PICTURES = (b"GIF87a", b"GIF89a", b"BM", b"II\x2b\x00", b"MM\x00\x2b")
_HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"mif1", b"hevc")
_PLAIN = bytes(set(range(32, 256)) - {127} | {9, 10, 12, 13})


def media_of(file: BinaryIO, size: int) -> str:
    """The media type of these bytes; `Refused` where it is nothing that is kept. The file is left at its start."""
    file.seek(0)
    head = file.read(_HEAD)
    if not size or not head:
        raise Refused(_("The file is empty; look at it on your own machine and choose it again."))
    found = _image(file, head, size) or _pdf(file, head, size)
    if found is None:
        _refuse_known(head)
        found = _text(file, head)
    file.seek(0)
    return found


def _refuse_known(head: bytes) -> None:
    if head.startswith(_OFFICE) or (head.startswith(b"PK") and any(each in head for each in _OFFICE_INSIDE)):
        raise Refused(_("This is an office document, which may hold programs; save it as PDF and file that."))
    if head.startswith(_ARCHIVES) or head[257:262] == b"ustar":
        raise Refused(
            _("This is an archive (such as ZIP), which is never unpacked here; file what is in it one by one.")
        )
    if head.startswith(_PICTURES) or (head[:4] == b"RIFF" and head[8:12] == b"WEBP"):
        raise Refused(_("This kind of picture is not kept; save it as PDF, PNG or JPEG and file that."))


# -- PDF: kept as it is, whatever stands in it; it is only ever handed out as a download ---------------------------


def _pdf(file: BinaryIO, head: bytes, size: int) -> str | None:
    if not head.startswith((b"%PDF-1.", b"%PDF-2.")):
        return None
    file.seek(max(0, size - 4096))
    if b"%%EOF" not in file.read(4096):
        raise Refused(_("The PDF breaks off before its end; scan or export it again."))
    return PDF


# -- images: their size from the header alone -----------------------------------------------------------------


def _image(file: BinaryIO, head: bytes, size: int) -> str | None:
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return _fits(PNG, [_png(head)])
    if head.startswith(b"\xff\xd8\xff"):
        return _fits(JPEG, [_jpeg(file, size)])
    if head[:4] in (b"II\x2a\x00", b"MM\x00\x2a"):
        return _fits(TIFF, _tiff(file, size))
    if head[4:8] == b"ftyp" and head[8:12] in _HEIC_BRANDS:
        return _fits(HEIC, [_heic(head)])
    return None


def _fits(media: str, pages: list[tuple[int, int] | None]) -> str:
    if not pages or any(page is None or not all(page) for page in pages):
        raise Refused(_("The picture is damaged: it does not say how large it is; scan or export it again."))
    if any(page is not None and page[0] * page[1] > MOST_PIXELS for page in pages):
        raise Refused(_("The picture has more than 100 million points; scan it with fewer dots to the inch."))
    return media


def _png(head: bytes) -> tuple[int, int] | None:
    if head[12:16] != b"IHDR" or len(head) < 24:
        return None
    width, height = struct.unpack(">II", head[16:24])
    return width, height


def _jpeg(file: BinaryIO, size: int) -> tuple[int, int] | None:
    """Go from marker to marker until the one that says the size; each is skipped, none is read."""
    place = 2
    for _number in range(1_000):
        file.seek(place)
        marker = file.read(9)
        if len(marker) < 9 or marker[0] != 0xFF:
            return None
        kind, length = marker[1], int.from_bytes(marker[2:4], "big")
        if kind == 0xFF:  # a fill byte
            place += 1
            continue
        if 0xC0 <= kind <= 0xCF and kind not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", marker[5:9])
            return width, height
        if kind in (0xD9, 0xDA) or length < 2 or place + 2 + length > size:
            return None
        place += 2 + length
    return None


def _tiff(file: BinaryIO, size: int) -> list[tuple[int, int] | None]:
    """The size of every page, from the directories; a chain that turns back or does not end is damaged."""
    file.seek(0)
    order = "<" if file.read(2) == b"II" else ">"
    file.seek(4)
    place, seen, pages = _number(file.read(4), order), set[int](), list[tuple[int, int] | None]()
    while place:
        if place in seen or place + 6 > size or len(pages) >= MOST_PAGES:
            return [None]
        seen.add(place)
        file.seek(place)
        count = _number(file.read(2), order)
        entries = file.read(12 * count)
        after = file.read(4)
        if len(entries) < 12 * count or len(after) < 4:
            return [None]
        pages.append(_tiff_page(entries, order))
        place = _number(after, order)
    return pages


def _tiff_page(entries: bytes, order: str) -> tuple[int, int] | None:
    found: dict[int, int] = {}
    for start in range(0, len(entries), 12):
        tag, kind = struct.unpack(order + "HH", entries[start : start + 4])
        if tag in (256, 257) and kind in (3, 4):
            found[tag] = _number(entries[start + 8 : start + (10 if kind == 3 else 12)], order)
    return (found[256], found[257]) if len(found) == 2 else None


def _number(read: bytes, order: str) -> int:
    return int.from_bytes(read, "little" if order == "<" else "big")


def _heic(head: bytes) -> tuple[int, int] | None:
    """The largest size that its boxes name: a HEIC holds thumbnails and tiles beside the picture."""
    found, place = list[tuple[int, int]](), head.find(b"ispe")
    while place >= 0 and len(found) < 100:
        if len(head) >= place + 16:
            found.append(struct.unpack(">II", head[place + 8 : place + 16]))
        place = head.find(b"ispe", place + 4)
    return max(found, key=lambda each: each[0] * each[1], default=None)


# -- text: UTF-8 without control characters, and no markup ---------------------------------------------------------


def _text(file: BinaryIO, head: bytes) -> str:
    plain = head.removeprefix(codecs.BOM_UTF8).lstrip()
    if plain.startswith(b"<"):
        raise Refused(_("This is a web page, a drawing or other XML, which may fetch or run things; save it as PDF."))
    if plain.startswith((b"{", b"[")) and _last(file) in b"}]":
        raise Refused(_("This is data for a program (JSON), not a document; file a PDF, a picture or plain text."))
    decoder = codecs.getincrementaldecoder("utf-8")()
    file.seek(0)
    try:
        while piece := file.read(_PIECE):
            if piece.translate(None, _PLAIN):
                raise _unknown()
            decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        raise _unknown() from None
    return CSV if _is_table(head) else TEXT


def _last(file: BinaryIO) -> bytes:
    file.seek(0, 2)
    file.seek(max(0, file.tell() - 64))
    return file.read().rstrip()[-1:] or b" "


def _is_table(head: bytes) -> bool:
    """Have the first lines the same number of separators, at least one?"""
    lines = [each for each in head[:8192].splitlines()[:10] if each.strip()]
    if len(head) > 8192:
        lines = lines[:-1]
    return len(lines) > 1 and any(
        lines[0].count(mark) and len({each.count(mark) for each in lines}) == 1 for mark in (b",", b";", b"\t")
    )


def _unknown() -> Refused:
    return Refused(
        _("This kind of file is not kept; file a PDF, a picture (PNG, JPEG, TIFF, HEIC), plain text or CSV.")
    )
