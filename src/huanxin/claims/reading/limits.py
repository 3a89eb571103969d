"""What is taken for a paper: how many bytes, pixels, pages, and how far a container may unfold."""

MOST_BYTES = 10 * 1024 * 1024
MOST_PIXELS = 50_000_000
MOST_XML_BYTES = 2 * 1024 * 1024
MOST_ENTRIES = 400  # files in an OFD container
MOST_UNPACKED_BYTES = 48 * 1024 * 1024
MOST_PAGES = 4  # of a PDF or OFD that are read
SHOWN_SIDE = 1_600  # pixels of the copy that is shown
READ_SIDE = 2_400  # pixels of the copy that codes are looked for in
MOST_LINES = 2_000  # lines of text taken from one paper
