"""The chart, rendered as a site would have it, for the tests beside this file."""

import contextlib
import copy
import functools
import json
import logging
import os
import pathlib
import tomllib

import helm_python
import yaml

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
CHART = REPOSITORY / "charts" / "helm" / "kordon"
SITES = sorted((pathlib.Path(__file__).parent / "values").glob("*.yaml"))
PARTS = ["api", "delivery", "timers", "mail", "sealing"]

# That files of the chart are links is no news.
helm_python.enable_logging(logging.WARNING, logging.getLogger("helm"))


@contextlib.contextmanager
def hushed():
    """Helm's linter and its packager tell it all the same, on a log of their own."""
    errors = os.dup(2)
    with open(os.devnull, "wb") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(errors, 2)
        os.close(errors)


def values_of(site):
    return yaml.safe_load(site.read_text())


def everything():
    """The site that says every value."""
    return values_of(pathlib.Path(__file__).parent / "values" / "everything.yaml")


def least():
    """The least that a site says."""
    return values_of(pathlib.Path(__file__).parent / "values" / "behind-an-ingress.yaml")


def schema():
    return json.loads((CHART / "values.schema.json").read_text())


def changed(values, path, value):
    """A copy of the values with another one at a path; what is no map on the way becomes one."""
    values = copy.deepcopy(values)
    at = values
    *way, last = path.split("/")
    for key in way:
        if not isinstance(at.get(key), dict):
            at[key] = {}
        at = at[key]
    at[last] = value
    return values


@functools.cache
def chart():
    with hushed():
        return helm_python.Chart.load(CHART)


def render(values, release="kordon"):
    """All objects that a release would make. Raises `helm_python.HelmError` when it is refused."""
    chart().validate_schema(values)
    files = chart().render(values, name=release, namespace="border")
    objects = []
    for path, text in files.items():
        if not path.endswith("NOTES.txt"):
            objects += [item for item in yaml.safe_load_all(text) if item]
    return objects


def notes(values):
    """What a site is told after it installed the chart."""
    return chart().render(values, name="kordon", namespace="border")["kordon/templates/NOTES.txt"]


@functools.cache
def site(path):
    return render(values_of(path))


def of_kind(objects, kind):
    return [item for item in objects if item["kind"] == kind]


def named(objects, kind, name):
    [found] = [item for item in of_kind(objects, kind) if item["metadata"]["name"] == name]
    return found


def pods(objects):
    """The name and the pod template of each Deployment."""
    return [(item["metadata"]["name"], item["spec"]["template"]) for item in of_kind(objects, "Deployment")]


def container(template):
    [only] = template["spec"]["containers"]
    return only


def parts(template):
    arguments = container(template)["args"]
    return arguments[arguments.index("--roles") + 1].split(",")


def settings_file(objects, release="kordon"):
    name = release if "kordon" in release else f"{release}-kordon"
    return named(objects, "ConfigMap", f"{name}-config")["data"]["kordon.toml"]


def settings(objects):
    return tomllib.loads(settings_file(objects))


def program():
    """The hub itself, as the tests have built it."""
    target = REPOSITORY / os.environ.get("CARGO_TARGET_DIR", "target")
    return target / "debug" / "kordon"
