"""Logs of failed jobs, as programs write them."""

from __future__ import annotations

PANDAS_COLUMN = """\
Loading data...
Traceback (most recent call last):
  File "/envs/job/lib/python3.11/site-packages/pandas/core/indexes/base.py", line 3805, in get_loc
    return self._engine.get_loc(casted_key)
           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  File "index.pyx", line 167, in pandas._libs.index.IndexEngine.get_loc
  File "pandas/_libs/hashtable_class_helper.pxi", line 7089, in pandas._libs.hashtable.PyObjectHashTable.get_item
KeyError: 'Diabetc'

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/home/ada/lapis/jobs/calm_sail_1/code/src/train.py", line 31, in <module>
    main(parse_args())
  File "/home/ada/lapis/jobs/calm_sail_1/code/src/train.py", line 18, in main
    y = df['Diabetc'].values
        ~~^^^^^^^^^^^
  File "/envs/job/lib/python3.11/site-packages/pandas/core/frame.py", line 4090, in __getitem__
    indexer = self.columns.get_loc(key)
              ^^^^^^^^^^^^^^^^^^^^^^^^^
KeyError: 'Diabetc'
"""

COLOURED_313 = """\
\x1b[1;35mTraceback (most recent call last):\x1b[0m
  File \x1b[35m"/tmp/x/code/train.py"\x1b[0m, line \x1b[35m7\x1b[0m, in \x1b[35m<module>\x1b[0m
    \x1b[31mfit\x1b[0m\x1b[1;31m(x)\x1b[0m
    \x1b[31m~~~\x1b[0m\x1b[1;31m^^^\x1b[0m
  File \x1b[35m"/tmp/x/code/lib/model.py"\x1b[0m, line \x1b[35m3\x1b[0m, in \x1b[35mfit\x1b[0m
    raise ValueError("no [bold]rows[/bold]")
\x1b[1;35mValueError\x1b[0m: \x1b[35mno [bold]rows[/bold]\x1b[0m
"""

GROUP = """\
  + Exception Group Traceback (most recent call last):
  |   File "/w/code/train.py", line 12, in <module>
  |     run()
  |   File "/w/code/train.py", line 9, in run
  |     raise ExceptionGroup("2 folds failed", errors)
  | ExceptionGroup: 2 folds failed (2 sub-exceptions)
  +-+---------------- 1 ----------------
    | Traceback (most recent call last):
    |   File "/w/code/train.py", line 6, in run
    |     fold(i)
    |   File "/w/code/folds.py", line 2, in fold
    |     return 1 / n
    |            ~~^~~
    | ZeroDivisionError: division by zero
    | in fold 0
    +---------------- 2 ----------------
    | TypeError: unsupported operand
    +------------------------------------
"""

POOL = '''\
multiprocessing.pool.RemoteTraceback:
"""
Traceback (most recent call last):
  File "/usr/lib/python3.11/multiprocessing/pool.py", line 125, in worker
    result = (True, func(*args, **kwds))
                    ^^^^^^^^^^^^^^^^^^^
  File "/w/code/train.py", line 5, in work
    return open(name).read()
           ^^^^^^^^^^
FileNotFoundError: [Errno 2] No such file or directory: 'data/patients.csv'
"""

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/w/code/train.py", line 9, in <module>
    pool.map(work, names)
  File "/usr/lib/python3.11/multiprocessing/pool.py", line 367, in map
    return self._map_async(func, iterable, mapstar, chunksize).get()
FileNotFoundError: [Errno 2] No such file or directory: 'data/patients.csv'
'''

DATA_LOADER = """\
Traceback (most recent call last):
  File "/w/code/train.py", line 20, in <module>
    for batch in loader:
  File "/envs/job/lib/python3.12/site-packages/torch/_utils.py", line 733, in reraise
    raise exception
RuntimeError: Caught RuntimeError in DataLoader worker process 0.
Original Traceback (most recent call last):
  File "/envs/job/lib/python3.12/site-packages/torch/utils/data/_utils/worker.py", line 349, in _worker_loop
    data = fetcher.fetch(index)
  File "/w/code/folds.py", line 14, in __getitem__
    return torch.stack(rows)
RuntimeError: stack expects each tensor to be equal size
"""

ELASTIC = """\
[rank0]: Traceback (most recent call last):
[rank0]:   File "/w/code/train.py", line 44, in <module>
[rank0]:     loss.backward()
[rank0]: torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB.
E0101 10:00:00.000000 140 torch/distributed/elastic/multiprocessing/api.py:869] failed (exitcode: 1)
Traceback (most recent call last):
  File "/envs/job/bin/torchrun", line 8, in <module>
    sys.exit(main())
torch.distributed.elastic.multiprocessing.errors.ChildFailedError:
============================================================
train.py FAILED
"""

SURVIVED = """\
WARNING could not read the cache
Traceback (most recent call last):
  File "/w/code/train.py", line 3, in load
    open('cache')
FileNotFoundError: [Errno 2] No such file or directory: 'cache'
epoch 1 loss 0.4
epoch 2 loss 0.3
Traceback (most recent call last):
  File "/w/code/train.py", line 50, in <module>
    evaluate(model)
ValueError: Input X contains NaN.
LogisticRegression does not accept missing values encoded as NaN natively.
Exception ignored in: <function Pool.__del__ at 0x7f>
Traceback (most recent call last):
  File "/usr/lib/python3.11/multiprocessing/pool.py", line 268, in __del__
ResourceWarning: unclosed running multiprocessing pool
"""

ARGPARSE = """\
usage: train.py [-h] --training_data TRAINING_DATA
                [--reg_rate REG_RATE]
train.py: error: the following arguments are required: --training_data
"""

PROGRESS = "".join(f"\r{n:3}%|{'#' * (n // 10):10}| {n}/100" for n in range(0, 61, 10)) + "\nKilled\n"

FAULTHANDLER = """\
training
Fatal Python error: Segmentation fault

Current thread 0x00007f7c8a5c1740 (most recent call first):
  File "/usr/lib/python3.11/ctypes/__init__.py", line 519 in string_at
  File "/w/code/lib/model.py", line 21 in fit
  File "/w/code/train.py", line 30 in <module>
"""
