"""Write data/patients.csv: invented patients, the same ones each time, so that the example needs no download.

python examples/diabetes/make_patients.py
"""

import csv
import math
import random
from pathlib import Path

ROWS = 1_500
COLUMNS = (
    *("PatientID", "Pregnancies", "PlasmaGlucose", "DiastolicBloodPressure", "TricepsThickness", "SerumInsulin"),
    *("BMI", "DiabetesPedigree", "Age", "Activity", "Diabetic"),
)
ACTIVITY = {"low": 0.7, "moderate": 0.0, "high": -0.6}


def main() -> None:
    draw = random.Random(20)  # noqa: S311 - invented patients are no secret
    path = Path(__file__).parent / "data" / "patients.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for number in range(ROWS):
            writer.writerow(patient(1_000_001 + number, draw))


def patient(identity: int, draw: random.Random) -> list[object]:
    age = min(80, round(21 + draw.expovariate(1 / 14)))
    pregnancies = min(12, int(draw.expovariate(1 / 2.5)))
    bmi = max(17.0, draw.gauss(29 + (age - 35) * 0.05, 5.5))
    glucose = max(55, round(draw.gauss(104 + (bmi - 29) * 0.9, 24)))
    pressure = max(45, round(draw.gauss(70 + (age - 35) * 0.2, 11)))
    triceps = max(6, round(draw.gauss(bmi * 0.85, 6)))
    insulin = max(12, round(draw.lognormvariate(4.4, 0.7)))
    pedigree = min(2.4, draw.lognormvariate(-1.1, 0.6))
    activity = draw.choices(list(ACTIVITY), weights=(4, 4, 2))[0]
    odds = -1.3 + 0.030 * (glucose - 105) + 0.09 * (bmi - 29) + 0.025 * (age - 35)
    odds += 0.12 * (pregnancies - 2) + 0.9 * (pedigree - 0.4) + 0.002 * (insulin - 90) + ACTIVITY[activity]
    diabetic = int(draw.random() < 1 / (1 + math.exp(-odds)))
    measured = draw.random() > 0.02  # some insulin tests are missing, as in life
    return [
        identity, pregnancies, glucose, pressure, triceps, insulin if measured else "",
        f"{bmi:.2f}", f"{pedigree:.3f}", age, activity, diabetic,
    ]  # fmt: skip


if __name__ == "__main__":
    main()
