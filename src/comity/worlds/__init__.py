"""What do a world's plain files say?"""

from comity.worlds.folder import load_world, read_world
from comity.worlds.items import load_items
from comity.worlds.new import write_skeleton
from comity.worlds.reader import is_file, is_folder, read_bytes, read_text
from comity.worlds.recorded import holds_in, read_instruments
from comity.worlds.rows import load_rows, other_version, proposed_text, rows_path

__all__ = [
    "holds_in",
    "is_file",
    "is_folder",
    "load_items",
    "load_rows",
    "load_world",
    "other_version",
    "proposed_text",
    "read_bytes",
    "read_instruments",
    "read_text",
    "read_world",
    "rows_path",
    "write_skeleton",
]
