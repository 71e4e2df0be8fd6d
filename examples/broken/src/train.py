"""Fails on purpose, three calls deep: Lapis shows the first real error, its file and its line."""

import json
import time


def main() -> None:
    print("reading the settings", flush=True)
    settings = json.loads('{"learning_rate": 0.1, "epochs": 3}')
    for epoch in range(settings["epochs"]):
        print(f"epoch {epoch + 1}: loss {1 / (epoch + 1):.3f}", flush=True)
        time.sleep(0.2)
    report(settings)


def report(settings: dict[str, float]) -> None:
    print(f"trained with a batch of {batch_size(settings)}")


def batch_size(settings: dict[str, float]) -> int:
    return int(settings["batch_size"])


if __name__ == "__main__":
    main()
