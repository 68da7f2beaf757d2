"""Carries data that lies beside the packages into the wheel; everything else stands in pyproject.toml.

``shipped`` in each package's ``files.py`` finds it again, here and there.
"""

from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

SHIPPED = (
    ("air_sketch", "calibration/default.json"),
    ("air_sketch", "samples/*.jsonl"),
    ("retrieval", "checkpoints/air-sketch-mini/*"),
    ("retrieval", "samples/demo-*"),
)
"""Packages, and what lands in their folders ``shipped``, as patterns from the repository's top."""


class BuildWithShippedData(build_py):
    """Copies the shipped data while packages are built."""

    def run(self) -> None:
        """Copy the packages, then the data; an editable install finds the data where it lies."""
        super().run()
        if not self.editable_mode:
            for package, pattern in SHIPPED:
                sources = sorted(Path().glob(pattern))
                if not sources:  # a wheel without the encoder helps nobody
                    raise FileNotFoundError(f"{pattern}: no such file. Build from a whole checkout.")
                for source in sources:
                    target = Path(self.build_lib, package, "shipped", source)
                    self.mkpath(str(target.parent))
                    self.copy_file(str(source), str(target))


setup(cmdclass={"build_py": BuildWithShippedData})
