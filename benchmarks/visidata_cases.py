"""A look at a CSV by VisiData, with the Python that has it: `python visidata_cases.py CASE FILE`, as table_cases."""

import json
import resource
import sys
import time
from pathlib import Path


def main() -> None:
    case, file = sys.argv[1:]
    began = time.perf_counter()
    from visidata import vd  # type: ignore[import-not-found]

    sheet = vd.openSource(file)
    sheet.ensureLoaded()
    if case == "first page":
        while sheet.nRows < 50:
            time.sleep(0.002)
    else:
        vd.sync()
    if case == "sort":
        price = sheet.column("price")
        price.type = float
        sheet._ordering = [(price, True)]
        sheet.sort()
        vd.sync()
    seconds = time.perf_counter() - began
    used = resource.getrusage(resource.RUSAGE_SELF)
    peak = int(Path("/proc/self/status").read_text(encoding="utf-8").split("VmHWM:")[1].split()[0]) * 1024
    found = str(sheet.rows[0][4])
    print(
        json.dumps({"seconds": seconds, "cpu": used.ru_utime + used.ru_stime, "peak": peak, "found": found}), flush=True
    )


if __name__ == "__main__":
    main()
