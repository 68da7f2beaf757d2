"""What shops export about their products, and the pictures that those exports name by web address."""
