"""Where files lie."""

import os

import pytest
from platformdirs.macos import MacOS
from platformdirs.unix import Unix
from platformdirs.windows import Windows

from retrieval.files import CACHE_VARIABLE, cache_folder


@pytest.mark.parametrize("platform", [Unix, MacOS, Windows])
@pytest.mark.parametrize("variables", [{}, {CACHE_VARIABLE: "~/x"}, {"XDG_CACHE_HOME": "/c"}, {"LOCALAPPDATA": "/l"}])
def test_what_can_be_made_again_lies_in_one_folder_that_can_be_moved(platform, variables, monkeypatch, tmp_path):
    monkeypatch.setattr("platformdirs.PlatformDirs", platform)
    monkeypatch.setattr("platformdirs.windows.get_win_folder", lambda _: os.environ.get("LOCALAPPDATA", "/own"))
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in (CACHE_VARIABLE, "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert (cache_folder() == tmp_path / "x") == (CACHE_VARIABLE in variables)
