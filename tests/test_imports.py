"""Imports inside each package run one way, and each third-party package stays in its rooms."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]

# From the bottom up; a module may import from its own layer (without cycles) and from layers before it.
# "name*" stands for every module that starts so. Cores are pure: no file, camera, screen, clock or network.
LAYERS: Mapping[str, Sequence[tuple[str, tuple[str, ...]]]] = {
    "retrieval": (
        ("values", ("datatypes", "errors", "ports", "inks", "colours")),
        (
            "pure core",
            (
                *("preprocessing", "edges", "line_variants", "captions", "metrics", "augmentation"),
                *("numbers", "filters", "columns", "near_duplicates", "ranking"),
                *("fashion_words", "spoken_captions"),
                *("model", "model.fusion", "model.losses", "model.fused", "model.devices", "model.fine_tuning"),
                *("index_choice", "index_report"),
            ),
        ),
        (
            "edges",
            (
                *("files", "cache", "pictures", "catalog", "store", "indexes", "indexes.*", "pairs", "kind_sketches"),
                *("picture_files", "listing", "packs", "checksums", "item_rows", "index_journal", "known_rows"),
                *("picture_encoding", "ray_encoding", "adb", "phone"),
                *("people_drawings", "demo_gallery", "demo_gallery.*", "synthetic_pairs"),
                *("gallery_captions", "vocabulary", "model.vision", "model.small", "checkpoints"),
                *("encoders", "queries"),
                *("training_data", "training_loss", "training_options", "training_targets", "training_wishes"),
                *("training_fusion", "training_labels", "quick_validation", "curves", "health"),
            ),
        ),
        (
            "assembly",
            (
                "indexer",
                "index_saving",
                "gallery",
                "searcher",
                "builder",
                "trainer",
                "evaluator",
                "evaluation",
                "evaluation.*",
            ),
        ),
        (
            "commands",
            ("commands", "index_command", "search_command", "progress_line", "command_line", "__main__", ""),
        ),
    ),
    "air_sketch": (
        ("values", ("", "datatypes", "errors", "ports", "step_result", "findings")),
        (
            "pure core",
            (
                *("filters", "hand_geometry", "gestures", "debounce", "calibration", "strokes", "document", "tools"),
                *("session", "keys", "config", "operations", "pens", "hand_lock", "slips"),
                *("calibration_versions", "calibration_phases"),
                *("calibration_bands", "calibration_motion", "calibration_fit", "calibration_guide"),
                "calibration_sitting",
            ),
        ),
        (
            "edges",
            (
                *("camera", "webcam", "video_file", "hand_model", "native_noise", "tracker", "recording", "rendering"),
                *("ink_sheet", "still_views"),
                *("camera_clock", "low_light", "file_lock", "journal", "recovery"),
                *("storage", "pictures", "text", "background", "window", "panel", "screen", "screen_*", "voice*"),
                *("folders", "calibration_store", "calibration_icons", "calibration_panel", "calibration_screen"),
                *("doctor_packages", "doctor_camera"),
            ),
        ),
        (
            "assembly",
            (
                *("app", "replay", "commands", "command_line", "command_line_upkeep", "doctor"),
                *("command_line_voice", "transcribe_command"),
                *("calibration_source", "calibration_window", "calibration_command"),
            ),
        ),
    ),
    "main": (("main", ("",)),),
}

# Third-party package -> the only modules that may import it.
ROOMS: Mapping[str, tuple[str, ...]] = {
    "mediapipe": ("air_sketch.tracker",),
    "faiss": ("retrieval.indexes.*",),
    "pymilvus": ("retrieval.indexes.milvus",),
    "ray": ("retrieval.ray_encoding",),
    "torch": (
        *("air_sketch.voice_whisper", "retrieval.model.*", "retrieval.checkpoints", "retrieval.encoders"),
        *("retrieval.trainer", "retrieval.training_*", "retrieval.quick_validation"),
    ),
    "pocketsphinx": ("air_sketch.voice_sphinx",),
    "onnxruntime": ("air_sketch.voice_moonshine",),
    "pyrnnoise": ("air_sketch.voice_rnnoise",),
    "sounddevice": ("air_sketch.voice_microphone",),
    "transformers": (
        "air_sketch.voice_whisper",
        "retrieval.model.*",
        "retrieval.checkpoints",
        "retrieval.vocabulary",
        "retrieval.training_labels",
    ),
    "safetensors": ("retrieval.checkpoints",),
    "tokenizers": ("retrieval.vocabulary",),
    "PIL": ("retrieval.pictures", "retrieval.evaluation.sheets", "air_sketch.text", "air_sketch.screen_fonts"),
    "numpy": ("retrieval.*", "air_sketch.*"),
    "cv2": (
        *("retrieval.preprocessing", "retrieval.edges", "retrieval.augmentation", "retrieval.kind_sketches"),
        *("retrieval.builder", "retrieval.synthetic_pairs", "retrieval.demo_gallery.*"),
        *("retrieval.curves", "retrieval.evaluation.baselines"),
        *("air_sketch.rendering", "air_sketch.ink_sheet", "air_sketch.pictures", "air_sketch.storage"),
        *("air_sketch.text", "air_sketch.tracker", "air_sketch.still_views"),
        *("air_sketch.video_file", "air_sketch.webcam", "air_sketch.window", "air_sketch.panel"),
        *("air_sketch.screen", "air_sketch.screen_*", "air_sketch.calibration_screen"),
        *("air_sketch.calibration_panel", "air_sketch.calibration_icons", "air_sketch.camera_clock"),
        "air_sketch.low_light",
    ),
}

Arrow = tuple[str, str]


@lru_cache(maxsize=1)
def modules_in(root: Path) -> dict[str, ast.Module]:
    """Dotted module name -> syntax tree of everything that ships."""
    files = [*root.glob("air_sketch/**/*.py"), *root.glob("retrieval/**/*.py"), root / "main.py"]
    return {
        dotted(path.relative_to(root)): ast.parse(path.read_text(encoding="utf-8")) for path in files if path.is_file()
    }


def dotted(path: Path) -> str:
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def is_for_types_only(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def import_nodes(node: ast.AST, top_level_only: bool) -> Iterable[ast.Import | ast.ImportFrom]:
    """Imports that run: all of them, or only those that run when the module is loaded."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import | ast.ImportFrom):
            yield child
        elif is_for_types_only(child):
            for other in child.orelse:  # type: ignore[attr-defined]
                yield from import_nodes(other, top_level_only)
        elif not (top_level_only and isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)):
            yield from import_nodes(child, top_level_only)


