"""Prometheus and Grafana get what stands in charts/, and each alert is tested both ways."""

import json
import unittest

import yaml

from rendered import REPOSITORY, everything, least, named, of_kind, pods, render

RULES = REPOSITORY / "charts" / "prometheus" / "kordon.rules.yaml"
TESTS = REPOSITORY / "charts" / "prometheus" / "kordon.rules.test.yaml"
DASHBOARD = REPOSITORY / "charts" / "grafana" / "kordon.json"


def alerts():
    return [rule["alert"] for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]]


class Monitoring(unittest.TestCase):
    def test_the_rules_are_those_of_the_folder_unread_by_the_templates(self):
        [rules] = of_kind(render(everything()), "PrometheusRule")
        self.assertEqual(rules["spec"], yaml.safe_load(RULES.read_text()))

    def test_the_dashboard_is_that_of_the_folder(self):
        dashboard = named(render(everything()), "ConfigMap", "kordon-dashboard")
        self.assertEqual(json.loads(dashboard["data"]["kordon.json"]), json.loads(DASHBOARD.read_text()))
        self.assertEqual(dashboard["metadata"]["labels"]["grafana_dashboard"], "1")

    def test_they_are_left_out_unless_asked_for(self):
        kinds = {item["kind"] for item in render(least())}
        self.assertFalse(kinds & {"PrometheusRule", "ServiceMonitor"})

    def test_every_pod_is_scraped_once_under_the_job_that_the_rules_name(self):
        objects = render(everything(), release="border")
        [monitor] = of_kind(objects, "ServiceMonitor")
        wanted = monitor["spec"]["selector"]["matchLabels"]
        [service] = [item for item in of_kind(objects, "Service") if wanted.items() <= item["metadata"]["labels"].items()]
        [endpoint] = monitor["spec"]["endpoints"]
        self.assertEqual([port["name"] for port in service["spec"]["ports"]], [endpoint["port"]])
        for _, template in pods(objects):
            self.assertLessEqual(service["spec"]["selector"].items(), template["metadata"]["labels"].items())
        job = service["metadata"]["labels"][monitor["spec"]["jobLabel"]]
        for file in [RULES, DASHBOARD]:
            self.assertIn(f'job="{job}"', file.read_text().replace('\\"', '"'))

    def test_each_alert_has_a_test_that_it_speaks_and_one_that_it_is_silent(self):
        cases = [case for test in yaml.safe_load(TESTS.read_text())["tests"] for case in test["alert_rule_test"]]
        for alert in alerts():
            with self.subTest(alert=alert):
                expected = [bool(case["exp_alerts"]) for case in cases if case["alertname"] == alert]
                self.assertIn(True, expected)
                self.assertIn(False, expected)
        # promtool is silent about an alert that is not there.
        self.assertLessEqual({case["alertname"] for case in cases}, set(alerts()))


if __name__ == "__main__":
    unittest.main()
