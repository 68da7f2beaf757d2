"""What a training step lowers: targets, losses, and the sum of them all."""
