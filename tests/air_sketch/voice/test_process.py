"""A recogniser in another process: words come back, errors come back, and a death is survived."""

import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from air_sketch.values.datatypes import Transcript
from air_sketch.values.errors import SpeechError
from air_sketch.voice.process import RecognizerProcess

SPEECH = np.ones(10, np.float32)
ROOT = Path(__file__).parents[3]


class Told:
    """Answers with its own process and what it was given; dies, raises or waits on demand."""

    def __init__(self, marks):
        self.marks = marks

    def transcribe(self, speech):
        if (self.marks / "die").exists():
            (self.marks / "die").unlink()
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(10)
        if (self.marks / "raise").exists():
            raise SpeechError("out of words", "Say it again.")
        return Transcript(f"{os.getpid()} {len(speech)}", 0.5)


def told(marks, broken=None):
    if broken is not None:
        raise broken
    return Told(marks)


@pytest.fixture
def recognizer(tmp_path):
    process = RecognizerProcess(partial(told, tmp_path))
    yield process
    process.close()


def test_words_come_from_another_process(recognizer):
    first, again = recognizer.transcribe(SPEECH), recognizer.transcribe(SPEECH)
    pid, *lengths = first.text.split()
    assert int(pid) != os.getpid() and lengths == ["10"] and again == first


def test_an_error_is_told_and_the_next_caption_is_heard(recognizer, tmp_path):
    (tmp_path / "raise").touch()
    with pytest.raises(SpeechError, match="out of words"):
        recognizer.transcribe(SPEECH)
    (tmp_path / "raise").unlink()
    assert recognizer.transcribe(SPEECH).text


def test_a_process_that_died_is_told_once_and_started_again(recognizer, tmp_path):
    pid = recognizer.transcribe(SPEECH).text.split()[0]
    (tmp_path / "die").touch()
    with pytest.raises(SpeechError, match="V starts it again"):
        recognizer.transcribe(SPEECH)
    assert recognizer.transcribe(SPEECH).text.split()[0] != pid


@pytest.mark.parametrize("error", [SpeechError("no model", "Install it."), RuntimeError("broken\nin two lines")])
def test_a_recogniser_that_cannot_start_is_one_line(tmp_path, error):
    with pytest.raises(SpeechError) as raised:
        RecognizerProcess(partial(told, tmp_path, error))
    assert str(error).splitlines()[0] in str(raised.value) and "\n" not in str(raised.value)


@pytest.mark.skipif(sys.platform == "win32", reason="kill -9")
def test_it_ends_with_the_process_that_started_it(tmp_path):
    code = (
        "import sys, time\nfrom functools import partial\nfrom pathlib import Path\n"
        "from air_sketch.voice.process import RecognizerProcess\n"
        "from tests.air_sketch.voice.test_process import SPEECH, told\n"
        "if __name__ == '__main__':\n"
        "    print(RecognizerProcess(partial(told, Path('.'))).transcribe(SPEECH).text, flush=True)\n"
        "    time.sleep(60)\n"
    )
    script = tmp_path / "owner.py"
    script.write_text(code)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, text=True, env=environment) as owner:
        pid = int(owner.stdout.readline().split()[0])
        os.kill(pid, 0)
        owner.kill()
    end_s = time.monotonic() + 10
    while Path(f"/proc/{pid}").exists() and "Z" not in Path(f"/proc/{pid}/stat").read_text().split()[2]:
        assert time.monotonic() < end_s, "it goes on"
        time.sleep(0.05)
