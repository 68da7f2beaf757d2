"""The OpenCV face: one window with a camera view, bars and results."""
