"""Packaging: every version stands in one place, and an installed wheel finds all that a checkout has."""

import importlib
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

tomllib = importlib.import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")  # pytest brings tomli to 3.10

REPOSITORY = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
EXTRAS = PROJECT["project"]["optional-dependencies"]
PACKAGES = ("air_sketch", "retrieval", "bridge")
BUILT_FROM = ("pyproject.toml", "setup.py", "requirements.txt", "README.md", "LICENSE", "NOTICE")
DATA = {
    "retrieval/words/": "retrieval/words/*.tsv",
    "retrieval/encoder/tagging/": "retrieval/encoder/tagging/*.tsv",
    "air_sketch/shipped/calibration/": "calibration/default.json",
    "air_sketch/shipped/samples/": "samples/*.jsonl",
    "retrieval/shipped/checkpoints/air-sketch-mini/": "checkpoints/air-sketch-mini/*",
    "retrieval/shipped/samples/": "samples/demo-*",
    "air_sketch/fonts/": "air_sketch/fonts/*",
}


def lines_of(name):
    """The lines of a requirements file that are no comments."""
    text = (REPOSITORY / name).read_text(encoding="utf-8")
    return [line for line in (line.partition("#")[0].strip() for line in text.splitlines()) if line]


def pins_of(lines):
    return dict(re.match(r"([\w.-]+)(?:\[\w+\])?==([^;\s]+)", line).groups() for line in lines)


def test_every_version_stands_in_one_file_and_is_exact():
    needed = pins_of(lines_of("requirements.txt"))
    seen = {}
    for extra, lines in EXTRAS.items():
        pins = pins_of(lines)
        assert not set(pins) & set(needed), f"{extra} repeats requirements.txt"
        assert all(seen.setdefault(name, version) == version for name, version in pins.items())


def test_every_other_requirements_file_only_names_an_extra():
    others = sorted(path.name for path in REPOSITORY.glob("requirements-*.txt"))
    names = ("dev", "engines", "open-clip", "ray", "tags")
    assert others == [f"requirements-{name}.txt" for name in names]
    assert sorted(line for name in others for line in lines_of(name)) == sorted(f"-e .[{extra}]" for extra in EXTRAS)


@pytest.mark.parametrize("command", ["air-sketch", "air-sketch-gallery"])
def test_every_command_is_a_function_that_gives_an_exit_code(command, capsys):
    module, _, name = PROJECT["project"]["scripts"][command].partition(":")
    with pytest.raises(SystemExit) as caught:
        getattr(importlib.import_module(module), name)(["--help"])
    assert caught.value.code == 0 and "usage: " in capsys.readouterr().out


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """A wheel built from a copy, so that nothing is left in the checkout; a person's own things lie there, too."""
    source, target = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for name in (*PACKAGES, "checkpoints", "calibration", "samples"):
        shutil.copytree(REPOSITORY / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in BUILT_FROM:
        shutil.copy(REPOSITORY / name, source)
    (source / "calibration" / "anna.json").write_text("{}")
    (source / "checkpoints" / "hand_landmarker.task").write_text("")
    build = "import sys; from setuptools import build_meta; build_meta.build_wheel(sys.argv[1])"
    done = subprocess.run(
        [sys.executable, "-c", build, str(target)], cwd=source, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    (built,) = target.glob("air_sketch-*.whl")
    return built


def test_the_wheel_holds_the_packages_their_data_and_nothing_else(wheel):
    names = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    code = {
        path.relative_to(REPOSITORY).as_posix() for package in PACKAGES for path in (REPOSITORY / package).rglob("*.py")
    }
    data = {f"{package}/py.typed" for package in PACKAGES}
    data |= {place + path.name for place, files in DATA.items() for path in REPOSITORY.glob(files) if path.is_file()}
    assert names == code | data


def test_the_wheel_asks_for_what_requirements_txt_lists_and_carries_the_licences(wheel):
    with zipfile.ZipFile(wheel) as archive:
        inside = {name.partition(".dist-info/")[2]: name for name in archive.namelist() if ".dist-info/" in name}
        metadata = archive.read(inside["METADATA"]).decode().splitlines()
    wanted = [line.partition(": ")[2] for line in metadata if line.startswith("Requires-Dist: ")]
    assert [line for line in wanted if "extra ==" not in line] == lines_of("requirements.txt")
    assert "License-Expression: Apache-2.0" in metadata
    fonts = {f"licenses/air_sketch/fonts/LICENSE-{name}.txt" for name in ("AirSketchHangul", "DejaVu", "Inter")}
    assert {"licenses/LICENSE", "licenses/NOTICE", *fonts} <= set(inside)


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """A function that runs the installed program from an empty folder, and the home it runs in."""
    site, home, folder = (tmp_path_factory.mktemp(name) for name in ("site", "home", "elsewhere"))
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    before = sorted(site.rglob("*"))
    places = {"XDG_CONFIG_HOME": "settings", "WIN_PD_OVERRIDE_APPDATA": "settings", "AIR_SKETCH_CACHE": "cache"}
    environment = {
        **os.environ, **{name: str(home / place) for name, place in places.items()},
        "HOME": str(home), "PYTHONPATH": str(site), "PYTHONDONTWRITEBYTECODE": "1",
    }  # fmt: skip

    def run(*arguments):
        code = "import sys; from bridge.program import main; sys.exit(main())"
        return subprocess.run(
            [sys.executable, "-c", code, *arguments],
            cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip

    yield run, home
    assert sorted(site.rglob("*")) == before, "an installed program writes nothing beside its code"


def test_an_installed_program_replays_a_shipped_recording_by_name(installed):
    run, _ = installed
    done = run("replay", "sample:dress", "--json")
    assert done.returncode == 0, done.stderr
    assert len(json.loads(done.stdout)["strokes"]) == 5


def test_an_installed_program_finds_all_its_data(installed):
    run, _ = installed
    findings = {finding["name"]: finding for finding in json.loads(run("doctor", "--json").stdout)["findings"]}
    for name in ("packages", "hand model", "folders", "encoder"):
        assert findings[name]["health"] == "ok", findings[name]
    assert findings["packages"]["detail"] == f"all {len(lines_of('requirements.txt'))} are installed"


def test_an_installed_program_keeps_calibrations_with_its_person(installed):
    run, home = installed
    done = run("calibrate", "anna", "--source", "sample:calibration")
    assert done.returncode == 0, done.stderr
    written = home / "settings" / "air-sketch" / "calibration" / "anna.json"
    assert done.stdout.splitlines()[-2:] == [f"saved {written}", "Use it: air-sketch --calibration anna"]
    assert run("replay", "sample:tshirt", "--calibration", "anna").returncode == 0
    assert "Known: anna, default." in run("replay", "sample:tshirt", "--calibration", "bob").stderr


def test_help_of_an_installed_program_names_its_command(installed):
    run, _ = installed
    assert "example: air-sketch replay sample:tshirt" in run("replay", "--help").stdout
