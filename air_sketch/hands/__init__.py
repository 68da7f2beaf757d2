"""From frames to hands and poses: tracker, measurements, gestures, recordings of them."""
