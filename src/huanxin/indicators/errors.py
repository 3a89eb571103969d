"""Indicators' refusals."""

from huanxin.kernel.errors import Invalid, NotAllowed, NotFound


class MetricUnknown(NotFound):
    """No metric of that id."""

    code = "indicators.metric_unknown"
    say = "没有名为“{metric_id}”的指标。"
    do = "请从大屏上点击数字进入。"


class TargetInvalid(Invalid):
    """The goal cannot be published."""

    code = "indicators.target_invalid"
    say = "目标无法发布：{reason}。"
    do = "请按提示修改后重新提交。"


class ImportRefused(Invalid):
    """Another city's file cannot be read in."""

    code = "indicators.import_refused"
    say = "汇总文件无法导入：{reason}。"
    do = "请向出具城市核对后重新导入。"


class WindowInvalid(Invalid):
    """The days asked for are no period."""

    code = "indicators.window_invalid"
    say = "统计期间无法使用：{reason}。"
    do = "请选择今日、近7日、近30日、本年，或填写先后正确的起止日期。"


class RegionOutOfReach(NotAllowed):
    """The actor asked for a region that is not theirs."""

    code = "indicators.region_out_of_reach"
    say = "“{region}”的数据不在您的管辖范围内。"
    do = "您可以查看{own}的大屏（/screen/{own_code}/）；如确需查看，请联系上级管理员。"
