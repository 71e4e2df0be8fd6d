"""What can be done with a table on the screen."""

from __future__ import annotations

from screens.actions import Action

TABLE_ACTIONS = (
    Action("table.cell", ("enter",), "Cell", "Show the cell in full", footer=2),
    Action("table.row", ("R",), "Row", "Show the row as a list of names and values", footer=3),
    Action("table.filter", ("ampersand",), "Filter", "Show the rows that an expression keeps, such as Age > 60",
           footer=1),
    Action("table.unfilter", ("escape",), "All", "Stop what is going on; else show all rows again", footer=2),
    Action("table.search", ("slash",), "Search", "Go to the next row that holds a text, in any column", footer=1),
    Action("table.search-next", ("n",), "Next", "Next row that holds the text", footer=0),
    Action("table.search-previous", ("N",), "Previous", "Row before that holds the text", footer=0),
    Action("table.sort", ("s",), "Sort", "Sort by this column, smallest first", footer=1),
    Action("table.sort-descending", ("S",), "Sort down", "Sort by this column, largest first", footer=4),
    Action("table.sort-also", ("a",), "Sort also", "Sort equal rows by this column; again: the other way, then not",
           footer=6),
    Action("table.unsort", ("o",), "File order", "Show the rows in the order of the file again", footer=6),
    Action("table.goto", ("number_sign", "ctrl+g"), "Go to row", "Go to a row by its number", footer=2),
    Action("table.column", ("t",), "Column", "Go to a column by its name or a part of it", footer=3),
    Action("table.count", ("l",), "Count", "Count the rows; of a remote text this reads all of it", footer=7),
    Action("table.hide", ("h",), "Hide", "Hide this column", footer=5),
    Action("table.show-all", ("H",), "Show all", "Show the hidden columns again", footer=6),
    Action("table.pin", ("p",), "Pin", "Keep this column at the left, or let it go", footer=5),
    Action("table.wider", ("plus",), "Wider", "Make this column wider", footer=0),
    Action("table.narrower", ("minus",), "Narrower", "Make this column narrower", footer=0),
    Action("table.fit", ("equals_sign",), "Fit", "As wide as its cells need, or as at first", footer=7),
    Action("table.profile", ("f",), "Profile", "What the values of each column are like", footer=3),
    Action("table.wrangle", ("w",), "Wrangle", "Clean and reshape it in steps that are code", footer=3),
    Action("table.options", ("D",), "Dialect", "Read it with another separator, encoding, header or sheet", footer=5),
    Action("table.text", ("v",), "View", "Show JSON that is no table as text, or as a tree", footer=2),
    Action("table.show-as", ("y",), "Show as", "Code that reads this table: pandas, PySpark, Azure ML SDK", footer=6),
    Action("table.copy-cell", ("c",), "Copy cell", "Copy the cell in full to the clipboard", footer=7),
    Action("table.copy-name", ("C",), "Copy name", "Copy the column's name", footer=8),
    Action("table.copy-uri", ("u",), "Copy URI", "Copy the URI of the table, in one of its forms", footer=8),
    Action("table.refresh", ("r",), "Reopen", "Open it again, when the file has changed", footer=8),
)  # fmt: skip
