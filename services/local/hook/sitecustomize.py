"""Put first on a job's path: joins the job's MLflow run when the script first imports mlflow.

`log_model` alone neither starts nor joins a run, even with MLFLOW_RUN_ID set (MLflow 3.17), and an explicit
`start_run()` would raise once one is active. So the run is started at import, and a plain `start_run()` of the
script joins it.
Nothing here may raise into the script, and it costs nothing where mlflow is not imported.
"""

import os
import sys


def _hide_lapis():
    """Keep the packages of Lapis out of sight, so that a script's own `services` or `screens` can't clash."""
    home = os.environ.pop("LAPIS_HOME", "")
    if not home:
        return
    from importlib.machinery import PathFinder

    class Hidden:
        @staticmethod
        def find_spec(name, path=None, target=None):
            if name not in ("tui", "screens", "services"):
                return None
            elsewhere = [entry for entry in sys.path if os.path.realpath(entry or os.getcwd()) != home]
            spec = PathFinder.find_spec(name, elsewhere)
            origin = getattr(spec, "origin", None) or ""
            if spec is None or os.path.realpath(origin).startswith(home + os.sep):
                raise ModuleNotFoundError(f"No module named {name!r}", name=name)
            return spec

    sys.meta_path.insert(0, Hidden)


def _join_run():
    run_id = os.environ.get("MLFLOW_RUN_ID", "")
    if not run_id:
        return
    from importlib.util import find_spec

    class Finder:
        @staticmethod
        def find_spec(name, path=None, target=None):
            if name != "mlflow":
                return None
            sys.meta_path.remove(Finder)
            spec = find_spec(name)
            if spec is None or spec.loader is None:
                return spec
            load = spec.loader.exec_module

            def exec_module(module):
                load(module)
                try:
                    _wrap(module, run_id)
                except Exception as error:
                    print(f"lapis: the script's run could not be joined: {error}", file=sys.stderr)

            spec.loader.exec_module = exec_module
            return spec

    sys.meta_path.insert(0, Finder)


def _wrap(mlflow, run_id):
    fluent = sys.modules["mlflow.tracking.fluent"]
    start = fluent.start_run
    joined = [False]

    def start_run(*args, **kwargs):
        wanted = args[0] if args else kwargs.get("run_id")
        nested = kwargs.get("nested", False) or (len(args) > 3 and args[3])
        if nested or wanted not in (None, run_id):
            return start(*args, **kwargs)
        active = mlflow.active_run()
        if active is None:
            joined[0] = True
            return start(run_id=run_id)
        if active.info.run_id != run_id or joined[0]:
            return start(*args, **kwargs)
        joined[0] = True
        name = kwargs.get("run_name")
        tags = dict(kwargs.get("tags") or {}, **({"mlflow.runName": name} if name else {}))
        if tags:
            mlflow.set_tags(tags)
        return active

    start_run.__doc__ = start.__doc__
    mlflow.start_run = fluent.start_run = start_run
    if mlflow.active_run() is None:
        start(run_id=run_id)


def _chain():
    """Run the environment's own sitecustomize, which this one stands before."""
    here = os.path.dirname(os.path.abspath(__file__))
    for entry in sys.path:
        file = os.path.join(entry, "sitecustomize.py")
        if os.path.abspath(entry) != here and os.path.isfile(file):
            with open(file, encoding="utf-8") as source:
                code = compile(source.read(), file, "exec")
            exec(code, {"__name__": "sitecustomize", "__file__": file})
            return


try:
    _hide_lapis()
    _join_run()
except Exception as error:
    print(f"lapis: {error}", file=sys.stderr)
_chain()
