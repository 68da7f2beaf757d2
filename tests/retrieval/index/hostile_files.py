"""A folder of files that break programs which read pictures."""

from __future__ import annotations

import io
import os
import socket
import struct
import tarfile
import zlib
from pathlib import Path

import numpy as np
from PIL import Image

from tests.retrieval.making import product_photo


def encoded(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def png_that_says(width: int, height: int) -> bytes:
    """A PNG of that size with nothing in it."""
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = b"IDAT" + zlib.compress(b"\0")
    chunks = (struct.pack(">I", len(c) - 4) + c + struct.pack(">I", zlib.crc32(c)) for c in (header, data, b"IEND"))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def scan_bomb() -> bytes:
    """A progressive JPEG whose last scan stands in it thousands of times."""
    data = encoded(Image.fromarray(product_photo()), "JPEG", progressive=True)
    last = data.rindex(b"\xff\xda")
    return data[:last] + data[last:-2] * 3000 + b"\xff\xd9"


def write_hostile_folder(folder: Path) -> tuple[set[str], set[str]]:
    """Write it; return the files that hold a picture after all, and all others."""
    folder.mkdir(parents=True)
    photo = Image.fromarray(product_photo())
    good = _pictures(photo)
    bad = _broken(photo)
    for name, content in (good | bad).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    others = set(bad) | _no_files(folder)
    (folder / "to a picture.jpg").symlink_to(folder / "plain.png")
    return set(good) | {"to a picture.jpg"}, others


def _pictures(photo: Image.Image) -> dict[str, bytes]:
    turned = Image.Exif()
    turned[0x0112] = 6
    frames = [Image.new("RGB", (32, 32), (number % 256, 80, 90)) for number in range(400)]
    deep = Image.fromarray(np.linspace(0, 65535, 64 * 64).reshape(64, 64).astype(np.uint16))
    names = ["한복 👗.png", "new\nline.png", "tab\t.png", "-rf.png", "%s.png", "x" * 245 + ".png", "CAPITALS.PNG",
             os.fsdecode(b"\xff\xfe.png"), "trailing .png", "dots...png", "dir.jpg/inside.png"]  # fmt: skip
    made = {
        "plain.png": encoded(photo),
        "cmyk.jpg": encoded(photo.convert("CMYK"), "JPEG"),
        "grey.jpg": encoded(photo.convert("L"), "JPEG"),
        "palette.gif": encoded(photo.convert("P"), "GIF"),
        "sixteen bits.png": encoded(deep),
        "sixteen bits.tif": encoded(deep, "TIFF"),
        "turned.jpg": encoded(photo, "JPEG", exif=turned),
        "animated.gif": encoded(frames[0], "GIF", save_all=True, append_images=frames[1:]),
        "animated.webp": encoded(frames[0], "WEBP", save_all=True, append_images=frames[1:20]),
        "transparent.png": encoded(photo.convert("RGBA")),
        "one pixel.png": encoded(photo.resize((1, 1))),
        "sliver.png": encoded(Image.new("RGB", (9000, 1))),
        "tower.png": encoded(Image.new("RGB", (1, 9000))),
        "large.png": encoded(Image.new("L", (6000, 6000))),
        "bits.bmp": encoded(photo.convert("1"), "BMP"),
        "a jpeg inside.png": encoded(photo, "JPEG"),
        "junk at the end.png": encoded(photo) + b"junk" * 1000,
        "two in one.jpg": encoded(photo, "MPO", save_all=True, append_images=[photo]),
        "bad exif.jpg": encoded(photo, "JPEG", exif=b"Exif\0\0MM\0*\0\0\0\x08\xff\xff" + b"\xff" * 40),
    }
    return made | {name: encoded(photo.rotate(number)) for number, name in enumerate(names, 1)}


def _broken(photo: Image.Image) -> dict[str, bytes]:
    whole = {kind: encoded(photo, kind) for kind in ("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP")}
    made = {f"cut.{kind.lower()}": data[: len(data) // 2] for kind, data in whole.items() if kind != "TIFF"}
    made |= {f"cut early.{kind.lower()}": data[:20] for kind, data in whole.items()}
    made |= {f"empty{suffix}": b"" for suffix in (".jpg", ".png", ".gif", ".webp", ".bmp", ".tiff")}
    flipped = bytearray(whole["PNG"])
    flipped[60:90] = bytes(30)
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as pack:
        pack.add(__file__, "inside.txt")
    return made | {
        "flipped.png": bytes(flipped),
        "zeros.jpg": bytes(5000),
        "html.jpg": b"<!DOCTYPE html><html>404</html>",
        "svg.png": b'<svg xmlns="http://www.w3.org/2000/svg"><rect width="9" height="9"/></svg>',
        "script.jpg": b"#!/bin/sh\nrm -rf /\n",
        "postscript.jpg": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(%pipe%touch x) run\n",
        "bomb.png": png_that_says(50_000, 50_000),
        "wide bomb.png": png_that_says(2**31 - 1, 1),
        "no size.png": png_that_says(0, 0),
        "scans.jpg": scan_bomb(),
        "pack.png": buffer.getvalue(),
        "random.webp": np.random.default_rng(0).bytes(4000),
        "lies.gif": b"GIF89a\xff\xff\xff\xff\xf7\0\0" + bytes(900),
        "notes.txt": b"not a picture",
        "photo.heic": b"\0\0\0\x18ftypheic",
        "drawing.svg": b"<svg/>",
        "no suffix": whole["PNG"],
        ".hidden.png": whole["PNG"],
        "broken.tar": b"not a pack",
        "sub/.DS_Store": b"x",
    }


def _no_files(folder: Path) -> set[str]:
    """Everything that is in a folder and is no file."""
    made = {"pipe.jpg", "socket.png", "to nothing.jpg", "to itself.jpg", "loop", "to a folder.png", "to null.jpg",
            ".thumbnails"}  # fmt: skip
    os.mkfifo(folder / "pipe.jpg")
    here = os.getcwd()
    os.chdir(folder)  # the path of a socket must be short
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket.png")
    os.chdir(here)
    (folder / "to nothing.jpg").symlink_to(folder / "nowhere.jpg")
    (folder / "to itself.jpg").symlink_to(folder / "to itself.jpg")
    (folder / "loop").symlink_to(folder, target_is_directory=True)
    (folder / "to a folder.png").symlink_to(folder / "sub", target_is_directory=True)
    (folder / "to null.jpg").symlink_to("/dev/null")
    (folder / ".thumbnails").mkdir()
    with (folder / "sparse.jpg").open("wb") as stream:
        stream.truncate(3 << 30)
    return made | {"sparse.jpg"}
