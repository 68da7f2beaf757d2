"""Frame sources, driven with real little videos and damaged ones."""

import threading
import time

import cv2
import numpy as np
import pytest

from air_sketch.camera import webcam
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


def test_a_folder_is_no_video(tmp_path):
    with pytest.raises(CameraError, match="not a readable video"):
        VideoFileCamera(tmp_path)


def test_a_camera_that_does_not_exist_names_a_way_out(capfd):
    with pytest.raises(CameraError, match="--source mouse") as caught:
        WebcamCamera(97)
    assert "camera 97 does not exist" in str(caught.value) and "\n" not in str(caught.value)
    assert capfd.readouterr().err == ""


class FakeCapture:
    """A webcam that delivers numbered frames quickly, or nothing."""

    def __init__(self, frames):
        self.frames, self.released = iter(frames), False

    def read(self):
        time.sleep(0.002)
        image = next(self.frames, None)
        return image is not None, image

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
