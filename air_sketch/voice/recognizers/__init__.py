"""What turns speech into words, each behind the ``SpeechRecognizer`` port."""
