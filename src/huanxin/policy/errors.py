"""What policy refuses."""

from huanxin.kernel.errors import Conflict, Invalid, NotAllowed, NotFound, Unavailable


class PolicyUnknown(NotFound):
    code = "policy.unknown"
    say = "没有政策“{policy_id}”。"
    do = "请在政策列表中选择。"


class VersionUnknown(NotFound):
    code = "policy.version_unknown"
    say = "没有指纹为“{version_hash}”的政策版本。"
    do = "请核对决定书上的规则指纹。"


class CategoryNotCovered(NotFound):
    code = "policy.category_not_covered"
    say = "政策“{policy_id}”不包含品类“{category_code}”。"
    do = "请在该政策的品类中选择。"


class PolicyNotSound(Invalid):
    """The text cannot be published; `problems` lists every reason with its line."""

    code = "policy.not_sound"
    say = "政策文件有 {count} 处问题，第一处：{first}。"
    do = "请逐条改正后重新提交。"


class VersionTooSoon(Conflict):
    code = "policy.version_too_soon"
    say = "已发布政策的新版本不能追溯：最早可自 {earliest_on} 起施行，不能自 {effective_on} 起。"
    do = "请选择该日或之后的施行日期；此前的交易仍按原版本办理。"


class VersionDayTaken(Conflict):
    code = "policy.version_day_taken"
    say = "政策“{policy_id}”已有自 {effective_on} 起施行的版本。"
    do = "请另选施行日期。"


class VersionUnchanged(Conflict):
    code = "policy.version_unchanged"
    say = "政策“{policy_id}”的内容与现有最新版本相同，无需重新发布。"
    do = "如需修改，请先改动内容。"


class VoucherMoveUnknown(Conflict):
    code = "policy.voucher_move_unknown"
    say = "按该项政策，“{state}”的券不能再办理这一步（{event}）。"
    do = "请先核对这张券的状态和活动是否已经结束。"


class SimulationInputMissing(Invalid):
    code = "policy.simulation_input_missing"
    say = "数据“{source}”缺少列“{columns}”，无法推演。"
    do = "请使用平台导出的申领数据，或补上这些列。"


class SimulationInputUnreadable(Invalid):
    code = "policy.simulation_input_unreadable"
    say = "无法读取数据“{source}”。"
    do = "请检查文件是否存在、是否为 Parquet 格式。"


class BulkEngineMissing(Unavailable):
    code = "policy.bulk_engine_missing"
    say = "没有安装读取 Parquet 的引擎。"
    do = "请执行 .venv/bin/python -m pip install --require-hashes -r requirements/bulk.txt 后重试。"


class ProposalUnknown(NotFound):
    code = "policy.proposal_unknown"
    say = "没有这份待批的政策。"
    do = "请在待批列表中选择。"


class ProposalDecided(Conflict):
    code = "policy.proposal_decided"
    say = "这份政策已经有人处理过了。"
    do = "请刷新列表查看结果。"


class SecondPersonNeeded(NotAllowed):
    code = "policy.second_person_needed"
    say = "起草人不能批准自己起草的政策。"
    do = "请由另一位有批准权限的同事批准。"
