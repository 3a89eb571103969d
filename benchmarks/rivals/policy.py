"""The rule of grade-1 appliances of 2026 in zen-engine and in OpenFisca, timed; prints JSON.

Runs in an environment of its own, with the cases and the fen they must give on standard input.
"""

import json
import sys
import time

import numpy
import zen
from openfisca_core import entities, periods, simulations, taxbenefitsystems, variables

CATEGORIES = ["refrigerator", "washing_machine", "television", "air_conditioner", "water_heater",
              "computer"]  # fmt: skip
MONTH = "2026-07"


def main() -> None:
    asked = json.load(sys.stdin)
    cases, expected = asked["cases"], asked["expected"]
    system = fisca_system()
    answer = {
        "zen_us": zen_us(cases, expected),
        "fisca_us": fisca_us(system, cases, expected),
        "fisca_rows_per_s": fisca_rows_per_s(system, asked["rows"]),
    }
    print(json.dumps(answer))


def zen_us(cases: list[dict], expected: list[int]) -> float:
    listed = ", ".join(f"'{code}'" for code in CATEGORIES)
    days = "date(on) >= date('2026-01-01') and date(on) < date('2027-01-01')"
    eligible = f"{days} and category in [{listed}] and grade == 1"
    amount = f"({eligible}) ? min([floor(price * 15 / 100), 150000]) : 0"
    content = {
        "nodes": [
            {"id": "in", "type": "inputNode", "name": "in", "position": {"x": 0, "y": 0}},
            {"id": "rule", "type": "expressionNode", "name": "rule", "position": {"x": 1, "y": 0},
             "content": {"expressions": [{"id": "a", "key": "amount", "value": amount}]}},
            {"id": "out", "type": "outputNode", "name": "out", "position": {"x": 2, "y": 0}},
        ],
        "edges": [
            {"id": "1", "sourceId": "in", "targetId": "rule", "type": "edge"},
            {"id": "2", "sourceId": "rule", "targetId": "out", "type": "edge"},
        ],
    }  # fmt: skip
    decision = zen.ZenEngine().create_decision(json.dumps(content))
    found = [int(decision.evaluate(case)["result"]["amount"]) for case in cases]
    assert found == expected, "zen-engine gives other amounts"
    return best_us(lambda: [decision.evaluate(case) for case in cases], len(cases))


def fisca_system() -> taxbenefitsystems.TaxBenefitSystem:
    person = entities.SingleEntity("person", "persons", "", "")
    system = taxbenefitsystems.TaxBenefitSystem([person])

    class Price(variables.Variable):
        value_type, entity, definition_period = int, person, periods.MONTH

    class Grade(variables.Variable):
        value_type, entity, definition_period = int, person, periods.MONTH

    class Covered(variables.Variable):
        value_type, entity, definition_period = bool, person, periods.MONTH

    class Amount(variables.Variable):
        value_type, entity, definition_period = int, person, periods.MONTH

        def formula_2026(person, period):  # noqa: N805  OpenFisca's own form
            fen = person("Price", period).astype("int64") * 15 // 100
            holds = person("Covered", period) & (person("Grade", period) == 1)
            return numpy.where(holds, numpy.minimum(fen, 150_000), 0)

    for variable in (Price, Grade, Covered, Amount):
        system.add_variable(variable)
    return system


def fisca_amounts(system, price, grade, covered) -> numpy.ndarray:
    builder = simulations.SimulationBuilder()
    simulation = builder.build_default_simulation(system, count=len(price))
    for name, values in (("Price", price), ("Grade", grade), ("Covered", covered)):
        simulation.set_input(name, MONTH, values)
    return simulation.calculate("Amount", MONTH)


def fisca_us(system, cases: list[dict], expected: list[int]) -> float:
    columns = [
        (numpy.array([c["price"]]), numpy.array([c["grade"] or 0]),
         numpy.array([c["category"] in CATEGORIES and "2026-01-01" <= c["on"] < "2027-01-01"]))
        for c in cases
    ]  # fmt: skip
    found = [int(fisca_amounts(system, *each)[0]) for each in columns]
    assert found == expected, "OpenFisca gives other amounts"
    return best_us(lambda: [fisca_amounts(system, *each) for each in columns], len(cases))


def fisca_rows_per_s(system, rows: int) -> float:
    random = numpy.random.default_rng(2026)
    price = random.integers(10_000, 2_000_000, rows)
    grade, covered = random.integers(1, 4, rows), random.random(rows) < 0.9
    each_us = best_us(lambda: fisca_amounts(system, price, grade, covered), rows, times=3)
    return 1_000_000 / each_us


def best_us(work, count: int, times: int = 5) -> float:
    """Microseconds for one of `count`, the best of several runs."""
    best = min(timed(work) for _ in range(times))
    return best / count * 1_000_000


def timed(work) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
