"""What a benchmark answers: one figure with the goal it is held to."""

import json
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured value. `at_least` tells whether more or less than the goal is wanted."""

    figure: str
    value: float
    unit: str
    goal: float
    at_least: bool = False

    @property
    def met(self) -> bool:
        return self.value >= self.goal if self.at_least else self.value <= self.goal

    def as_json(self) -> str:
        """One line for machines."""
        facts = {
            "figure": self.figure, "value": round(self.value, 3), "unit": self.unit,
            "goal": self.goal, "met": self.met,
        }  # fmt: skip
        return json.dumps(facts, ensure_ascii=False)
