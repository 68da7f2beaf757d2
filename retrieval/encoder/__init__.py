"""Pictures, drawings and words to vectors, behind the ``Encoder`` port."""
