"""The seam: what the drawing half asks for through its ports, the retrieval half answers; nothing else imports both."""
