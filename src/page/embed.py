"""The page's files as a C header: embed.py OUTPUT FILE…: an array `page_index_html` for index.html."""

import re
import sys
from pathlib import Path


def array(path: Path) -> str:
    name = re.sub(r"\W", "_", path.name)
    octets = path.read_bytes()
    rows = [",".join(map(str, octets[i:i + 32])) for i in range(0, len(octets), 32)]
    return f"static const unsigned char page_{name}[] = {{\n" + ",\n".join(rows) + "};\n"


Path(sys.argv[1]).write_text("#pragma once\n" + "".join(array(Path(name)) for name in sys.argv[2:]))
