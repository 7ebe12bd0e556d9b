"""The settings that the chart writes are those of the guide, and the hub itself reads them."""

import os
import re
import subprocess
import tempfile
import unittest

import yaml

from rendered import (
    REPOSITORY, SITES, changed, chart, container, everything, least, pods, program, render, schema, settings, settings_file, site,
)

# Nobody listens there.
DATABASE = "postgresql://kordon:secret@127.0.0.1:1/kordon?sslmode=disable"


def guide():
    """The keys of the table of settings in docs/operate, dotted."""
    text = (REPOSITORY / "docs" / "operate" / "README.md").read_text()
    table = text.split("| Key | Default | |")[1].split("\n\n")[0]
    keys = []
    for line in table.splitlines():
        if line.startswith("| `"):
            for key in re.findall(r"`([^`]*)`", line.split("|")[1]):
                # `taxud.sender`, `.recipient`
                keys.append(keys[-1].rpartition(".")[0] + key if key.startswith(".") else key)
    return keys


def leaves(properties):
    """The dotted keys of the schema of `config`, to the second level."""
    for name, section in properties.items():
        if section.get("type") == "object":
            yield from (f"{name}.{key}" for key in section["properties"])
        else:
            yield name


def at(values, key):
    for step in key.split("."):
        if not isinstance(values, dict) or step not in values:
            return False
        values = values[step]
    return values is not None


def unsaid(schema, values, where=""):
    """The values of the schema that a site does not say."""
    for name, part in schema.get("properties", {}).items():
        path = f"{where}{name}"
        if name not in (values or {}):
            yield path
        elif part.get("type") == "object" and isinstance(values[name], dict):
            yield from unsaid(part, values[name], f"{path}.")


