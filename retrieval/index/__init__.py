"""The index folder: bringing it up to date, storing it, reading it back."""
