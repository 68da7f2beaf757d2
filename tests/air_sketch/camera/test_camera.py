"""Frame sources, driven with real little videos and damaged ones."""

import io
import os
import struct
import threading
import time
from contextlib import suppress
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from air_sketch.camera import video_file, webcam
from air_sketch.camera.display_matrix import is_mirrored
from air_sketch.camera.pictures import as_bgr
from air_sketch.camera.video_file import VideoFileCamera
from air_sketch.camera.webcam import WebcamCamera
from air_sketch.values.errors import CameraError


def make_video(path, frames=12, fps=20.0, size_wh=(64, 48)):
    codec = cv2.VideoWriter_fourcc(*("mp4v" if path.suffix == ".mp4" else "MJPG"))
    writer = cv2.VideoWriter(str(path), codec, fps, size_wh)
    for i in range(frames):
        image = np.zeros((size_wh[1], size_wh[0], 3), dtype=np.uint8)
        image[:, : size_wh[0] // 2] = 20 * i % 256
        writer.write(image)
    writer.release()
    return path


def read_all(camera):
    frames = []
    while (frame := camera.read()) is not None:
        frames.append(frame)
    camera.close()
    return frames


@pytest.mark.parametrize("suffix", [".mp4", ".avi"])
def test_replaying_a_video_gives_every_frame_with_the_files_times(tmp_path, suffix):
    frames = read_all(VideoFileCamera(make_video(tmp_path / f"clip{suffix}")))
    assert [f.index for f in frames] == list(range(12))
    assert [f.t_s for f in frames] == pytest.approx([i / 20.0 for i in range(12)], abs=0.002)


def test_a_video_is_mirrored_only_when_asked(tmp_path):
    path = make_video(tmp_path / "clip.mp4")
    plain, mirrored = (read_all(VideoFileCamera(path, m))[-1].image_bgr for m in (False, True))
    assert plain[24, 5].mean() > 150 > plain[24, 60].mean()
    assert np.abs(plain[:, ::-1].astype(int) - mirrored).max() <= 2


def test_times_go_on_where_a_file_gives_none(tmp_path, monkeypatch):
    camera = VideoFileCamera(make_video(tmp_path / "clip.mp4"))

    class Timeless:
        def __init__(self, inner):
            self.inner = inner

        def read(self):
            return self.inner.read()

        def get(self, _):
            return 0.0

        def release(self):
            self.inner.release()

    camera._capture = Timeless(camera._capture)
    times = [f.t_s for f in read_all(camera)]
    assert times == pytest.approx([i / 20.0 for i in range(12)], abs=0.002)


def test_a_truncated_video_ends_or_is_refused_in_one_line(tmp_path):
    path = make_video(tmp_path / "clip.avi", frames=40)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    try:
        assert 0 < len(read_all(VideoFileCamera(path))) <= 40
    except CameraError as error:
        assert "\n" not in str(error)


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("gone.mp4", None, "no such file"),
        ("empty.mp4", b"", "not a readable video"),
        ("text.mp4", b"this is no video at all\n" * 100, "not a readable video"),
        ("noise.avi", bytes(range(256)) * 50, "not a readable video"),
    ],
)
def test_unusable_files_are_said_in_one_line(tmp_path, capfd, name, content, complaint):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(CameraError, match=complaint) as caught:
        VideoFileCamera(tmp_path / name)
    assert "\n" not in str(caught.value) and name in str(caught.value)
    assert capfd.readouterr() == ("", "")


def test_a_video_whose_end_is_missing_is_refused_quietly(tmp_path, capfd):
    path = make_video(tmp_path / "clip.mp4", frames=40)
    path.write_bytes(path.read_bytes()[:600])
    with pytest.raises(CameraError, match="not a readable video"):
        VideoFileCamera(path)
    assert capfd.readouterr().err == ""


def test_what_is_no_file_of_its_own_is_refused_without_waiting(tmp_path):
    with pytest.raises(CameraError, match="cannot be read"):
        VideoFileCamera(tmp_path)
    with pytest.raises(CameraError, match="cannot be read"):
        VideoFileCamera(tmp_path / ("y" * 300))
    with pytest.raises(CameraError, match=r"cannot be read|no such file"):
        VideoFileCamera(Path("x/" * 5000))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_nobody_waits_at_a_pipe(tmp_path):
    os.mkfifo(tmp_path / "pipe.mp4")
    with pytest.raises(CameraError, match="no regular file"):
        VideoFileCamera(tmp_path / "pipe.mp4")


