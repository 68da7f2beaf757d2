"""Training of the fused encoder."""
