"""Train a logistic regression on any CSV with a target column, and log what Azure ML and Lapis show.

Logs params, a learning curve (a point per step), accuracy and AUC, a ROC figure and the model with its signature.
"""

import argparse
import importlib.metadata
import sys
from pathlib import Path

import matplotlib

matplotlib.use("Agg")

import mlflow
import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from mlflow.models import infer_signature
from sklearn.compose import make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, log_loss, roc_auc_score, roc_curve
from sklearn.model_selection import train_test_split
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder

MAX_CLASSES = 20
Table = tuple[pd.DataFrame, pd.Series]


def main() -> None:
    args = parse_args()
    x, y = read_table(Path(args.training_data), args.target, args.drop)
    x_train, x_test, y_train, y_test = train_test_split(x, y, test_size=0.30, random_state=0)
    print(f"{len(x_train):,} rows to train on, {len(x_test):,} to test, {x.shape[1]} features", flush=True)
    mlflow.log_params(
        {"reg_rate": args.reg_rate, "target": y.name, "features": ", ".join(x), "rows": len(x), "steps": args.steps}
    )

    model = make_model(x, y, args.reg_rate)
    log_learning_curve(model, (x_train, y_train), (x_test, y_test), args.steps)

    model.fit(x_train, y_train)
    predicted = model.predict(x_test)
    probabilities = model.predict_proba(x_test)
    accuracy = float(accuracy_score(y_test, predicted))
    auc = float(roc_auc_score(y_test, scores_of(probabilities), multi_class="ovr"))
    mlflow.log_metrics({"accuracy": accuracy, "AUC": auc})
    print(f"accuracy {accuracy:.7g}, AUC {auc:.7g}", flush=True)

    log_roc(model, y_test, probabilities)
    log_model(model, x_train)
    if args.predictions:
        write_predictions(Path(args.predictions), model, y_test, predicted, probabilities)


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--training-data", required=True, help="a CSV file, or a folder of them")
    parser.add_argument("--target", default="", help="the column to predict (default: Diabetic, else the last one)")
    parser.add_argument("--drop", default="PatientID", help="columns to leave out, parted by commas")
    parser.add_argument("--reg-rate", type=float, default=0.01, help="strength of the regularisation, 1/C")
    parser.add_argument("--steps", type=int, default=10, help="points of the learning curve")
    parser.add_argument("--predictions", default="", help="a folder for predictions.csv")
    return parser.parse_args()


def read_table(path: Path, target: str, drop: str) -> Table:
    """The features and the target; rows without a target are left out, integers become floats."""
    files = sorted(path.glob("**/*.csv")) if path.is_dir() else [path]
    if not files:
        sys.exit(f"there is no CSV file in {path}")
    table = pd.concat([pd.read_csv(file) for file in files], ignore_index=True)
    target = target or ("Diabetic" if "Diabetic" in table else table.columns[-1])
    if target not in table:
        sys.exit(f"there is no column {target!r}; the columns are {', '.join(table)}")
    table = table.dropna(subset=[target])
    y = table[target]
    classes = y.nunique()
    if not 2 <= classes <= MAX_CLASSES:
        sys.exit(f"the target {target!r} has {classes} distinct values; a class to predict has 2 to {MAX_CLASSES}")
    unwanted = {target, *(name.strip() for name in drop.split(","))}
    x = table[[column for column in table if column not in unwanted]]
    # doubles, because a signature of integers refuses a missing value
    return x.astype(dict.fromkeys(x.select_dtypes("number"), "float64")), y


def make_model(x: pd.DataFrame, y: pd.Series, reg_rate: float) -> Pipeline:
    """Numbers as they are (the median where one is missing), text one-hot, then a logistic regression."""
    numbers = list(x.select_dtypes("number"))
    texts = [column for column in x if column not in numbers]
    columns = [(SimpleImputer(strategy="median"), numbers)] if numbers else []
    if texts:
        encoder = OneHotEncoder(handle_unknown="infrequent_if_exist", max_categories=20, sparse_output=False)
        columns.append((encoder, texts))
    regression = LogisticRegression(C=1 / reg_rate, solver="liblinear")
    return make_pipeline(
        make_column_transformer(*columns, verbose_feature_names_out=False),
        regression if y.nunique() == 2 else OneVsRestClassifier(regression),
    )


def log_learning_curve(model: Pipeline, train: Table, test: Table, steps: int) -> None:
    """The loss and the accuracy of the same model, fitted on a growing part of the training rows."""
    x_train, y_train = train
    x_test, y_test = test
    for step in range(1, steps + 1):
        rows = len(x_train) * step // steps
        x_part, y_part = x_train.iloc[:rows], y_train.iloc[:rows]
        if y_part.nunique() < y_train.nunique():
            continue
        model.fit(x_part, y_part)
        metrics = {
            "curve_train_loss": log_loss(y_part, model.predict_proba(x_part), labels=model.classes_),
            "curve_test_loss": log_loss(y_test, model.predict_proba(x_test), labels=model.classes_),
            "curve_test_accuracy": accuracy_score(y_test, model.predict(x_test)),
        }
        mlflow.log_metrics({key: float(value) for key, value in metrics.items()}, step=step)
        print(f"step {step}/{steps}: {rows:,} rows, test loss {metrics['curve_test_loss']:.4f}", flush=True)


def scores_of(probabilities: np.ndarray) -> np.ndarray:
    """What scikit-learn's AUC wants: one column for two classes, all of them for more."""
    return probabilities[:, 1] if probabilities.shape[1] == 2 else probabilities


def log_roc(model: Pipeline, y_test: pd.Series, probabilities: np.ndarray) -> None:
    """The ROC curve; with more than two classes one a class, against the rest."""
    figure, axes = plt.subplots(figsize=(6, 4))
    for index, label in enumerate(model.classes_):
        if len(model.classes_) > 2 or index == 1:
            false_rate, true_rate, _ = roc_curve(y_test == label, probabilities[:, index])
            axes.plot(false_rate, true_rate, label=f"{y_test.name} = {label}")
    axes.plot([0, 1], [0, 1], linestyle=":", color="grey")
    axes.set(xlabel="False positive rate", ylabel="True positive rate", title="ROC curve")
    axes.legend()
    mlflow.log_figure(figure, "roc.png")
    plt.close(figure)


def log_model(model: Pipeline, x_train: pd.DataFrame) -> None:
    """The model with its signature; the requirements are named, because inferring them takes many seconds."""
    example = x_train.head(5)
    packages = ("scikit-learn", "pandas", "numpy", "skops")
    mlflow.sklearn.log_model(
        model,
        name="model",
        signature=infer_signature(example, model.predict(example)),
        input_example=example,
        skops_trusted_types=["numpy.dtype"],  # of the column transformer; everything else skops trusts already
        pip_requirements=[f"{name}=={importlib.metadata.version(name)}" for name in packages],
    )


def write_predictions(folder: Path, model: Pipeline, y_test: pd.Series, predicted, probabilities) -> None:
    """A row for each row that was tested: what it is, what was predicted, and how surely."""
    folder.mkdir(parents=True, exist_ok=True)
    table = pd.DataFrame({"row": y_test.index, "actual": y_test, "predicted": predicted})
    for index, label in enumerate(model.classes_):
        table[f"probability_{label}"] = probabilities[:, index].round(6)
    table.to_csv(folder / "predictions.csv", index=False)
    print(f"wrote {len(table):,} predictions", flush=True)


if __name__ == "__main__":
    main()
