"""Every way in which aid says no, with a sentence that says what to do."""

from marketplace.kit.errors import DomainError, Kind
from marketplace.kit.i18n import N_


class StageUnknown(DomainError):
    """The programme has no rate for this stage."""

    kind, code = Kind.INVALID, "aid_stage_unknown"
    text = N_("「{programme}」没有「{stage}」的资助标准。可填：{stages}。")


class WrongRate(DomainError):
    """The amount is not the programme's rate."""

    kind, code = Kind.INVALID, "aid_wrong_rate"
    text = N_("金额 {given} 元与「{group}」每人 {rate} 元的标准不符。请改为标准金额。")


class WrongSex(DomainError):
    """The rate is for girls."""

    kind, code = Kind.INVALID, "aid_wrong_sex"
    text = N_("「{group}」只资助女生，身份证号码与此不符。请核对。")


class PersonTwice(DomainError):
    """The same number stands twice in the file."""

    kind, code = Kind.CONFLICT, "aid_person_twice"
    text = N_("身份证号码与第 {number} 行重复。同一人在一份名册中只能出现一次。")


class AlreadyInRoster(DomainError):
    """The person is in this roster already."""

    kind, code = Kind.CONFLICT, "aid_already_in_roster"
    text = N_("此人已在本名册第 {number} 行。如需更改，请先删除原来的一行。")


class BadAccount(DomainError):
    """The account number is not one."""

    kind, code = Kind.INVALID, "aid_bad_account"
    text = N_("账号应为 8 至 32 位数字。请对照银行卡或存折重填。")


class FiguresLost(DomainError):
    """A long number was kept as a figure, and its last places are gone."""

    kind, code = Kind.INVALID, "aid_figures_lost"
    text = N_("「{column}」在表格中是数字格式，末几位可能已丢失。请把整列设为文本后重新填写。")


class ConsentUnclear(DomainError):
    """The column of consent holds neither yes nor no."""

    kind, code = Kind.INVALID, "aid_consent_unclear"
    text = N_("「监护人同意」请填「是」或「否」。")


class GuardianMissing(DomainError):
    """A child under fourteen is helped only with a guardian's consent on file.

    Source:
        个人信息保护法第三十一条.
    """

    kind, code = Kind.CONFLICT, "aid_guardian_missing"
    text = N_("第 {number} 行不满 14 周岁，缺监护人同意。请取得书面同意并登记后再办理。")


class NobodyInRoster(DomainError):
    """There is nobody to help."""

    kind, code = Kind.INVALID, "aid_nobody"
    text = N_("名册里还没有人。请先导入或添加受助人。")


class TooManyHeads(DomainError):
    """More people than the programme planned for."""

    kind, code = Kind.CONFLICT, "aid_too_many_heads"
    text = N_("「{group}」计划 {planned} 人，各名册合计已达 {heads} 人。请核减人数，或先调整项目计划。")


class AlreadyHelped(DomainError):
    """The person has had this exclusive help in this period; by whom is not told.

    Source:
        handbook, section 8: only purpose, period and an amount band are told.
    """

    kind, code = Kind.CONFLICT, "aid_already_helped"
    text = N_(
        "第 {number} 行的受助人在 {period} 年度已获「{purpose}」资助（{band}）。请核实后删除此行，或联系服务中心协调。"
    )


class NotAidProgramme(DomainError):
    """The programme pays nobody."""

    kind, code = Kind.CONFLICT, "aid_not_a_paying_programme"
    text = N_("「{programme}」不发放资助款，不能编制名册。请选择资助到人的项目。")


class WrongSource(DomainError):
    """The fund is of another source than the programme's money."""

    kind, code = Kind.CONFLICT, "aid_wrong_source"
    text = N_("「{programme}」使用{wanted}，所选资金是{given}。请改选对应来源的资金。")


class RatesMissing(DomainError):
    """A programme that pays people has no rate."""

    kind, code = Kind.INVALID, "aid_rates_missing"
    text = N_("请至少填写一项资助标准。")


class RateTwice(DomainError):
    """Two rates for one stage."""

    kind, code = Kind.INVALID, "aid_rate_twice"
    text = N_("「{stage}」填了两项标准。每个学段只填一项。")


class ProgrammeTwice(DomainError):
    """The organization has this programme in this year."""

    kind, code = Kind.CONFLICT, "aid_programme_twice"
    text = N_("{year} 年已有名为「{programme}」的项目。请换一个名称，或在原项目中办理。")


class NoSuchAccess(DomainError):
    """Plain data are asked for without a reading written down before, or too long after it."""

    kind, code = Kind.CONFLICT, "aid_no_access"
    text = N_("查看记录不存在或已过期。请重新填写查看理由。")


class SumsChanged(DomainError):
    """What the roster holds is not what was submitted."""

    kind, code = Kind.CONFLICT, "aid_sums_changed"
    text = N_("名册的人数或金额与提交时不一致。请退回名册，核对后重新提交。")
