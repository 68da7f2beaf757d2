"""Where frames come from: webcams, video files, the paper under the mouse; each gives ``Frame`` values."""
