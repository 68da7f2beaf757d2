"""The seam: joins the drawing half and the retrieval half, which never import each other."""
