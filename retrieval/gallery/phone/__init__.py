"""Pictures from an Android phone."""
