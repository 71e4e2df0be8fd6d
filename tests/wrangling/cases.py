"""A table and, for each kind of step, what it shall become: for pandas in this process, and for Spark in another."""

from __future__ import annotations

from dataclasses import dataclass

TABLE = '''\
id,name,sex,age,fare,cabin,day
1,"Ada, Lady",f,36,10.5,C85,2024-01-31
2,Bob,m,,7.25,,2024-02-29
3,Cyd,f,5,7.25,E46,2023-12-25
4,"Dan ""D""",m,71,100,C123,2024-03-01
5,Bob,m,,7.25,,2024-02-29
'''
OTHER = "sex,word\nf,female\nm,male\n"
OTHER_NAME = "words.csv"


@dataclass(frozen=True)
class Case:
    """Steps as YAML flow, the columns to look at, and their rows as text; missing is an empty text.

    Attributes:
        in_spark: Spark gives the same rows, if not in the same order; False where it is only about the same.
    """

    name: str
    steps: str
    columns: str
    rows: str
    in_spark: bool = True

    @property
    def yaml(self) -> str:
        return "steps:\n" + "".join(f"  - {line}\n" for line in self.steps.strip().splitlines())

    @property
    def expected(self) -> list[list[str]]:
        return [line.split("|") for line in self.rows.split()]


def _case(name: str, steps: str, columns: str, rows: str, in_spark: bool = True) -> Case:
    return Case(name, steps, columns, rows, in_spark)


