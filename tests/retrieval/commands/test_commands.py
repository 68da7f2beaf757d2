from __future__ import annotations

import io
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from retrieval.commands.parser import build_parser, main
from retrieval.commands.progress import progress_bar
from tests.retrieval.making import (
    REPOSITORY,
    pen_drawing,
    product_photo,
    run_retrieval,
    save_picture,
    write_gallery,
    write_manifest,
)

COMMANDS = (
    (),
    ("search",),
    ("index",),
    ("dataset",),
    ("dataset", "build"),
    ("train",),
    ("evaluate",),
    ("confidence",),
)
HEAVY = ("torch", "transformers", "faiss", "cv2", "numpy", "PIL", "safetensors", "tokenizers")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_gallery(tmp_path_factory.mktemp("shop") / "gallery", 10)


@pytest.fixture(scope="module")
def index_dir(shop: Path, encoder_folder: Path) -> Path:
    out = shop.parent / "index"
    assert main(["index", "--images", str(shop), "--out", str(out), "--encoder", str(encoder_folder)]) == 0
    return out


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of a command, in this process."""
    capsys.readouterr()
    try:
        code = main([str(argument) for argument in arguments])
    except SystemExit as error:
        code = int(error.code or 0)
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def assert_error(result: tuple[int, str, str], *said: str) -> None:
    code, out, err = result
    assert code == 1
    assert out == ""
    last = err.rstrip("\n").split("\n")[-1]
    assert last.startswith("error: ")
    assert err.count("error: ") == 1
    assert "Traceback" not in err
    assert all(words in last for words in said), last


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_has_help_with_an_example(command: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, *command, "--help")
    assert code == 0
    assert f"example: python -m retrieval {' '.join(command)}".rstrip() in out
    assert "%%" not in out
    if command not in {(), ("dataset",)}:
        assert "--json" in out


def test_every_example_parses() -> None:
    def examples(parser: object) -> list[str]:
        found = [getattr(parser, "epilog", "")]
        for action in parser._actions:  # type: ignore[attr-defined]
            if isinstance(action.choices, dict):
                for child in action.choices.values():
                    found += examples(child)
        return found

    lines = [line for line in examples(build_parser()) if line]
    assert len(lines) == len(COMMANDS)
    import shlex

    for line in lines:
        words = shlex.split(line.removeprefix("example: python -m retrieval "))
        assert build_parser().parse_args(words).run


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys; from retrieval.commands.parser import main\n"
        "try: main(['search', '--help'])\n"
        "except SystemExit: pass\n"
        f"print(sorted(set({HEAVY!r}) & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("fly",),
        ("search", "--k", "0"),
        ("search", "--k", "many"),
        ("search", "--sketch-weight", "1.2"),
        ("search", "--sketch-weight", "nan"),
        ("search", "--fusion", "sum"),
        ("search", "--unknown"),
        ("index", "--images", "x"),
        ("dataset",),
        ("dataset", "build"),
        ("dataset", "build", "--out", "x", "--size", "50"),
        ("train", "--data", "x", "--out", "y", "--workers", "-1"),
        ("train", "--data", "x", "--out", "y", "--learning-rate", "0"),
        ("train", "--data", "x", "--out", "y", "--learning-rate", "inf"),
        ("train", "--data", "x", "--out", "y", "--steps", "0"),
        ("evaluate",),
    ],
    ids=" ".join,
)
def test_wrong_usage_exits_with_two(arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, *arguments)
    assert (code, out) == (2, "")
    assert "usage:" in err


def test_known_errors_exit_with_one_and_one_line(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, shop: Path, encoder_folder: Path, index_dir: Path
) -> None:
    (tmp_path / "file").write_text("x")
    (tmp_path / "empty").mkdir()
    own = ("--encoder", encoder_folder)
    assert_error(run(capsys, "search"), "query is empty")
    assert_error(run(capsys, "search", "--caption", "  "), "query is empty")
    assert_error(run(capsys, "search", "--gallery", index_dir, "--sketch", tmp_path / "none.png"), "not there")
    assert_error(run(capsys, "search", "--gallery", index_dir, "--sketch", tmp_path / "file"), "picture")
    assert_error(run(capsys, "search", "--gallery", tmp_path / "none", "--caption", "x", *own), "not a folder")
    assert_error(run(capsys, "search", "--gallery", shop, "--caption", "x", "--encoder", "none"), "Encoder none")
    assert_error(run(capsys, "search", "--queries", tmp_path / "none.jsonl"), "cannot be read")
    assert_error(run(capsys, "index", "--images", tmp_path / "empty", "--out", tmp_path / "i", *own), "is empty")
    assert_error(run(capsys, "index", "--images", shop, "--out", tmp_path / "file" / "i", *own), "cannot be written")
    missing = tmp_path / "none.csv"
    assert_error(
        run(capsys, "index", "--images", shop, "--metadata", missing, "--out", tmp_path / "i", *own), "not there"
    )
    assert_error(run(capsys, "dataset", "build", "--out", tmp_path / "d"), "Nothing to build")
    assert_error(run(capsys, "dataset", "build", "--images", tmp_path / "empty", "--out", tmp_path / "d"), "is empty")
    out = tmp_path / "file" / "d"
    assert_error(run(capsys, "dataset", "build", "--images", shop, "--out", out), "photos")
    assert_error(run(capsys, "train", "--data", tmp_path, "--out", tmp_path / "t"), "dataset build")
    assert_error(run(capsys, "evaluate", "--data", shop, "--split", "none", *own), "split 'none'")
    assert_error(run(capsys, "evaluate", "--data", tmp_path / "none", *own), "not a folder")


def test_an_unexpected_disk_error_is_one_line_too(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("retrieval.commands.search.run_search", full)
    assert_error(run(capsys, "search"), "No space left on device")


def test_search_answers_in_the_contracts_form(
    capsys: pytest.CaptureFixture[str], index_dir: Path, tmp_path: Path
) -> None:
    sketch = save_picture(tmp_path / "bag.png", pen_drawing("bag"))
    code, out, _ = run(
        capsys, "search", "--gallery", index_dir, "--sketch", sketch, "--caption", "red bag", "--k", 4, "--json"
    )
    assert code == 0
    hits = json.loads(out)["hits"]
    assert [hit["rank"] for hit in hits] == [1, 2, 3, 4]
    assert [hit["score"] for hit in hits] == sorted((hit["score"] for hit in hits), reverse=True)
    assert set(hits[0]) >= {"rank", "score", "image", "title", "url", "id", "file", "price", "baseColour"}
    assert Path(hits[0]["image"]).is_file()
    code, out, _ = run(capsys, "search", "--gallery", index_dir, "--caption", "red bag", "--k", 3)
    assert code == 0
    assert len(out.splitlines()) == 3
    assert "number" in out


def test_the_slider_and_the_fusion_reach_the_search(
    capsys: pytest.CaptureFixture[str], index_dir: Path, tmp_path: Path
) -> None:
    sketch = save_picture(tmp_path / "bag.png", pen_drawing("bag"))

    def scores(*arguments: object) -> list[float]:
        _, out, _ = run(capsys, "search", "--gallery", index_dir, "--json", *arguments)
        return [hit["score"] for hit in json.loads(out)["hits"]]

    both = ("--sketch", sketch, "--caption", "blue shirt")
    assert scores(*both, "--sketch-weight", 0) == pytest.approx(scores("--caption", "blue shirt"), abs=1e-4)
    assert scores(*both, "--sketch-weight", 1) == pytest.approx(scores("--sketch", sketch), abs=1e-4)
    assert scores(*both, "--fusion", "average") != scores(*both, "--fusion", "concat")


def test_columns_of_the_manifest_never_hide_the_contracts_own(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, encoder_folder: Path
) -> None:
    save_picture(tmp_path / "g" / "a.png", product_photo())
    write_manifest(
        tmp_path / "g", [{"file": "a.png", "title": "A", "rank": "99", "score": "x", "image": "y", "size": "L"}]
    )
    _, out, _ = run(
        capsys, "search", "--gallery", tmp_path / "g", "--encoder", encoder_folder, "--caption", "x", "--json"
    )
    (hit,) = json.loads(out)["hits"]
    assert (hit["rank"], hit["image"], hit["size"]) == (1, str(tmp_path / "g" / "a.png"), "L")
    assert isinstance(hit["score"], float)


def test_many_queries_are_answered_line_by_line_and_a_bad_one_stops_none(
    capsys: pytest.CaptureFixture[str], index_dir: Path, tmp_path: Path
) -> None:
    save_picture(tmp_path / "q" / "bag.png", pen_drawing("bag"))
    queries = [
        {"id": 1, "sketch": "bag.png", "caption": "red"},
        {"id": "two", "sketch": None, "caption": "a \u2028 dress"},
        {"id": 3},
        {"id": 4, "sketch": "none.png"},
        {"id": 5, "sketch": 7, "caption": "x"},
        {"id": 6, "caption": ["x"]},
        {"caption": "\ube68\uac04", "sketch": ""},
    ]
    lines = [json.dumps(query, ensure_ascii=False) for query in queries]
    (tmp_path / "q" / "all.jsonl").write_text("\ufeff" + "\n\n".join(lines) + "\n", encoding="utf-8")
    code, out, err = run(capsys, "search", "--gallery", index_dir, "--queries", tmp_path / "q" / "all.jsonl", "--k", 2)
    assert code == 0
    answers = [json.loads(line) for line in out.splitlines()]
    assert [answer["id"] for answer in answers] == [1, "two", 3, 4, 5, 6, None]
    assert [len(answer["hits"]) for answer in answers] == [2, 2, 0, 0, 0, 0, 2]
    assert ["error" in answer for answer in answers] == [False, False, True, True, True, True, False]
    assert err.count("error: query") == 4
    assert "Traceback" not in err


def test_a_file_of_queries_that_cannot_be_read_is_told_before_anything_is_loaded(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    for queries in (tmp_path, tmp_path / "no.jsonl"):
        assert_error(run(capsys, "search", "--gallery", tmp_path / "none", "--queries", queries), "cannot be read")


def test_index_reports_what_it_did(capsys: pytest.CaptureFixture[str], tmp_path: Path, encoder_folder: Path) -> None:
    folder = write_gallery(tmp_path / "g", 5)
    (folder / "003.png").write_bytes(b"x")
    arguments = ("index", "--images", folder, "--out", tmp_path / "i", "--encoder", encoder_folder)
    code, out, err = run(capsys, *arguments, "--json")
    record = json.loads(out)
    assert code == 0
    assert (record["count"], record["encoded"], record["kept"], record["removed"]) == (4, 4, 0, 0)
    assert [entry["file"] for entry in record["unreadable"]] == ["003.png"]
    assert "Indexing pictures" in err
    code, out, _ = run(capsys, *arguments)
    assert "4 items, 0 encoded, 4 unchanged, 0 removed" in out
    assert "left out" in out


def test_titles_that_a_console_cannot_show_do_not_stop_it(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, encoder_folder: Path
) -> None:
    save_picture(tmp_path / "g" / "a.png", product_photo())
    write_manifest(tmp_path / "g", [{"file": "a.png", "title": "\ube68\uac04 \U0001f457"}])
    words = ("search", "--gallery", tmp_path / "g", "--encoder", encoder_folder, "--caption", "x")
    done = run_retrieval(*words, PYTHONIOENCODING="ascii")
    assert (done.returncode, "Traceback" in done.stderr) == (0, False)
    assert "\\ube68\\uac04" in done.stdout
    _, out, _ = run(capsys, *words, "--json")
    assert out.isascii()
    assert json.loads(out)["hits"][0]["title"] == "\ube68\uac04 \U0001f457"


@pytest.mark.parametrize("encoding", ["cp1252", "utf-8"])
def test_names_that_are_no_letters_do_not_stop_it(tmp_path: Path, encoder_folder: Path, encoding: str) -> None:
    for name in (b"caf\xe9 dress.png", "\ube68\uac04.png".encode()):
        try:
            save_picture(tmp_path / "g" / os.fsdecode(name), product_photo())
        except OSError:
            pytest.skip("this file system takes letters only")
    words = ("search", "--gallery", tmp_path / "g", "--encoder", encoder_folder, "--caption", "dress")
    told, listed = (run_retrieval(*words, *more, PYTHONIOENCODING=encoding) for more in ((), ("--json",)))
    assert (told.returncode, listed.returncode) == (0, 0), told.stderr + listed.stderr
    assert len(told.stdout.splitlines()) == 2
    assert {hit["id"] for hit in json.loads(listed.stdout)["hits"]} == {"caf\udce9 dress.png", "\ube68\uac04.png"}
    missing = run_retrieval("search", "--gallery", tmp_path / "none\udce9", "--caption", "x", PYTHONIOENCODING=encoding)
    assert missing.returncode == 1 and "Traceback" not in missing.stderr


def test_a_closed_pipe_ends_quietly(index_dir: Path, tmp_path: Path) -> None:
    (tmp_path / "q.jsonl").write_text('{"id": 1, "caption": "dress"}\n' * 3000)
    command = [
        sys.executable,
        "-m",
        "retrieval",
        "search",
        "--gallery",
        str(index_dir),
        "--queries",
        str(tmp_path / "q.jsonl"),
    ]
    with subprocess.Popen(
        command,
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        said = process.stderr.read().decode()
        assert process.wait(60) == 1
    assert "Traceback" not in said
    assert "Exception ignored" not in said


def start_index(folder: Path, out: Path, encoder_folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "retrieval", "index", "--images", str(folder), "--out", str(out)]
        + ["--encoder", str(encoder_folder)],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        preexec_fn=heed_ctrl_c,  # noqa: PLW1509  (no threads run here)
    )


def heed_ctrl_c() -> None:
    """Shells start background jobs, such as these tests may be, with Ctrl-C ignored."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def wait_until_indexing(process: subprocess.Popen[str]) -> None:
    assert process.stderr is not None
    for line in process.stderr:
        if "Indexing" in line:
            return


