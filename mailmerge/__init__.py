"""pix-mailmerge: a school's Pix results, turned into signed attestations."""

__version__ = "0.1.0"