ODD_NAMES = [
    "10:30.mp4",
    "file:x.mp4",
    "clip%04d.mp4",
    "what?*[1]{2}.mp4",
    "-lead.mp4",
    "caf\udce9.mp4",
    "춤 😀.mp4",
    "1.mp4",
]


@pytest.mark.skipif(os.name == "nt", reason="such names cannot be given there")
@pytest.mark.parametrize("name", ODD_NAMES)
def test_a_film_may_have_any_name(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    os.rename(make_video(tmp_path / "plain.mp4"), name)
    assert len(read_all(VideoFileCamera(Path(name)))) == 12


def test_without_open_files_by_number_the_whole_path_is_given(tmp_path, monkeypatch):
    monkeypatch.setattr(video_file, "_OPEN_FILES", tmp_path / "none")
    monkeypatch.chdir(tmp_path)
    os.rename(make_video(tmp_path / "plain.mp4"), "춤 1.mp4")
    assert len(read_all(VideoFileCamera(Path("춤 1.mp4")))) == 12
    with suppress(OSError):  # where there are no such names
        os.rename("춤 1.mp4", "caf\udce9.mp4")
        with pytest.raises(CameraError, match="not a readable video"):
            VideoFileCamera(Path("caf\udce9.mp4"))


@pytest.mark.parametrize(
    "text",
    ["#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n{}\n#EXT-X-ENDLIST\n", "ffconcat version 1.0\nfile {}\n"],
    ids=["hls", "concat"],
)
def test_a_playlist_is_no_film_and_opens_no_other(tmp_path, text):
    other = make_video(tmp_path / "other.mp4")
    (tmp_path / "list.mp4").write_text(text.format(other))
    with pytest.raises(CameraError, match=r"not a readable video|it is a playlist"):
        VideoFileCamera(tmp_path / "list.mp4")


TURNS = {
    "upright": ((1, 0, 0, 1), lambda image: image),
    "right": ((0, 1, -1, 0), lambda image: np.rot90(image, -1)),
    "over": ((-1, 0, 0, -1), lambda image: np.rot90(image, 2)),
    "left": ((0, -1, 1, 0), np.rot90),
    "mirrored": ((-1, 0, 0, 1), lambda image: image[:, ::-1]),
    "mirrored over": ((1, 0, 0, -1), lambda image: image[::-1]),
    "mirrored right": ((0, 1, 1, 0), lambda image: image.swapaxes(0, 1)),
    "mirrored left": ((0, -1, -1, 0), lambda image: np.rot90(image, 2).swapaxes(0, 1)),
}


def box(kind, *content):
    return struct.pack(">I4s", 8 + sum(map(len, content)), kind) + b"".join(content)


MATRIX = struct.pack(">9i", -1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30)
TRACKS = [
    box(b"trak", box(b"tkhd", bytes([version]), bytes(39 + 12 * version), MATRIX if mirrored else bytes(36), bytes(8)),
        box(b"mdia", box(b"mdhd", bytes(24)), box(b"hdlr", bytes(8), kind, bytes(13))))
    for kind, version, mirrored in ((b"soun", 0, False), (b"vide", 1, True), (b"vide", 0, False))
]  # fmt: skip
MOOV = box(b"ftyp", b"isom") + struct.pack(">I4sQ", 1, b"free", 20) + bytes(4) + box(b"moov", *TRACKS)


def test_the_first_track_with_pictures_tells_whether_a_film_is_mirrored():
    assert is_mirrored(io.BytesIO(MOOV))
    assert not is_mirrored(io.BytesIO(MOOV.replace(MATRIX, bytes(36))))
    assert not is_mirrored(io.BytesIO(b"")) and not is_mirrored(io.BytesIO(b"RIFF" * 99))


def turn(path, matrix):
    """Write another display matrix into an MP4, as phones do; the track's header lies in ``tkhd``, version 0."""
    content = bytearray(path.read_bytes())
    a, b, c, d = (number << 16 for number in matrix)
    start = content.index(b"tkhd") + 44
    content[start : start + 36] = struct.pack(">9i", a, b, 0, c, d, 0, 0, 0, 1 << 30)
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("name", list(TURNS))
def test_a_film_is_turned_as_the_phone_was_held(tmp_path, name):
    matrix, turned = TURNS[name]
    plain = read_all(VideoFileCamera(make_video(tmp_path / "a.mp4")))[-1].image_bgr
    camera = VideoFileCamera(turn(tmp_path / "a.mp4", matrix))
    seen = read_all(camera)[-1].image_bgr
    assert camera.resolution_wh == seen.shape[1::-1]
    assert (seen == turned(plain)).all()
    assert (read_all(VideoFileCamera(tmp_path / "a.mp4", mirror=True))[-1].image_bgr == turned(plain)[:, ::-1]).all()


@given(st.lists(st.tuples(st.integers(0, 800), st.integers(0, 255)), max_size=8), st.integers(0, 900))
def test_a_damaged_header_is_no_mirror_and_no_error(changes, length):
    content = bytearray(MOOV)
    for at, value in changes:
        content[at % len(content)] = value
    assert is_mirrored(io.BytesIO(content[:length])) in (True, False)


def test_a_picture_too_large_to_draw_on_is_refused_before_it_takes_memory(tmp_path):
    with pytest.raises(CameraError, match="too large: expected up to 8192 pixels a side and 8K, got 8208 x 16"):
        VideoFileCamera(make_video(tmp_path / "wide.avi", frames=1, size_wh=(8208, 16)))


@pytest.mark.parametrize("size_wh", [(2, 2), (62, 46)])
def test_a_film_of_one_frame_and_any_size_is_a_film(tmp_path, size_wh):
    (frame,) = read_all(VideoFileCamera(make_video(tmp_path / "one.avi", frames=1, size_wh=size_wh)))
    assert frame.image_bgr.shape[1::-1] == size_wh and frame.t_s == 0.0


class ScriptedFilm:
    """A capture that gives what it is told: an error raised, or a frame's time in s."""

    def __init__(self, script):
        self.script, self.now_s = list(script), 0.0

    def read(self):
        if not self.script:
            return False, None
        step = self.script.pop(0)
        if isinstance(step, Exception):
            raise step
        if step is None:
            return True, None
        self.now_s = step
        return True, np.zeros((48, 64, 3), np.uint8)

    def get(self, _):
        return self.now_s * 1000.0

    def release(self):
        pass


def film_of(tmp_path, script):
    camera = VideoFileCamera(make_video(tmp_path / "clip.mp4"))
    camera._capture.release()
    camera._capture = ScriptedFilm(script)
    return camera


def test_broken_frames_of_a_film_are_passed_over(tmp_path):
    assert len(read_all(film_of(tmp_path, [0.05, cv2.error("damaged"), None, 0.1]))) == 3
    assert len(read_all(film_of(tmp_path, [None] * 5000))) == 1


@pytest.mark.parametrize("leap_s", [1e6, -1e6, 1e300, float("nan"), float("inf")])
@pytest.mark.parametrize("lasts", [True, False])
def test_a_films_clock_may_leap_but_its_times_go_on(tmp_path, leap_s, lasts):
    times = [i / 20 for i in range(1, 30)]
    times[10 : 30 if lasts else 13] = [t + leap_s for t in times[10 : 30 if lasts else 13]]
    seen = np.array([frame.t_s for frame in read_all(film_of(tmp_path, times))])
    assert len(seen) == 30 and (np.diff(seen) > 0).all()
    assert seen[-1] == pytest.approx(1.5, abs=0.2)


def test_a_camera_that_does_not_exist_names_a_way_out(capfd):
    with pytest.raises(CameraError, match="--source mouse") as caught:
        WebcamCamera(97)
    assert "camera 97 does not exist" in str(caught.value) and "\n" not in str(caught.value)
    assert capfd.readouterr().err == ""


class FakeCapture:
    """A webcam that delivers numbered frames quickly, fails, or gives nothing."""

    def __init__(self, frames):
        self.frames, self.released = iter(frames), False

    def read(self):
        time.sleep(0.002)
        image = next(self.frames, None)
        if isinstance(image, Exception):
            raise image
        return image if isinstance(image, tuple) else (image is not None, image)

    def release(self):
        self.released = True


def open_fake(monkeypatch, frames):
    capture = FakeCapture(frames)
    monkeypatch.setattr(webcam, "_open_webcam", lambda index, size_wh, fps: capture)
    return capture, lambda **kw: WebcamCamera(0, **kw)


def test_a_webcam_gives_its_latest_frame_mirrored(monkeypatch):
    def stream():
        for i in range(100000):
            image = np.zeros((48, 64, 3), dtype=np.uint8)
            image[:, :32] = 1 + i % 200
            yield image

    capture, start = open_fake(monkeypatch, stream())
    camera = start()
    first = camera.read()
    time.sleep(0.1)
    second = camera.read()
    assert second.index > first.index + 5 and second.t_s > first.t_s
    assert second.image_bgr[0, 60, 0] > 0 and second.image_bgr[0, 3, 0] == 0
    assert camera.resolution_wh == (64, 48)
    camera.close()
    camera.close()
    assert capture.released and camera.read() is None


class HangingCapture(FakeCapture):
    """A device whose read does not come back until it is allowed to."""

    def __init__(self):
        super().__init__([np.zeros((4, 4, 3), dtype=np.uint8)])
        self.go, self.reading = threading.Event(), False

    def read(self):
        delivered, image = super().read()
        if not delivered:
            self.reading = True
            self.go.wait(5.0)
            self.reading = False
        return delivered, image

    def release(self):
        assert not self.reading
        super().release()


def test_a_device_that_hangs_is_not_released_under_its_own_read(monkeypatch):
    capture = HangingCapture()
    monkeypatch.setattr(webcam, "_open_webcam", lambda index, size_wh, fps: capture)
    monkeypatch.setattr(webcam, "CLOSE_PATIENCE_S", 0.05)
    camera = WebcamCamera(0)
    while not capture.reading:
        time.sleep(0.001)
    camera.close()
    assert not capture.released
    capture.go.set()
    camera._thread.join(2.0)
    assert capture.released


def test_a_webcam_that_stays_dark_is_said_to_be_in_use(monkeypatch):
    monkeypatch.setattr(webcam, "FIRST_FRAME_TIMEOUT_S", 0.05)
    capture, start = open_fake(monkeypatch, [])
    with pytest.raises(CameraError, match="in use"):
        start()
    assert capture.released


def test_times_go_on_when_a_webcam_is_opened_again(monkeypatch):
    start_s, images = time.monotonic(), [np.zeros((4, 4, 3), dtype=np.uint8)] * 100
    seen = []
    for _ in range(2):
        _, start = open_fake(monkeypatch, images)
        camera = start(start_s=start_s)
        seen.append(camera.read().t_s)
        camera.close()
    assert 0.0 <= seen[0] < seen[1] <= time.monotonic() - start_s


def test_a_webcam_that_falls_silent_is_an_error(monkeypatch):
    monkeypatch.setattr(webcam, "STALLED_AFTER_S", 0.05)
    _, start = open_fake(monkeypatch, [np.zeros((4, 4, 3), dtype=np.uint8)])
    camera = start()
    camera.read()
    with pytest.raises(CameraError, match="stopped giving pictures"):
        camera.read()
    camera.close()


GOOD = np.full((48, 64, 3), 90, np.uint8)
BROKEN = {
    "raises": cv2.error("(-215:Assertion failed) !buf.empty() in function 'imdecode_'"),
    "is none": (True, None),
    "is no pair": (True,),
    "is empty": (True, np.zeros((0, 0, 3), np.uint8)),
    "has five channels": np.zeros((48, 64, 5), np.uint8),
    "is a list": (True, [1, 2, 3]),
    "is of whole numbers": np.zeros((48, 64, 3), np.int64),
    "is half a pair of pixels": np.zeros((48, 63, 2), np.uint8),
    "is raw data": np.zeros((1, 61440), np.uint8),
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_a_broken_frame_costs_itself_and_not_the_camera(monkeypatch, broken):
    def stream():
        yield from [broken, GOOD] * 2
        while True:
            yield broken
            yield GOOD

    _, start = open_fake(monkeypatch, stream())
    camera = start()
    assert all(camera.read().image_bgr.shape == GOOD.shape for _ in range(4))
    camera.close()


def test_a_webcam_that_gives_broken_frames_only_has_fallen_silent(monkeypatch):
    monkeypatch.setattr(webcam, "STALLED_AFTER_S", 0.05)
    _, start = open_fake(monkeypatch, [GOOD] + [BROKEN["raises"], (True, None)] * 1000)
    camera = start()
    camera.read()
    with pytest.raises(CameraError, match="stopped giving pictures"):
        camera.read()
    camera.close()


@pytest.mark.parametrize(
    "image",
    [GOOD[..., 0], GOOD[..., :1], np.full((48, 64, 4), 90, np.uint8), np.full((48, 64), 90 << 8, np.uint16),
     np.full((48, 64, 3), 90 / 255, np.float32), np.full((48, 64, 3), 90.0), np.full((48, 128, 3), 90, "u1")[:, ::2]],
)  # fmt: skip
def test_pictures_of_every_kind_become_bgr(image):
    image_bgr = as_bgr(image)
    assert image_bgr.flags.c_contiguous and np.abs(image_bgr.astype(int) - GOOD).max() <= 1


def test_yuyv_and_floats_without_sense_become_pictures():
    assert as_bgr(np.full((48, 64, 2), 128, np.uint8)).mean() == pytest.approx(130, abs=3)
    assert as_bgr(np.full((48, 64), np.nan, np.float32)).max() == 0
    assert as_bgr(GOOD) is GOOD
