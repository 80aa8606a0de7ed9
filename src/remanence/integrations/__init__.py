"""Other shapes of memory, in and out: one small file per format."""
