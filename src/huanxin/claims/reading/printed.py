"""Printed text in a picture, recognised on one core with the models of the wheel, offline."""

from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from PIL import Image

from huanxin.claims.reading.found import Line, Place

_MODELS = {"Det": "*_det_*.onnx", "Rec": "*_rec_*.onnx", "Cls": "*_cls_*.onnx"}
_WIDE = 1_280  # the long side that text is looked for at: more costs time and finds no more


def is_installed() -> bool:
    """Whether the recogniser and its runtime are there."""
    return all(find_spec(name) is not None for name in ("rapidocr", "onnxruntime"))


def of_picture(image: Image.Image, *, side: int = _WIDE) -> list[Line]:
    """The lines of text with their confidence and place; an empty list where there is none."""
    import numpy as np

    copy = image.copy()
    copy.thumbnail((side, side), Image.Resampling.LANCZOS)
    read = _engine()(np.asarray(copy)[:, :, ::-1], use_cls=False)
    if read.txts is None:
        return []
    return [
        Line(text, int(score * 10_000), _place(box, copy))
        for text, score, box in zip(read.txts, read.scores, read.boxes, strict=True)
    ]


@cache
def _engine() -> Any:
    import onnxruntime
    import rapidocr

    onnxruntime.set_default_logger_severity(3)
    folder = Path(rapidocr.__file__).parent / "models"
    params: dict[str, Any] = {
        "Global.log_level": "critical",
        "Global.text_score": 0.3,  # what is unsure is said as such, not dropped
        "Global.use_cls": False,
        "EngineConfig.onnxruntime.intra_op_num_threads": 1,
        "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        "Det.limit_type": "max",
        "Det.limit_side_len": _WIDE,
    }
    for part, pattern in _MODELS.items():
        params[f"{part}.model_path"] = str(next(folder.glob(pattern)))
    return rapidocr.RapidOCR(params=params)


def _place(box: Any, image: Image.Image) -> Place:
    xs, ys = [float(p[0]) for p in box], [float(p[1]) for p in box]
    left, top, right, bottom = max(min(xs), 0), max(min(ys), 0), max(xs), max(ys)
    return (
        int(left * 10_000 / image.width), int(top * 10_000 / image.height),
        int((right - left) * 10_000 / image.width), int((bottom - top) * 10_000 / image.height),
    )  # fmt: skip
