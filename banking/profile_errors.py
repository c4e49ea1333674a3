"""Rules of clients' profiles, pictures and surveys that can say no, by name."""

from ledger.errors import N_, RuleError


class FieldValueError(RuleError):
    """What was written does not fit a field of the institution's own. Facts: given, kind."""

    code = "FIELD_VALUE"
    message = N_("“{given}” does not fit: this field takes a {kind}. Correct it.")


class FieldNeededError(RuleError):
    """Facts: label."""

    code = "FIELD_NEEDED"
    message = N_("“{label}” must be filled in for every client.")


class FieldTakenError(RuleError):
    """Facts: code."""

    code = "FIELD_TAKEN"
    message = N_("There is a field with the code {code} already. Retire it first, or choose another code.")


class PictureError(RuleError):
    """A file that is no picture that we can keep. No facts."""

    code = "PICTURE"
    message = N_(
        "This file cannot be read as a picture. Choose a photo or a scan saved as JPEG or PNG. "
        "Nothing was kept."
    )


class PdfError(RuleError):
    """A PDF where a picture is wanted. No facts."""

    code = "PDF"
    message = N_(
        "This is a PDF. Scan the paper as a picture (JPEG or PNG), or take a photo of it. Nothing was kept."
    )


class PictureTooLargeError(RuleError):
    """Facts: limit (megabytes)."""

    code = "PICTURE_TOO_LARGE"
    message = N_("The picture is larger than {limit} MB. Take it again with fewer pixels. Nothing was kept.")


class PictureTooManyPixelsError(RuleError):
    """Facts: limit (megapixels)."""

    code = "PICTURE_PIXELS"
    message = N_(
        "The picture has more than {limit} million pixels. Take it again with fewer pixels. Nothing was kept."
    )


class SurveyTakenError(RuleError):
    """Facts: code, version."""

    code = "SURVEY_TAKEN"
    message = N_(
        "Version {version} of the survey {code} is there already. Give the new one a higher version."
    )


class SurveyShapeError(RuleError):
    """A survey that cannot be asked. Facts: reason."""

    code = "SURVEY_SHAPE"
    message = N_("This survey cannot be asked: {reason}. Nothing was written.")


class AnswerNeededError(RuleError):
    """No facts."""

    code = "ANSWER_NEEDED"
    message = N_("This question must be answered.")


class AnswerError(RuleError):
    """Facts: most (the highest number of an answer)."""

    code = "ANSWER"
    message = N_("Type the number of one of the answers, 1 to {most}.")


class AnswerValueError(RuleError):
    """Facts: given."""

    code = "ANSWER_VALUE"
    message = N_("“{given}” does not fit this question. Type it again.")


class SecondPersonForMarkError(RuleError):
    """No facts."""

    code = "SECOND_PERSON_FOR_MARK"
    message = N_(
        "Taking a mark off a client needs a second person of headquarters. Ask somebody to confirm it. "
        "Nothing was changed."
    )
