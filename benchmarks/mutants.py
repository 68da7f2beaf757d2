"""Feeds the commands with damaged and hostile files: ``python benchmarks/mutants.py [--count N] [--seed N]``.

Valid files of every kind that people send each other are changed at random, and the command that reads them is run in a
process of its own. It has to answer: exit 0 or 1, no signal, no traceback, under 60 s and 2.5 GB, and good pictures
that lie beside a damaged file are found. What fails is kept in ``--keep DIR``.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import random
import shutil
import signal
import sys
import tarfile
import tempfile
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.tables import machine, table

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = ROOT / "samples"
REPORT = Path(__file__).with_name("MUTANTS.md")
CRASHED, NOT_FOUND = 70, 71
REPORT_TEXT = """# Damaged and hostile files

Written by `python benchmarks/mutants.py`. {machine}.

{table}

Valid files changed at random: bytes, cuts, repetitions, huge and wrong values; the first of each kind is unchanged.
Faults are signals, tracebacks, exit codes other than 0 and 1, no word on stderr, over 60 s or 2.5 GB (with
everything imported), and good pictures beside a damaged file that are not found.
"""

MOST_S, MOST_BYTES = 60, 2.5e9
NASTY = [
    *(b"", b"\0", b"\xff", b"-1", b"0", b"1e999", b"NaN", b"9" * 30, b"9" * 5000, b"[" * 100_000, b'{"a":' * 20_000),
    *(
        b'"',
        b",",
        b"\n",
        b"\r",
        b"../../../../etc/passwd",
        b"/dev/zero",
        b"\xed\xa0\xbd",
        b"null",
        b"true",
        b"[]",
        b"{}",
    ),
    *(b"A" * 300, b"A" * 1_100_000, b"\x1b]0;x\x07", b"\xe2\x80\xae", b"http://127.0.0.1:9/x", b"__class__", b"%s%n"),
]


def changed(data: bytes, rng: random.Random) -> bytes:
    """Change a file at a few places, as damage or malice would."""
    for _ in range(rng.choice((1, 1, 2, 4, 16))):
        start = rng.randrange(len(data) + 1)
        end = min(len(data), start + rng.choice((0, 1, 1, 4, 40, 400)))
        match rng.randrange(6):
            case 0:
                new = bytes(rng.randrange(256) for _ in range(end - start))
            case 1:
                new = rng.choice(NASTY)
            case 2:
                new = data[start:end] * rng.choice((2, 2, 50))
            case 3:
                return data[:start]
            case 4:
                new = b""
            case _:  # another value for a number that stands there
                digits = [i for i in range(start, min(len(data), start + 2000)) if data[i : i + 1].isdigit()]
                start = digits[0] if digits else start
                end, new = start + 1, rng.choice(NASTY[:9])
        data = data[:start] + new + data[end:]
    return data


@dataclass
class Kind:
    """One kind of file that is changed.

    Attributes:
        make: writes honest files into a folder.
        victim: pattern of the file that is changed.
        command: what reads it, given the folder; returns the exit code.
        good: names of pictures that have to be items of the index ``i`` when the command has ended well.
    """

    make: Callable[[Path], object]
    victim: str
    command: Callable[[Path], int]
    good: frozenset[str] = frozenset()


def picture(path: Path | io.BytesIO, colour: str, **options: object) -> None:
    """Write a simple picture."""
    image = Image.new("RGB", (64, 80), "white")
    ImageDraw.Draw(image).polygon([(10, 10), (50, 20), (40, 70)], fill=colour)
    image.save(path, **options)


def two_pictures(folder: Path) -> None:
    """Write a gallery of two good pictures without a manifest."""
    (folder / "g").mkdir(parents=True)
    for colour in ("red", "blue"):
        picture(folder / "g" / f"{colour}.png", colour)


def with_manifest(folder: Path) -> None:
    """Write a gallery of two good pictures and a manifest that names them."""
    two_pictures(folder)
    (folder / "g" / "metadata.csv").write_text("file,title,price\nred.png,red dress,9.99\nblue.png,blue dress,19.99\n")


def with_pack(folder: Path) -> None:
    """Write a gallery of two good pictures and a pack."""
    two_pictures(folder)
    with tarfile.open(folder / "g" / "pack.tar", "w") as pack:
        for colour in ("green", "black", "yellow"):
            stream = io.BytesIO()
            picture(stream, colour, format="JPEG")
            member = tarfile.TarInfo(f"{'long/' * 30}{colour}.jpg")
            member.size = stream.tell()
            stream.seek(0)
            pack.addfile(member, stream)


def with_index(folder: Path) -> None:
    """Write a gallery and its index."""
    with_manifest(folder)
    if index(folder):
        raise AssertionError("the honest gallery is not indexed")


def with_queries(folder: Path) -> None:
    """Write an index and queries."""
    with_index(folder)
    lines = [
        {"id": 1, "caption": "red dress"},
        {"id": "b", "sketch": str(folder / "g" / "red.png"), "sketch_weight": 0.4},
        {"id": 3, "caption": "blue", "where": "price<20", "like": "red.png"},
    ]
    (folder / "queries.jsonl").write_text("\n".join(json.dumps(line) for line in lines))


def with_encoder(folder: Path) -> None:
    """Write a gallery and an encoder."""
    shutil.copytree(ROOT / "checkpoints" / "air-sketch-mini", folder / "e")
    two_pictures(folder)


def with_journal(folder: Path) -> None:
    """Write the journal of a drawing that was lost."""
    from air_sketch.drawing.keeping.journal import Journal
    from air_sketch.drawing.sheet.document import Document

    journal = Journal(folder, (640, 480), lambda _: None)
    document = Document(journal.take)
    for start in (10.0, 60.0):
        document.begin_stroke((start, 50.0, 0.1), (10, 20, 30), 3.0)
        for step in range(30):
            document.extend_stroke((start + 3 * step, 60.0 + step, 0.2 + step / 30))
        document.end_stroke()
    journal.close(remove=False)


def with_calibration(folder: Path) -> None:
    """Write a calibration."""
    folder.mkdir()
    if sketching("calibrate", "anna", "--source", SAMPLES / "calibration.jsonl", "--folder", folder):
        raise AssertionError("no calibration")


def read_calibration(folder: Path) -> int:
    """Read a calibration as the commands do."""
    from air_sketch.drawing.keeping.calibrations import load_calibration
    from air_sketch.values.errors import AirSketchError

    try:
        load_calibration("anna", folder)
    except AirSketchError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def start_again(folder: Path) -> int:
    """Look for a lost drawing as the program's start does."""
    from air_sketch.drawing.keeping.recovery import find_lost_drawing

    find_lost_drawing(folder)
    return 0


