"""A class's PDF: find every pupil's pages and prove them, cut them out, bind them together."""

from mailmerge.pdf.locating import Expected, Located, locate
from mailmerge.pdf.splitting import Meta, bind, get_ready, split

__all__ = ["Expected", "Located", "Meta", "bind", "get_ready", "locate", "split"]