def imported(module: str, tree: ast.Module, modules: Iterable[str], top_level_only: bool = False) -> set[str]:
    """Names of modules that a module imports; of ours the very module, of others as written."""
    known = set(modules)
    found = set()
    for node in import_nodes(tree, top_level_only):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
            continue
        assert node.level == 0, f"{module} imports relatively, line {node.lineno}: name the package"
        for alias in node.names:
            inner = f"{node.module}.{alias.name}"
            found.add(inner if inner in known else str(node.module))
    return found - {module}


def matches(name: str, patterns: Iterable[str]) -> bool:
    return any(name == p or (p.endswith("*") and name.startswith(p[:-1])) for p in patterns)


def layer_of(module: str) -> tuple[int, str] | None:
    package, _, rest = module.partition(".")
    for number, (name, patterns) in enumerate(LAYERS[package]):
        if rest in patterns:
            return number, name
    for number, (name, patterns) in enumerate(LAYERS[package]):
        if matches(rest, patterns):
            return number, name
    return None


def faults_in(modules: Mapping[str, ast.Module]) -> list[str]:
    """Everything that breaks the rules, each as one line."""
    faults = []
    for module, tree in sorted(modules.items()):
        package = module.partition(".")[0]
        layer = layer_of(module)
        if layer is None:
            faults.append(f"{module} is in no layer: add it to LAYERS in {Path(__file__).name}")
            continue
        for name in sorted(imported(module, tree, modules)):
            other = name.partition(".")[0]
            if other in LAYERS and other != package:
                if package != "main":
                    faults.append(f"{module} -> {name}: the packages never import each other")
            elif name in modules:
                target = layer_of(name)
                if target is not None and target[0] > layer[0]:
                    faults.append(f"{module} ({layer[1]}) -> {name} ({target[1]}): runs upward")
            elif other in ROOMS:
                if not matches(module, ROOMS[other]):
                    faults.append(f"{module} -> {other}: outside its rooms {', '.join(ROOMS[other])}")
            elif other not in sys.stdlib_module_names and other not in LAYERS:
                faults.append(f"{module} -> {other}: a third-party package without a room")
    arrows = {
        (module, name)
        for module, tree in modules.items()
        for name in imported(module, tree, modules, top_level_only=True)
        if name in modules
    }
    return faults + [f"cycle: {' -> '.join(cycle)}" for cycle in cycles_in(arrows)]


def cycles_in(arrows: set[Arrow]) -> list[list[str]]:
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


def test_imports_run_one_way_and_packages_stay_in_their_rooms() -> None:
    faults = faults_in(modules_in(REPOSITORY))
    assert not faults, "\n".join(faults)


def test_the_walk_sees_the_whole_program() -> None:
    modules = modules_in(REPOSITORY)
    assert {"main", "air_sketch.session", "retrieval", "retrieval.model.fusion", "retrieval.demo_gallery.items"} <= set(
        modules
    )
    assert "retrieval.searcher" in imported("main", ast.parse("from retrieval import searcher"), modules)


BAD: dict[str, tuple[dict[str, str], str]] = {
    "upward": (
        {"retrieval.edges": "from retrieval.catalog import Catalog"},
        "retrieval.edges (pure core) -> retrieval.catalog (edges): runs upward",
    ),
    "upward inside a function": (
        {"retrieval.catalog": "def f():\n    from retrieval import searcher"},
        "retrieval.catalog (edges) -> retrieval.searcher (assembly): runs upward",
    ),
    "across": (
        {"retrieval.catalog": "import air_sketch.session"},
        "retrieval.catalog -> air_sketch.session: the packages never import each other",
    ),
    "across, the other way": (
        {"air_sketch.session": "from retrieval import Searcher"},
        "air_sketch.session -> retrieval: the packages never import each other",
    ),
    "torch in the core": ({"retrieval.metrics": "import torch.nn"}, "retrieval.metrics -> torch: outside its rooms"),
    "mediapipe in the session": (
        {"air_sketch.session": "from mediapipe.tasks import python"},
        "air_sketch.session -> mediapipe: outside its rooms",
    ),
    "an unknown package": (
        {"retrieval.store": "import pandas as pd"},
        "retrieval.store -> pandas: a third-party package without a room",
    ),
    "an unknown module": ({"retrieval.utils": ""}, "retrieval.utils is in no layer"),
    "a cycle": (
        {"retrieval.files": "from retrieval import cache", "retrieval.cache": "from retrieval.files import x"},
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
        "retrieval.files": ast.parse("if TYPE_CHECKING:\n    from retrieval.cache import x\nelse:\n    import json"),
        "retrieval.cache": ast.parse("from retrieval.files import x\ndef f():\n    import retrieval.files"),
    }
    assert not [fault for fault in faults_in(modules) if "retrieval.cache" in fault or "retrieval.files" in fault]
