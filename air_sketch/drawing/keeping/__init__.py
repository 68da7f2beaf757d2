"""What is kept on disk: saved drawings, the journal and what it brings back, calibrations."""
