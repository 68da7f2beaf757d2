"""What a spoken caption does to the desk: which keys steer it, and how its words arrive. Pure."""

from __future__ import annotations

from dataclasses import replace

from air_sketch.desk.events import Command, Status, Tone
from air_sketch.desk.key import Key
from air_sketch.desk.state import CAPTION_MAX_CHARACTERS, DeskState, tell
from air_sketch.voice.events import CaptionHeard, NothingUnderstood, Voice, VoiceChanged, VoiceEvent, VoicePhase


def voice_answer(voice: Voice, key: Key, typing: bool) -> tuple[Command, ...] | None:
    """Say what a key does to a spoken caption; None when it means what it always means."""
    if key.name == "escape":
        return (Command.CANCEL_LISTENING,)
    if typing or not (key.name == "enter" or key.text.lower() == "v"):
        return None
    # Enter must not search before the words are there, and V has been heard already.
    return (Command.STOP_LISTENING,) if voice.phase is VoicePhase.LISTENING else ()


def voice_news(state: DeskState, event: VoiceEvent, t_s: float) -> DeskState:
    """Take what the recogniser says."""
    match event:
        case VoiceChanged(voice):
            return replace(state, voice=voice)
        case CaptionHeard(text):
            # Words that were being typed meanwhile stay before what was heard.
            typed, before = (state.caption, state.caption_before_edit) if state.editing else ("", state.caption)
            caption = f"{typed.rstrip()} {text}".strip()[:CAPTION_MAX_CHARACTERS]
            query = replace(state.query, typing=False, picking=False)  # the words go where they can be seen
            return replace(
                state,
                caption=caption,
                editing=True,
                caption_before_edit=before,
                help_open=False,
                notice=None,
                query=query,
            )
        case NothingUnderstood(reason, is_error):
            return tell(state, Status(reason, Tone.ERROR if is_error else Tone.HINT), t_s)
