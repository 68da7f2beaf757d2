"""The Whisper adapter, on a tiny model with random weights that the test saves itself."""

import io
import json
import shutil

import numpy as np
import pytest

from air_sketch.values.errors import SpeechError
from air_sketch.voice.recognizers.whisper import WhisperRecognizer
from bridge.speech import load_speech

WORDS = ["red", "dress", "blue", "shoes", "a"]
SPECIAL = ["<|endoftext|>", "<|startoftranscript|>", "<|en|>", "<|transcribe|>", "<|notimestamps|>"]


@pytest.fixture(scope="module")
def tiny_whisper(tmp_path_factory):
    """A Whisper folder in the Hugging Face layout: two layers, ten tokens."""
    import torch
    from transformers import (
        WhisperConfig,
        WhisperFeatureExtractor,
        WhisperForConditionalGeneration,
        WhisperProcessor,
        WhisperTokenizer,
    )

    folder = tmp_path_factory.mktemp("whisper")
    letters = sorted({letter for word in WORDS for letter in word} | {"Ġ"})
    vocabulary = {token: number for number, token in enumerate([*letters, *SPECIAL])}
    (folder / "vocab.json").write_text(json.dumps(vocabulary))
    (folder / "merges.txt").write_text("#version: 0.2\n")
    tokenizer = WhisperTokenizer(str(folder / "vocab.json"), str(folder / "merges.txt"), unk_token=SPECIAL[0])
    tokenizer.add_special_tokens({"additional_special_tokens": SPECIAL[1:]})
    torch.manual_seed(0)
    config = WhisperConfig(
        vocab_size=len(tokenizer), d_model=16, encoder_layers=1, decoder_layers=1, encoder_attention_heads=2,
        decoder_attention_heads=2, encoder_ffn_dim=16, decoder_ffn_dim=16, max_target_positions=64,
        decoder_start_token_id=vocabulary[SPECIAL[1]], eos_token_id=vocabulary[SPECIAL[0]],
        pad_token_id=vocabulary[SPECIAL[0]], bos_token_id=vocabulary[SPECIAL[0]], suppress_tokens=[],
        begin_suppress_tokens=[],
    )  # fmt: skip
    model = WhisperForConditionalGeneration(config)
    model.generation_config.suppress_tokens = model.generation_config.begin_suppress_tokens = None
    model.generation_config.is_multilingual = False
    model.save_pretrained(folder)
    WhisperProcessor(WhisperFeatureExtractor(), tokenizer).save_pretrained(folder)
    return folder


@pytest.mark.filterwarnings("ignore")
def test_a_whisper_folder_answers_through_the_same_interface(tiny_whisper):
    recognizer = load_speech(str(tiny_whisper), None)()
    sound = np.random.default_rng(0).normal(0, 0.1, 16000).astype(np.float32)
    transcript = recognizer.transcribe(sound)
    assert 0.0 <= transcript.confidence <= 1.0
    assert recognizer.transcribe(sound) == transcript


@pytest.mark.filterwarnings("ignore")
def test_words_are_normalised_and_an_unsure_answer_is_none(tiny_whisper, monkeypatch):
    recognizer = WhisperRecognizer(str(tiny_whisper), lambda text: text.lower().replace("gray", "grey"))
    sound = np.zeros(16000, np.float32)
    for answer, text in ((("A gray T-shirt, please.", 0.9), "a grey t-shirt  please"), (("red", 0.1), "")):
        monkeypatch.setattr(recognizer, "_generate", lambda samples, answer=answer: answer)
        assert recognizer.transcribe(sound).text == text


@pytest.mark.parametrize("name", ["nobody/no-such-whisper", "EMPTY"])
@pytest.mark.filterwarnings("ignore")
def test_a_whisper_that_cannot_be_had_is_one_line(name, tmp_path, monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)  # the variable is read once, at the import
    with pytest.raises(SpeechError) as error:
        WhisperRecognizer(str(tmp_path) if name == "EMPTY" else name)
    assert len(str(error.value).splitlines()) == 1 and "--speech" in str(error.value)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("harm", ["a model with code", "a processor with code", "pickled weights"])
def test_nothing_of_a_strangers_whisper_runs(harm, tiny_whisper, tmp_path, monkeypatch):
    import torch

    folder = tmp_path / "whisper"
    shutil.copytree(tiny_whisper, folder)
    (folder / "evil.py").write_text("open('PWNED', 'w')\n")
    if harm == "a model with code":
        auto = {"AutoConfig": "evil.C", "AutoModelForSpeechSeq2Seq": "evil.M"}
        (folder / "config.json").write_text(json.dumps({"model_type": "evil", "auto_map": auto}))
    elif harm == "a processor with code":
        for name in ("processor_config.json", "preprocessor_config.json", "tokenizer_config.json"):
            auto = {"AutoProcessor": "evil.P", "AutoTokenizer": ["evil.T", None], "AutoFeatureExtractor": "evil.F"}
            record = {"processor_class": "Evil", "tokenizer_class": "Evil", "feature_extractor_type": "Evil"}
            (folder / name).write_text(json.dumps(record | {"auto_map": auto}))
    else:
        (folder / "model.safetensors").unlink()
        torch.save({"x": torch.zeros(1)}, folder / "pytorch_model.bin")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n" * 100))
    with pytest.raises(SpeechError) as error:
        WhisperRecognizer(str(folder))
    assert len(str(error.value).splitlines()) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["whisper"]
