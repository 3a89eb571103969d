"""Exchange's refusals."""

from huanxin.kernel.errors import Conflict, Invalid, NotFound


class ListUnknown(NotFound):
    code = "exchange.list_unknown"
    say = "没有名为“{name}”的清单。"
    do = "可用的清单见 /api/v1/lists 或“导入导出”页面。"


class ListNotImportable(Invalid):
    """Facts are made by what happens, not by a file."""

    code = "exchange.list_not_importable"
    say = "“{title}”由业务办理产生，不能导入。"
    do = "请通过相应的业务接口办理；可导入的清单在“导入导出”页面有标明。"


class CursorInvalid(Invalid):
    code = "exchange.cursor_invalid"
    say = "翻页游标无效。"
    do = "请从第一页重新读取。"


class FileUnreadable(Invalid):
    code = "exchange.file_unreadable"
    say = "无法读取该文件：{reason}。"
    do = "请下载模板，按模板的表头填写后重新上传。"


class CellInvalid(Invalid):
    """One cell of an imported row."""

    code = "exchange.cell_invalid"
    say = "“{column}”{reason}。"
    do = "请改正该行后重新上传。"


class EndpointInvalid(Invalid):
    code = "exchange.endpoint_invalid"
    say = "无法设置该推送：{reason}。"
    do = "请修改后重新提交。"


class DeliveryNotDead(Conflict):
    """Only a dead letter is sent again by hand; the others are on their way."""

    code = "exchange.delivery_not_dead"
    say = "该条推送已送达，或仍在自动重试。"
    do = "请刷新推送记录查看最新状态。"
