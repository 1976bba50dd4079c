"""Files that browsers send to be annotated."""
