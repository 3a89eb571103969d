"""What the twin refuses."""

from huanxin.kernel.errors import Conflict


class AnotherCity(Conflict):
    """This database holds the season of another seed or scale."""

    code = "simulation.another_city"
    say = "数据库中已有另一座模拟城市，不能再放入 1:{scale}、种子 {seed} 的城市。"
    do = "请用原来的 --scale 与 --seed，或先执行 make clean-demo 清空演示数据。"


class SeasonOfAnotherVersion(Conflict):
    """A season stands half played by a plan that this code no longer makes."""

    code = "simulation.season_of_another_version"
    say = "数据库中的模拟夏季只重放到一半，且出自另一个版本的程序或丢失了进度文件，无法接着重放。"
    do = "请执行 make clean-demo 清空演示数据后重新开始。"