def retrieval(*arguments: str | Path) -> int:
    """Run a command of the search half."""
    from retrieval.commands.parser import main

    return main(list(map(str, arguments)))


def sketching(*arguments: str | Path) -> int:
    """Run a command of the drawing half."""
    from bridge.program import main

    return main(list(map(str, arguments)))


def index(folder: Path, *options: str | Path) -> int:
    """Index the gallery."""
    return retrieval("index", "--images", folder / "g", "--out", folder / "i", *options)


def with_third(suffix: str) -> Callable[[Path], None]:
    """A picture of a format beside two good ones."""

    def make(folder: Path) -> None:
        two_pictures(folder)
        picture(folder / "g" / f"third.{suffix}", "green")

    return make


GOOD = frozenset({"red.png", "blue.png"})
KINDS = {
    "manifest": Kind(with_manifest, "g/metadata.csv", index),
    "pack": Kind(with_pack, "g/pack.tar", index, GOOD),
    **{
        f"picture .{suffix}": Kind(with_third(suffix), "g/third.*", index, GOOD)
        for suffix in ("jpg", "png", "webp", "gif", "tif", "bmp", "avif")
    },
    **{
        f"index {name}": Kind(
            with_index,
            f"i/{name}",
            lambda folder: retrieval("search", "--gallery", folder / "i", "--caption", "red", "--json"),
        )
        for name in ("index.json", "items-*", "offsets-*", "vectors-*", "pictures.jsonl")
    },
    "queries": Kind(
        with_queries,
        "queries.jsonl",
        lambda folder: retrieval("search", "--gallery", folder / "i", "--queries", folder / "queries.jsonl", "--json"),
    ),
    **{
        f"encoder {name}": Kind(with_encoder, f"e/{name}", lambda folder: index(folder, "--encoder", folder / "e"))
        for name in ("config.json", "model.safetensors", "tokenizer.json", "preprocessor_config.json", "fusion.json")
    },
    "recording": Kind(
        lambda folder: shutil.copytree(SAMPLES, folder, ignore=shutil.ignore_patterns("*.tar", "*.npz", "*.py")),
        "dress.jsonl",
        lambda folder: sketching("replay", folder / "dress.jsonl", "--json"),
    ),
    "calibration": Kind(
        with_calibration,
        "anna.json",
        read_calibration,
    ),
    "journal": Kind(with_journal, "*.jsonl", start_again),
}