CASES = (
    _case("fill constant", "{step: fill, columns: [cabin], value: None}", "cabin", "C85 None E46 C123 None"),
    _case("fill several", "{step: fill, columns: [age], value: 0}", "age", "36.0 0.0 5.0 71.0 0.0"),
    _case("fill mean", "{step: fill, columns: [age], method: mean}", "age", "36.0 37.333 5.0 71.0 37.333"),
    _case("fill median", "{step: fill, columns: [age], method: median}", "age", "36.0 36.0 5.0 71.0 36.0"),
    _case("fill mode", "{step: fill, columns: [cabin], method: mode}", "cabin", "C85 C123 E46 C123 C123", False),
    _case("fill forward", "{step: fill, columns: [age], method: forward}", "age", "36.0 36.0 5.0 71.0 71.0"),
    _case("fill back", "{step: fill, columns: [cabin], method: back}", "id|cabin", "1|C85 2|E46 3|E46 4|C123 5|_"),
    _case("drop missing", "{step: drop_missing}", "id", "1 3 4"),
    _case("drop missing in one", "{step: drop_missing, columns: [age]}", "id", "1 3 4"),
    _case("drop missing all", "{step: drop_missing, how: all}", "id", "1 2 3 4 5"),
    _case("drop missing by a threshold", "{step: drop_missing, threshold: 6}", "id", "1 3 4"),
    _case("drop duplicates", "{step: drop_duplicates, columns: [name]}", "id", "1 2 3 4"),
    _case("drop duplicates last", "{step: drop_duplicates, columns: [name], keep: last}", "id", "1 3 4 5"),
    _case("drop duplicates none", "{step: drop_duplicates, columns: [name], keep: none}", "id", "1 3 4"),
    _case("sort is stable", "{step: sort, columns: [fare]}", "id", "2 3 5 1 4"),
    _case("sort descending", "{step: sort, columns: [sex, age], descending: true}", "id", "4 2 5 1 3"),
    _case("sort missing first", "{step: sort, columns: [age], missing: first}", "id", "2 5 3 1 4"),
    _case("select", "{step: select, columns: [fare, id]}", "fare|id", "10.5|1 7.25|2 7.25|3 100.0|4 7.25|5"),
    _case("drop", "{step: drop, columns: [name, day, cabin, age, fare]}", "id|sex", "1|f 2|m 3|f 4|m 5|m"),
    _case("rename", "{step: rename, columns: {id: number, sex: 'a b'}}", "number|a b", "1|f 2|m 3|f 4|m 5|m"),
    _case("cast integer", "{step: cast, columns: [age], type: integer}", "age", "36 _ 5 71 _"),
    _case("cast text", "{step: cast, columns: [id], type: text}", "id", "1 2 3 4 5"),
    _case(
        "cast with gaps for faults",
        "{step: cast, columns: [cabin], type: number, faults: missing}",
        "cabin",
        "_ _ _ _ _",
    ),
    _case("cast date", "{step: cast, columns: [day], type: date}\n{step: filter, where: year(day) == 2023}", "id", "3"),
    _case(
        "filter by the day of the week",
        "{step: cast, columns: [day], type: date}\n{step: filter, where: weekday(day) >= 3}",
        "id",
        "2 4 5",
    ),
    _case("replace cells", "{step: replace, columns: [sex], old: f, new: female}", "sex", "female m female m m"),
    _case("replace parts", "{step: replace, columns: [cabin], old: C, new: D}", "cabin", "C85 _ E46 C123 _"),
    _case(
        "replace parts of texts",
        "{step: replace, columns: [cabin], old: C, new: D., match: part}",
        "cabin",
        "D.85 _ E46 D.123 _",
    ),
    _case(
        "replace a pattern",
        r"{step: replace, columns: [cabin], old: '([A-Z])(\d+)', new: '\2\1', match: pattern}",
        "cabin",
        "85C _ 46E 123C _",
    ),
    _case("filter", "{step: filter, where: age > 18}", "id", "1 4"),
    _case("filter keeps missing for !=", "{step: filter, where: cabin != 'C85'}", "id", "2 3 4 5"),
    _case(
        "filter by words",
        "{step: filter, where: 'sex == ''m'' and not is_missing(age) or fare in [10.5]'}",
        "id",
        "1 4",
    ),
    _case("filter by text", "{step: filter, where: 'contains(cabin, ''C'')'}", "id", "1 4"),
    _case("derive", "{step: derive, column: double, value: fare * 2 + id}", "double", "22.0 16.5 17.5 204.0 19.5"),
    _case(
        "derive by a choice",
        "{step: derive, column: x, value: 'if_else(age < 18, ''child'', ''adult'')'}",
        "x",
        "adult adult child adult adult",
    ),
    _case(
        "derive from texts that are dates",
        "{step: replace, columns: [day], old: '2024-02-29', new: '2024'}\n"
        "{step: derive, column: x, value: year(date(day))}",
        "x",
        "2024.0 _ 2023.0 2024.0 _",
    ),
    _case(
        "derive numbers by a choice",
        "{step: derive, column: x, value: 'if_else(sex == ''m'', fare, 0)'}",
        "x",
        "0.0 7.25 0.0 100.0 7.25",
    ),
    _case("derive by a date", "{step: derive, column: x, value: month(date(day))}", "x", "1 2 12 3 2"),
    _case(
        "filter by the ends of a text",
        "{step: filter, where: 'starts_with(cabin, ''C'') or not ends_with(cabin, ''6'')'}",
        "id",
        "1 2 4 5",
    ),
    _case("filter by a pattern", "{step: filter, where: 'matches(cabin, ''^C[0-9]{2}$'')'}", "id", "1"),
    _case(
        "filter by truth", "{step: derive, column: big, value: fare > 8}\n{step: filter, where: not big}", "id", "2 3 5"
    ),
    _case("derive by a number", "{step: derive, column: x, value: 'number(text(id)) + 1'}", "x", "2.0 3.0 4.0 5.0 6.0"),
    _case("derive by numpy", "{step: derive, column: x, value: sqrt(id * id)}", "x", "1.0 2.0 3.0 4.0 5.0"),
    _case("clip", "{step: clip, columns: [fare], lower: 8, upper: 50}", "fare", "10.5 8.0 8.0 50.0 8.0"),
    _case("scale to 0 and 1", "{step: scale, columns: [id]}", "id", "0.0 0.25 0.5 0.75 1.0"),
    _case(
        "scale by deviations", "{step: scale, columns: [id], method: z_score}", "id", "-1.265 -0.632 0.0 0.632 1.265"
    ),
    _case("encode one hot", "{step: encode, columns: [sex]}", "sex_f|sex_m", "1|0 0|1 1|0 0|1 0|1"),
    _case("encode ordinal", "{step: encode, columns: [sex], method: ordinal}", "sex", "0 1 0 1 1"),
    _case("encode in an order", "{step: encode, columns: [sex], method: ordinal, order: [m, f]}", "sex", "1 0 1 0 0"),
    _case("bins of a width", "{step: bin, column: id, into: b, bins: 2}", "b", "0 0 0 1 1"),
    _case(
        "bins with labels and gaps",
        "{step: bin, column: age, into: b, method: edges, edges: [18, 65], labels: [child, adult, old]}",
        "b",
        "adult _ child old _",
    ),
    _case("bins of as many rows", "{step: bin, column: id, into: b, method: quantile, bins: 2}", "b", "0 0 0 1 1"),
    _case(
        "split",
        "{step: split, column: day, separator: '-', into: [year, rest]}",
        "year|rest",
        "2024|01-31 2024|02-29 2023|12-25 2024|03-01 2024|02-29",
    ),
    _case("split one", "{step: split, column: day, separator: '-', into: [year]}", "year", "2024 2024 2023 2024 2024"),
    _case(
        "split more than there is",
        "{step: split, column: cabin, separator: '8', into: [a, b, c]}",
        "a|b|c",
        "C|5|_ _|_|_ E46|_|_ C123|_|_ _|_|_",
    ),
    _case(
        "join texts",
        "{step: join_text, columns: [sex, cabin], into: x, separator: '/'}",
        "x",
        "f/C85 m/ f/E46 m/C123 m/",
    ),
    _case(
        "date parts",
        "{step: date_parts, column: day, parts: [year, quarter, month, day, weekday]}",
        "day_year|day_quarter|day_month|day_day|day_weekday",
        "2024|1|1|31|2 2024|1|2|29|3 2023|4|12|25|0 2024|1|3|1|4 2024|1|2|29|3",
    ),
    _case(
        "group",
        "{step: group, by: [sex], aggregates: "
        "[{column: age, function: mean}, {column: id, function: count, into: rows}]}",
        "sex|age_mean|rows",
        "f|20.5|2 m|71.0|3",
    ),
    _case(
        "pivot",
        "{step: pivot, rows: [sex], columns: name, values: fare, function: sum}",
        "sex|Bob|Cyd",
        "f|_|7.25 m|14.5|_",
    ),
    _case(
        "melt",
        "{step: melt, keep: [id], columns: [fare, age], name_into: what}\n{step: filter, where: id == 2}",
        "id|what|value",
        "2|fare|7.25 2|age|_",
    ),
    _case(
        "join", f"{{step: join, table: {OTHER_NAME}, keys: [sex]}}", "id|word", "1|female 2|male 3|female 4|male 5|male"
    ),
    _case("sample", "{step: sample, rows: 2, seed: 1}", "id", "3 2", False),
    _case("sample of few", "{step: sample, rows: 20}\n{step: sort, columns: [id]}", "id", "1 2 3 4 5"),
    _case("sample a fraction", "{step: sample, fraction: 0.4, seed: 1}", "id", "3 2", False),
    _case("train and test", "{step: train_test, test: 0.4, seed: 1}", "split", "train test test train train", False),
    _case("train alone", "{step: train_test, test: 0.4, seed: 1, keep: train}", "id", "1 4 5", False),
    _case(
        "test by classes",
        "{step: train_test, test: 0.5, seed: 1, stratify: sex, keep: test}\n"
        "{step: group, by: [sex], aggregates: [{column: id, function: count, into: n}]}",
        "sex|n",
        "f|1 m|2",
        False,
    ),
    _case("muted", "{step: drop_missing, muted: true}", "id", "1 2 3 4 5"),
)


def shown(text: str | None, *, exact: bool = True) -> str:
    """A cell as the cases write it: numbers to three digits, missing as `_`.

    Args:
        exact: tells 1 from 1.0.
    """
    if text is None:
        return "_"
    try:
        number = round(float(text), 3)
    except ValueError:
        return text
    if not exact:
        return f"{number:g}"
    return text if text.isdigit() else str(number)
