"""The files of a small world that `comity new` writes, with NAME in place of its id."""
