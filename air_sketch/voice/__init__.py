"""From sound to a caption: microphone, listener, and a recogniser in a process of its own."""
