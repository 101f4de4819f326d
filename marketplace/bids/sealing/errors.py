"""What can go wrong with a seal, as plain refusals."""

from marketplace.kit.errors import DomainError, Kind
from marketplace.kit.i18n import N_


class WrongPassphrase(DomainError):
    """The passphrase does not unlock the opener's key."""

    kind, code = Kind.INVALID, "wrong_passphrase"
    text = N_("开启口令不正确。请检查大小写和空格后重新输入；口令只有您本人知道，系统无法找回。")


class SameOpenerTwice(DomainError):
    """One opener tried to stand for two; opening takes two different people."""

    kind, code = Kind.CONFLICT, "same_opener_twice"
    text = N_("开启需要两位不同的开启人。您已经输入过口令，请由另一位开启人登录后完成开启。")


class CorruptEnvelope(DomainError):
    """What was sealed is not what is there: a byte changed, a piece is missing, or it belongs elsewhere."""

    kind, code = Kind.CONFLICT, "corrupt_envelope"
    text = N_("密封内容已损坏，或者不属于这里，无法解密。")


class UnknownSuite(CorruptEnvelope):
    """The header names a cipher suite that this installation does not have."""

    code = "unknown_suite"
    text = N_("密封内容使用了本系统没有启用的密码套件，无法解密。")


class TooLargeToSeal(DomainError):
    """The content does not fit the largest envelope."""

    kind, code = Kind.TOO_LARGE, "too_large_to_seal"
    text = N_("申报内容的文字部分过长，请精简服务方案，或把长篇内容作为附件上传。")
