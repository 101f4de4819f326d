"""What is refused about an edition on its way, each with what to do."""

from marketplace.kit.errors import DomainError, Kind
from marketplace.kit.i18n import N_


class NotEditable(DomainError):
    """The entries of an edition are changed while it stands still."""

    kind, code = Kind.CONFLICT, "catalogue_not_editable"
    text = N_("这一版目录现在是「{state}」，条目不能修改。征求意见前或专家论证期间可以修改。")


class CodeTaken(DomainError):
    """The code belongs to another entry of the edition."""

    kind, code = Kind.CONFLICT, "catalogue_code_taken"
    text = N_("编码 {entry} 在本版目录中已用于“{name}”。请换一个编码，或先调整那一条。")


class HasChildren(DomainError):
    """An entry is retired that others stand below."""

    kind, code = Kind.CONFLICT, "catalogue_has_children"
    text = N_("“{name}”下面还有 {count} 个条目。请先取消或移走下级条目。")


class LevelKept(DomainError):
    """An entry with others below it is moved to another level."""

    kind, code = Kind.INVALID, "catalogue_level_kept"
    text = N_("“{name}”下面还有条目，新编码 {given} 须与原编码 {entry} 同级。")


class NoNeighbour(DomainError):
    """An entry is moved past the first or last of its likes."""

    kind, code = Kind.CONFLICT, "catalogue_no_neighbour"
    text = N_("“{name}”已经排在最前或最后，不能再移动。")


class NobodyInPerson(DomainError):
    """The system itself cannot draft or decide."""

    kind, code = Kind.FORBIDDEN, "catalogue_nobody_in_person"
    text = N_("这一步须由工作人员本人办理。请登录后再试。")


class NoEntries(DomainError):
    """An edition without entries is shown to the public."""

    kind, code = Kind.CONFLICT, "catalogue_no_entries"
    text = N_("本版目录还没有条目。请先新增或导入条目。")


class ConsultPast(DomainError):
    """The time for opinions would begin in the past."""

    kind, code = Kind.INVALID, "catalogue_consult_past"
    text = N_("征求意见不能从过去的日期开始。最早可以是 {day}。")


class ConsultShort(DomainError):
    """The time for opinions is too short."""

    kind, code = Kind.INVALID, "catalogue_consult_short"
    text = N_("征求意见的时间太短：至少 {least} 天，截止日最早是 {day}。")


class ConsultOpen(DomainError):
    """The experts are asked before the time for opinions is over."""

    kind, code = Kind.CONFLICT, "catalogue_consult_open"
    text = N_("征求意见到 {day} 为止，次日起才能转入专家论证。")


class ConsultClosed(DomainError):
    """An opinion comes before or after the time for opinions."""

    kind, code = Kind.CONFLICT, "catalogue_consult_closed"
    text = N_("征求意见的时间是 {first} 至 {last}，现在不接收意见。您可以在目录发布后向经办单位反映。")


class TooManyOpinions(DomainError):
    """More opinions came within an hour than people could write."""

    kind, code = Kind.TOO_MANY, "catalogue_too_many_opinions"
    text = N_("一小时内收到的意见太多。您填写的内容还在，请一小时后再提交。")


class OpinionsOpen(DomainError):
    """Opinions are still without an answer."""

    kind, code = Kind.CONFLICT, "catalogue_opinions_open"
    text = N_("还有 {count} 条意见没有答复。请逐条写明采纳或不采纳的理由。")


class ExpertTwice(DomainError):
    """An expert's opinion is entered a second time."""

    kind, code = Kind.CONFLICT, "catalogue_expert_twice"
    text = N_("专家{name}的意见已经登记。如有变化，请先删除原来的一条。")


class ExpertDay(DomainError):
    """An expert's opinion lies before the experts were asked, or in the future."""

    kind, code = Kind.INVALID, "catalogue_expert_day"
    text = N_("论证日期须在 {first} 至 {last} 之间。")


class TooFewExperts(DomainError):
    """Fewer experts were heard than are needed."""

    kind, code = Kind.CONFLICT, "catalogue_too_few_experts"
    text = N_("已登记 {count} 位专家的意见，至少需要 {least} 位。请补充。")


class ExpertsAgainst(DomainError):
    """Not more than half of the experts agree."""

    kind, code = Kind.CONFLICT, "catalogue_experts_against"
    text = N_("{count} 位专家中有 {against} 位不同意，同意的没有过半数。请修改后重新论证。")


class MinutesMissing(DomainError):
    """The minutes of the experts' meeting are not there."""

    kind, code = Kind.CONFLICT, "catalogue_minutes_missing"
    text = N_("缺少专家论证纪要。请先上传。")


class InForceTooEarly(DomainError):
    """The day in force lies in the past."""

    kind, code = Kind.INVALID, "catalogue_in_force_too_early"
    text = N_("施行日期不能早于今天。最早可以是 {day}。")


class OtherAnnounced(DomainError):
    """Another edition already waits for its day."""

    kind, code = Kind.CONFLICT, "catalogue_other_announced"
    text = N_("第 {number} 版已发布，待 {day} 施行。请等它施行以后再发布下一版。")


class SheetUnreadable(DomainError):
    """The file is no workbook, or unfolds to more than a catalogue can be."""

    kind, code = Kind.INVALID, "catalogue_sheet_unreadable"
    text = N_("这个文件打不开。请用 Excel 或 WPS 另存为 .xlsx，再上传。")


class SheetColumns(DomainError):
    """The first row lacks columns."""

    kind, code = Kind.INVALID, "catalogue_sheet_columns"
    text = N_("表格第一行缺少这些列：{columns}。请下载模板，照模板的列名填写。")


class SheetTooLong(DomainError):
    """The sheet has more rows than are taken."""

    kind, code = Kind.TOO_LARGE, "catalogue_sheet_too_long"
    text = N_("表格超过 {limit} 行。请分成几个文件导入。")


class SheetEmpty(DomainError):
    """The sheet has no rows."""

    kind, code = Kind.INVALID, "catalogue_sheet_empty"
    text = N_("表格里没有条目。请从第二行开始填写。")


class SheetWrong(DomainError):
    """A sheet with wrong rows is applied."""

    kind, code = Kind.CONFLICT, "catalogue_sheet_wrong"
    text = N_("还有 {count} 行有误，没有导入任何一行。请改正后重新上传。")


class SheetUsed(DomainError):
    """A sheet is applied a second time."""

    kind, code = Kind.CONFLICT, "catalogue_sheet_used"
    text = N_("这张表已经导入过。如需再改，请重新上传。")


class RowMissing(DomainError):
    """A cell that is needed is empty."""

    kind, code = Kind.INVALID, "catalogue_row_missing"
    text = N_("缺少「{column}」。请填写。")


class RowUnfit(DomainError):
    """A cell holds something else than its column asks for."""

    kind, code = Kind.INVALID, "catalogue_row_unfit"
    text = N_("「{column}」的内容“{given}”不正确：{rule}")


class RowNamePlace(DomainError):
    """The name stands in the column of another level."""

    kind, code = Kind.INVALID, "catalogue_row_name_place"
    text = N_("编码 {entry} 是第 {level} 级，名称要填在「{column}」一列。")


class RowTwice(DomainError):
    """The same code stands twice in the sheet."""

    kind, code = Kind.CONFLICT, "catalogue_row_twice"
    text = N_("编码与第 {number} 行重复。请只保留一行。")
