"""What keeps a paper from being printed; what was posted is in the books all the same."""

from ledger.errors import N_, RuleError


class PrinterError(RuleError):
    """The printer did not take the paper. Facts: target, reason."""

    code = "PRINTER"
    message = N_(
        "The printer {target} did not take the paper: {reason}. Nothing in the books was changed. "
        "Look whether it is switched on, joined by its cable and has paper, then press P to print again."
    )


class NoPrinterError(RuleError):
    """No printer is set up for a purpose. Facts: purpose."""

    code = "NO_PRINTER"
    message = N_("No printer is set up for this paper ({purpose}). Print with the browser instead.")


class PrinterTargetError(RuleError):
    """A target that nothing can be printed to. Facts: target."""

    code = "PRINTER_TARGET"
    message = N_(
        "“{target}” is no printer that can be reached from here. Give a file in a folder that exists, a "
        "device such as /dev/usb/lp0 or LPT1, a shared printer, or tcp://192.168.1.50:9100 near by."
    )


class PrinterFileError(RuleError):
    """A file that papers must not be written into. Facts: target, kinds (of files that are taken)."""

    code = "PRINTER_FILE"
    message = N_(
        "Papers are not written into “{target}”. Give a new file, outside of the books, whose name ends "
        "with one of {kinds}."
    )


class PrinterSettingError(RuleError):
    """A setting of a printer that there is not. Facts: field, given, known."""

    code = "PRINTER_SETTING"
    message = N_("“{given}” is not known for {field}. Known are: {known}.")