@dataclass
class Answer:
    """What a command did: exit code (negative for a signal), stderr, its time, its memory (the parent's included)."""

    code: int
    text: str
    seconds: float
    peak_bytes: float

    @property
    def fault(self) -> str:
        """What is wrong with it, "" when nothing is."""
        faults = {
            f"exit {self.code}": self.code not in (0, 1),
            "traceback": "Traceback" in self.text,
            "no word": self.code == 1 and not self.text.strip(),
            "too much memory": self.peak_bytes > MOST_BYTES,
        }
        return ", ".join(name for name, is_so in faults.items() if is_so)


def in_a_process(work: Callable[[], int], told: Path | str) -> tuple[int, float]:
    """Run something in a process of its own, which begins with everything imported; return exit code and peak bytes."""
    if process := os.fork():
        _, status, usage = os.wait4(process, 0)
        return os.waitstatus_to_exitcode(status), usage.ru_maxrss * 1024.0
    code = CRASHED
    try:
        signal.alarm(MOST_S)
        for number, name in ((1, os.devnull), (2, str(told))):
            os.dup2(os.open(name, os.O_WRONLY | os.O_CREAT), number)
        code = work()
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


def answer(kind: Kind, folder: Path) -> Answer:
    """Run the command that reads a changed file."""

    def work() -> int:
        code = kind.command(folder)
        if code == 0 and kind.good:
            from retrieval.index.folder.store import load_index

            code = 0 if kind.good <= {item.item.id for item in load_index(folder / "i").items} else NOT_FOUND
        return code

    begin_s, told = time.monotonic(), folder / "stderr"
    code, peak_bytes = in_a_process(work, told)
    return Answer(code, told.read_text("utf-8", "replace"), time.monotonic() - begin_s, peak_bytes)


def main() -> int:
    """Try every kind in turns and write the report."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--count", type=int, default=1000, help="mutants in all (default 1000)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--kinds", nargs="*", default=list(KINDS), choices=list(KINDS))
    parser.add_argument("--keep", type=Path, help="folder for what failed")
    options = parser.parse_args()
    import torch
    import transformers  # noqa: F401

    from bridge import program  # noqa: F401
    from retrieval import Searcher  # noqa: F401

    torch.set_num_threads(1)
    rows: list[list[str]] = []
    with tempfile.TemporaryDirectory() as cache:
        os.environ["AIR_SKETCH_CACHE"] = cache
        for kind in options.kinds:
            rows.append(try_kind(kind, options.count // len(options.kinds), options.seed, options.keep))
            print("  ".join(rows[-1]), flush=True)
    head = ["changed", "mutants", "answered", "refused in words", "longest", "most memory", "faults"]
    REPORT.write_text(REPORT_TEXT.format(machine=machine(), table=table(head, rows)))
    return int(any(row[-1] != "0" for row in rows))


def try_kind(name: str, count: int, seed: int, keep: Path | None) -> list[str]:
    """Try mutants of one kind of file; return a row of the table."""
    rng, kind = random.Random(f"{name} {seed}"), KINDS[name]
    answers: list[Answer] = []
    with tempfile.TemporaryDirectory() as place:
        honest, folder = Path(place, "honest"), Path(place, "tried")

        def make() -> int:
            kind.make(folder)
            return 0

        if in_a_process(make, os.devnull)[0]:
            raise AssertionError(f"{name}: the honest files cannot be made")
        folder.rename(honest)  # and back for each try: an index knows where its pictures lie
        for number in range(count):
            shutil.copytree(honest, folder)
            victim = next(folder.glob(kind.victim))
            data = changed(victim.read_bytes(), rng) if number else victim.read_bytes()
            victim.write_bytes(data)
            answers.append(done := answer(kind, folder))
            if done.fault:
                print(f"{name} {number}: {done.fault} {done.text[-1500:]}", flush=True)
                if keep:
                    shutil.copytree(folder, keep / f"{name} {number}".replace("*", ""), dirs_exist_ok=True)
            shutil.rmtree(folder)
    refused = sum(done.code == 1 for done in answers)
    longest, peak = max(done.seconds for done in answers), max(done.peak_bytes for done in answers)
    faults = sum(bool(done.fault) for done in answers)
    counts = f"{count}", f"{sum(done.code == 0 for done in answers)}", f"{refused}"
    return [f"`{name}`", *counts, f"{longest:.1f} s", f"{peak / 1e9:.2f} GB", f"{faults}"]


if __name__ == "__main__":
    sys.exit(main())