@pytest.fixture(scope="module")
def many_pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Enough pictures that indexing takes a while."""
    folder = tmp_path_factory.mktemp("many")
    first = save_picture(folder / "0000.png", product_photo(size_px=500))
    for number in range(1, 1500):
        different = first.read_bytes() + str(number).encode()  # what follows a PNG's end is not looked at
        (folder / f"{number:04d}.png").write_bytes(different)
    return folder


def test_ctrl_c_exits_with_130_and_keeps_finished_work(
    many_pictures: Path, tmp_path: Path, encoder_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with start_index(many_pictures, tmp_path / "index", encoder_folder) as process:
        wait_until_indexing(process)
        wait_until_indexing(process)  # the first line comes before the first picture
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert out == ""
    assert "Traceback" not in err
    assert "finished work is kept" in err
    again = ("index", "--images", many_pictures, "--out", tmp_path / "index", "--encoder", encoder_folder, "--json")
    code, out, _ = run(capsys, *again)
    report = json.loads(out)
    assert code == 0
    assert report["count"] == 1500
    assert 64 <= report["kept"] < 1500


def test_a_killed_run_is_taken_up_and_ends_as_if_nothing_had_happened(
    shop: Path, tmp_path: Path, index_dir: Path, encoder_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rng = random.Random(time.time_ns())
    with start_index(shop, tmp_path / "index", encoder_folder) as process:
        if rng.random() < 0.7:
            wait_until_indexing(process)
        time.sleep(rng.random() * 0.1)
        process.kill()
    assert run(capsys, "index", "--images", shop, "--out", tmp_path / "index", "--encoder", encoder_folder)[0] == 0
    answers = []
    for folder in (tmp_path / "index", index_dir):
        _, out, _ = run(capsys, "search", "--gallery", folder, "--caption", "red dress", "--json")
        answers.append([(hit["id"], hit["score"]) for hit in json.loads(out)["hits"]])
    assert answers[0] == answers[1]
    assert len(answers[0]) == 10


def test_evaluate_prints_a_table_or_json(capsys: pytest.CaptureFixture[str], shop: Path, encoder_folder: Path) -> None:
    code, out, _ = run(capsys, "evaluate", "--data", shop, "--encoder", encoder_folder, "--json")
    assert code == 0
    assert json.loads(out)["queries"] == 10
    code, out, _ = run(capsys, "evaluate", "--data", shop, "--encoder", encoder_folder)
    assert code == 0
    assert "10 queries, gallery of 10" in out
    assert "| chance |" in out


def test_the_module_runs_as_a_program() -> None:
    done = run_retrieval("search", "--caption", "")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "error: " + done.stderr.removeprefix("error: ").splitlines()[0] + "\n"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_is_a_line_per_tenth_in_a_file_and_one_line_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    def shown(stream: io.StringIO) -> str:
        monkeypatch.setattr(sys, "stderr", stream)
        show = progress_bar()
        show("Loading", None)
        for step in range(1001):
            show(f"Working, {step} done", step / 1000)
        return stream.getvalue()

    lines = shown(io.StringIO()).splitlines()
    assert len(lines) == 1 + 11
    assert lines[0] == "Loading"
    assert lines[-1].startswith("Working, 1000 done  100 %")
    live = shown(Terminal())
    assert live.count("\n") == 2
    assert live.count("\r") == 1 + 101
