"""Books that come from elsewhere: files read, every row checked, then all of it written or nothing."""

from banking.loading.chart import read_chart
from banking.loading.folder_load import load_satchel
from banking.loading.mifos.load import load_mifos2
from banking.loading.posting import post_file
from banking.loading.report import Difference, LoadReport, Mapped, PostReport, WrongRow

__all__ = [
    "Difference",
    "LoadReport",
    "Mapped",
    "PostReport",
    "WrongRow",
    "load_mifos2",
    "load_satchel",
    "post_file",
    "read_chart",
]