class Settings(unittest.TestCase):
    def read(self, text, variables=None):
        """What the hub says to a settings file: with a good one it gets as far as the database."""
        with tempfile.TemporaryDirectory() as folder:
            file = os.path.join(folder, "kordon.toml")
            with open(file, "w", encoding="utf-8") as out:
                out.write(text)
            environment = {name: value for name, value in os.environ.items() if not name.startswith("KORDON_")}
            environment |= {"DATABASE_URL": DATABASE, "KORDON_CONFIG": file, "KORDON_DATA": folder} | (variables or {})
            ran = subprocess.run([program(), "migrate"], env=environment, capture_output=True, text=True, timeout=60, check=False)
        self.assertNotEqual(ran.returncode, 0)
        return ran.stderr

    def assert_read(self, text, variables=None):
        said = self.read(text, variables)
        self.assertIn("not available: the database", said)
        self.assertNotIn("settings", said)

    def test_the_schema_has_the_settings_of_the_guide_and_no_other(self):
        self.assertEqual(
            sorted(leaves(schema()["properties"]["config"]["properties"])),
            sorted(guide()),
            "a setting is new or gone: values.schema.json and values/everything.yaml follow the guide",
        )

    def test_the_example_of_the_guide_is_a_site_of_these_tests(self):
        guide_of_kubernetes = (REPOSITORY / "docs" / "operate" / "README.md").read_text().split("\n## Kubernetes\n")[1]
        example = guide_of_kubernetes.split("```yaml\n")[1].split("```")[0]
        self.assertEqual(yaml.safe_load(example), least())

    def test_one_site_says_every_setting_and_every_value(self):
        missing = [key for key in guide() if not at(everything()["config"], key)]
        self.assertEqual(missing, [])
        # `global` is Helm's own.
        self.assertEqual(sorted(unsaid(schema(), everything())), ["global"])

    def test_every_value_has_a_default(self):
        chosen = {"global", "config"}
        open_values = {name: part for name, part in schema()["properties"].items() if name not in chosen}
        self.assertEqual(list(unsaid({"properties": open_values}, chart().values)), [])

    def test_what_a_site_sets_is_what_the_hub_is_told(self):
        for path in SITES:
            with self.subTest(site=path.stem):
                told = settings(site(path))
                self.assertIsInstance(told["workers"], int)
        self.assertEqual(settings(render(everything())), everything()["config"])

    def test_the_hub_reads_the_settings_of_every_site(self):
        for path in SITES:
            with self.subTest(site=path.stem):
                self.assert_read(settings_file(site(path)))

    def test_the_key_that_signs_may_be_in_pkcs12_or_in_a_hardware_module(self):
        mounted = "/etc/kordon/signing"
        for signing in [
            {"kind": "pkcs12", "file": f"{mounted}/key.p12", "password_file": f"{mounted}/password"},
            {
                "kind": "module", "library": "/usr/lib/module.so", "token": "kordon", "label": "signing",
                "pin_file": f"{mounted}/pin", "certificate": f"{mounted}/tls.crt",
            },
        ]:
            with self.subTest(kind=signing["kind"]):
                objects = render(changed(least(), "config/signing", signing))
                self.assertEqual(settings(objects)["signing"], signing)
                self.assert_read(settings_file(objects))

    def test_the_hub_refuses_a_setting_that_it_does_not_know(self):
        self.assertIn("the settings cannot be read", self.read(settings_file(render(least())) + "\nlistne = 1\n"))

    def test_the_hub_takes_settings_of_secrets_from_its_environment(self):
        objects = render(changed(least(), "secretSettings/support_mail.mailboxes", {"secret": "mail", "key": "boxes"}))
        [names] = {
            tuple(v["name"] for v in container(template)["env"] if v["name"].startswith("KORDON_") and "valueFrom" in v)
            for _, template in pods(objects)
        }
        self.assertEqual(
            sorted(names),
            ["KORDON_PRESS_OFFICE__ROUTE__PASSWORD", "KORDON_SUPPORT_MAIL__MAILBOXES", "KORDON_SUPPORT_MAIL__ROUTE__PASSWORD"],
        )
        text = settings_file(objects)
        good = dict.fromkeys(names, '"12345"') | {
            "KORDON_SUPPORT_MAIL__MAILBOXES": '[{host = "mail.example.org", user = "support", password = "secret"}]'
        }
        self.assert_read(text, good)
        # They are read, each of them: one that cannot be is refused.
        for name in names:
            with self.subTest(variable=name):
                self.assertIn("the settings cannot be read", self.read(text, good | {name: "[1]"}))

    def test_every_file_that_the_settings_name_is_mounted_in_every_pod(self):
        for path in SITES:
            told = settings(site(path))
            # The archives and the driver of a hardware module are no files of the chart.
            named = [text for text in texts(told) if text.startswith(("/etc/", "/srv/kordon/"))]
            self.assertGreater(len(named), 1)
            for name, template in pods(site(path)):
                mounts = [mount["mountPath"] for mount in container(template)["volumeMounts"]]
                for file in named:
                    with self.subTest(site=path.stem, deployment=name, file=file):
                        self.assertTrue(any(file.startswith(mount + "/") for mount in mounts))

    def test_other_settings_make_other_pods(self):
        def stamps(values):
            return {name: template["metadata"]["annotations"]["kordon/settings"] for name, template in pods(render(values))}

        before, after = stamps(least()), stamps(changed(least(), "config/board", {"plate_characters": 2}))
        self.assertEqual(before, stamps(least()))
        self.assertTrue(all(before[name] != after[name] for name in before))

    def test_behind_an_ingress_strangers_are_told_apart_by_the_address_that_it_forwards(self):
        self.assertTrue(settings(render(least()))["limits"]["forwarded"])
        self.assertFalse(settings(render(changed(least(), "config/limits", {"forwarded": False})))["limits"]["forwarded"])
        self.assertNotIn("limits", settings(render(changed(least(), "ingress/enabled", False))))

    def test_no_password_stands_in_an_object(self):
        for path in SITES:
            for item in site(path):
                self.assertNotEqual(item["kind"], "Secret")
            for _, template in pods(site(path)):
                for variable in container(template)["env"]:
                    self.assertTrue("PASSWORD" not in variable["name"] or "secretKeyRef" in variable["valueFrom"])


def texts(value):
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return [text for item in value for text in texts(item)]
    return [value] if isinstance(value, str) else []


if __name__ == "__main__":
    unittest.main()
