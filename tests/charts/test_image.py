"""The image is made for this program and for this chart."""

import re
import subprocess
import tomllib
import unittest

from rendered import REPOSITORY, chart, program

DOCKERFILE = (REPOSITORY / "Dockerfile").read_text()
WORKSPACE = tomllib.loads((REPOSITORY / "Cargo.toml").read_text())["workspace"]

# What Debian's slim image has by itself, and which package brings the rest.
OF_DEBIAN = {"linux-vdso", "ld-linux-x86-64", "libc", "libm", "libgcc_s"}
BROUGHT_BY = {"libssl": "libssl3", "libcrypto": "libssl3"}


class Image(unittest.TestCase):
    def test_it_is_built_with_the_rust_that_the_workspace_asks_for(self):
        self.assertEqual(re.findall(r"^FROM rust:([0-9.]+)-slim-bookworm", DOCKERFILE, re.M), [WORKSPACE["package"]["rust-version"]])

    def test_it_runs_as_the_account_that_the_chart_names(self):
        user = int(chart().values["user"])
        self.assertEqual(re.findall(r"^USER (.*)$", DOCKERFILE, re.M), [f"{user}:{user}"])

    def test_the_chart_runs_the_version_of_the_workspace(self):
        self.assertEqual(chart().metadata["appVersion"], WORKSPACE["package"]["version"])

    def test_it_has_the_libraries_that_the_program_is_linked_with(self):
        linked = subprocess.run(["ldd", program()], capture_output=True, text=True, check=True).stdout
        names = {line.split()[0].rpartition("/")[2].partition(".so")[0] for line in linked.splitlines()}
        self.assertIn("libc", names)
        runtime = DOCKERFILE.split("FROM debian:12-slim")[1]
        for name in names - OF_DEBIAN:
            with self.subTest(library=name):
                self.assertIn(BROUGHT_BY[name], runtime)

    def test_every_crate_of_the_workspace_is_sent_to_the_build(self):
        sent = {line[1:] for line in (REPOSITORY / ".dockerignore").read_text().splitlines() if line.startswith("!")}
        needed = {"Cargo.toml", "Cargo.lock", "src", "migrations"} | {member.split("/")[0] for member in WORKSPACE["members"]}
        self.assertLessEqual(needed, sent)


if __name__ == "__main__":
    unittest.main()
