"""The policies the repository ships: data/*.yaml, each with its test rows beside it."""

from importlib import resources


def read_seeds() -> list[tuple[str, str, str]]:
    """File name, text and test rows of every shipped policy, by name."""
    folder = resources.files("huanxin.policy").joinpath("data")
    names = sorted(path.name for path in folder.iterdir() if path.name.endswith(".yaml"))
    found = []
    for name in names:
        rows = folder.joinpath(name.removesuffix(".yaml") + ".tests.csv")
        text = folder.joinpath(name).read_text(encoding="utf-8")
        found.append((name, text, rows.read_text(encoding="utf-8")))
    return found
