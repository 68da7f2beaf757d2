"""The words that a recogniser may hear: vocabulary, order, pieces."""
