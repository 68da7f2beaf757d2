"""Carries data that lies beside the packages into the wheel; everything else stands in pyproject.toml.

``shipped`` in each package's ``files.py`` finds it again, here and there.
"""

from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

SHIPPED = {
    "air_sketch": ("calibration/default.json", "samples/*.jsonl"),
    "retrieval": ("checkpoints/air-sketch-mini/*", "samples/demo-*"),
}
"""Package -> what lands in its folder ``shipped``, as patterns from the repository's top."""


class BuildWithShippedData(build_py):
    """Copies the shipped data while packages are built."""

    def run(self) -> None:
        """Copy the packages, then the data; an editable install finds the data where it lies."""
        super().run()
        if not self.editable_mode:
            for package, source in shipped_files():
                target = Path(self.build_lib, package, "shipped", source)
                self.mkpath(str(target.parent))
                self.copy_file(str(source), str(target))

    def get_source_files(self) -> list[str]:
        """Name the data among the sources, so that a source distribution holds it."""
        return [*super().get_source_files(), *(str(source) for _, source in shipped_files())]


def shipped_files() -> list[tuple[str, Path]]:
    """Each package with each of its shipped files.

    Raises:
        FileNotFoundError: if a pattern fits none; a wheel without the encoder helps nobody.
    """
    found = []
    for package, patterns in SHIPPED.items():
        for pattern in patterns:
            files = sorted(Path().glob(pattern))
            if not files:
                raise FileNotFoundError(f"{pattern}: no such file. Build from a whole checkout.")
            found += [(package, file) for file in files]
    return found


setup(cmdclass={"build_py": BuildWithShippedData})
