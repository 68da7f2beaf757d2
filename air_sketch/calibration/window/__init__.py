"""The calibration's own window."""
