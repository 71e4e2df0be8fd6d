"""`lapis features ...`: what the columns of a table tell about a target."""

from __future__ import annotations

import asyncio
from argparse import Namespace

from services.entities.features import FeatureScores, PermutationOptions, ScoreMethod, Task
from tui.cli.options import Verbs, add_noun, add_verb, positive
from tui.cli.output import Document, emit_list, output_of, say, write_document
from tui.cli.tables import opened

COLUMNS = {"Feature": "feature", "Score": "score"}
CHI2_COLUMNS = {**COLUMNS, "p-value": "p_value"}
PERMUTATION_COLUMNS = {**COLUMNS, "Spread": "spread"}
METRICS = ("accuracy", "precision", "recall", "mae", "rmse", "rae", "rse", "r2")


def add(nouns: Verbs) -> None:
    """Add the noun to the parser."""
    verbs = add_noun(nouns, "features", "score the columns of a table against a target")
    score = add_verb(
        verbs,
        "score",
        None,
        "score columns against a target, best first",
        output="table",
        description=(
            "Score the columns of a table against a target, the best first. Columns without numbers, and those in "
            "which nearly each row has a value of its own, are left out unless --features names them.\n\n"
            "  lapis features score diabetes.csv --target Diabetic --method chi2 --top 3"
        ),
    )
    score.add_argument("table", metavar="TABLE", help="a file, azureml:NAME:VERSION, or an address")
    score.add_argument("--target", required=True, metavar="COLUMN", help="what the columns shall tell about")
    score.add_argument(
        "--method", choices=[*ScoreMethod], default=ScoreMethod.PEARSON, help="how to score (default: pearson)"
    )
    score.add_argument("--features", nargs="+", default=[], metavar="COLUMN", help="the columns (default: all numbers)")
    score.add_argument("--top", type=positive, metavar="K", help="how many to show (default: all)")
    score.add_argument(
        "--metric", choices=METRICS, default="", help="what a permutation lowers (default: accuracy or r2)"
    )
    score.add_argument("--task", choices=[*Task], default=Task.AUTO, help="what the target is for (default: auto)")
    score.add_argument("--test", type=float, default=0.3, metavar="SHARE", help="held back to shuffle (default: 0.3)")
    score.add_argument("--seed", type=int, default=1023, metavar="N", help="of the permutations (default: 1023)")
    score.add_argument("--repeats", type=positive, default=5, metavar="N", help="permutations a column (default: 5)")
    score.set_defaults(local_handler=score_features)


def score_features(args: Namespace) -> int:
    """By the method that was asked for."""
    from services.features import importance, scores

    frame, task = asyncio.run(_frame(args)), Task(args.task)
    match args.method:
        case ScoreMethod.PEARSON:
            found, columns = scores.pearson(frame, args.target, args.features, task), COLUMNS
        case ScoreMethod.CHI2:
            found, columns = scores.chi2(frame, args.target, args.features, task), CHI2_COLUMNS
        case _:
            options = PermutationOptions(args.metric, args.test, args.seed, args.repeats)
            found = importance.permutation(frame, args.target, args.features, task, options=options)
            columns = PERMUTATION_COLUMNS
    rows = [_row(found, place) for place in range(len(found.scores[: args.top]))]
    if output_of(args) == "table":
        emit_list(rows, args, columns)
        for note in found.notes:
            say(f"lapis: {note}")
    else:
        write_document(_document(found, rows), output_of(args))
    return 0


async def _frame(args: Namespace) -> object:
    from services.features.table import whole_table

    async with opened(args.table, args) as table:
        return await whole_table(table)


def _row(found: FeatureScores, place: int) -> Document:
    score = found.scores[place]
    row: Document = {"feature": score.feature, "score": round(score.score, 4)}
    row |= {} if score.p_value is None else {"p_value": float(f"{score.p_value:.3g}")}
    return row | ({} if score.spread is None else {"spread": round(score.spread, 4)})


def _document(found: FeatureScores, rows: list[Document]) -> Document:
    document: Document = {"method": str(found.method), "target": found.target, "rows": found.rows}
    if found.baseline is not None:
        document |= {"metric": found.metric, "baseline": round(found.baseline, 4)}
    return {**document, "scores": rows, "notes": list(found.notes)}
