"""What the chart makes for each of the sites in values/."""

import json
import re
import tarfile
import tempfile
import unittest

import helm_python
import kubernetes_validate

from rendered import (
    CHART, PARTS, REPOSITORY, SITES, changed, container, everything, hushed, least, named, notes, of_kind, parts, pods, render, settings, site,
    values_of,
)

# The oldest that Chart.yaml allows, and the newest that there are schemas for.
KUBERNETES = ["1.30", "1.37"]
# Objects of Prometheus' operator, of which Kubernetes itself has no schema.
OF_OTHERS = {"ServiceMonitor", "PrometheusRule"}


def fits(selector, labels):
    return selector.items() <= labels.items()


def for_each_site(law):
    """The law holds for the objects of each site."""

    def test(self):
        for path in SITES:
            with self.subTest(site=path.stem):
                law(self, site(path))

    return test


def for_each_pod(law):
    """The law holds for each pod of each site."""

    def test(self):
        for path in SITES:
            for name, template in pods(site(path)):
                with self.subTest(site=path.stem, deployment=name):
                    law(self, site(path), template)

    return test


class Objects(unittest.TestCase):
    def test_helm_finds_nothing_to_complain_of(self):
        for path in SITES:
            with self.subTest(site=path.stem):
                with hushed():
                    report = helm_python.lint(CHART, values_of(path), strict=True, kube_version="v1.30.0")
                complaints = [found for found in report["messages"] if found["severity"] > 1]
                self.assertEqual((report["errors"], complaints), ([], []))
                self.assertEqual(report["total_charts_linted"], 1)

    @for_each_site
    def test_kubernetes_knows_every_field(self, objects):
        self.assertGreaterEqual(len(objects), 5)
        for item in objects:
            if item["kind"] not in OF_OTHERS:
                for version in KUBERNETES:
                    kubernetes_validate.validate(item, version, strict=True)

    @for_each_site
    def test_no_two_objects_have_one_name(self, objects):
        names = [(item["kind"], item["metadata"]["name"]) for item in objects]
        self.assertEqual(len(names), len(set(names)))

    def test_a_release_of_any_name_makes_names_that_kubernetes_takes(self):
        for release in ["border", "a" * 53, "kordon-of-a-very-long-name-" + "b" * 26]:
            for item in render(everything(), release=release):
                name = item["metadata"]["name"]
                self.assertLessEqual(len(name), 63)
                self.assertIn("kordon", name)

    @for_each_pod
    def test_no_container_is_root_or_writes_where_it_need_not(self, _, template):
        pod = template["spec"]
        self.assertTrue(pod["securityContext"]["runAsNonRoot"])
        self.assertGreater(pod["securityContext"]["runAsUser"], 0)
        self.assertEqual(pod["securityContext"]["seccompProfile"], {"type": "RuntimeDefault"})
        self.assertFalse(pod["automountServiceAccountToken"])
        self.assertFalse(pod["enableServiceLinks"])
        self.assertFalse({"hostNetwork", "hostPID", "hostIPC", "initContainers"} & pod.keys())
        self.assertEqual(
            container(template)["securityContext"],
            {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}},
        )

    @for_each_site
    def test_every_part_is_played_and_but_for_the_door_once(self, objects):
        played = [part for _, template in pods(objects) for part in parts(template)]
        self.assertEqual(sorted(played), sorted(PARTS))
        [door] = [template for _, template in pods(objects) if "api" in parts(template)]
        self.assertEqual(parts(door), ["api"])

    def test_parts_are_those_of_the_program(self):
        source = (REPOSITORY / "src" / "hub.rs").read_text()
        [line] = [line for line in source.splitlines() if "const ALL: [Self;" in line]
        self.assertEqual([part.strip(" ];").lower() for part in line.split("[")[-1].replace("Self::", "").split(",")], PARTS)

    @for_each_pod
    def test_the_probes_ask_what_the_contract_has_in_the_tongue_that_the_hub_speaks(self, objects, template):
        contract = json.loads((REPOSITORY / "openapi" / "kordon.json").read_text())["paths"]
        asked = {
            probe: container(template)[probe]["httpGet"] for probe in ["startupProbe", "livenessProbe", "readinessProbe"]
        }
        for probe in asked.values():
            self.assertIn("get", contract[probe["path"]])
            self.assertEqual(probe["scheme"], "HTTPS" if "tls" in settings(objects) else "HTTP")
        # A database that is away ends no hub.
        self.assertEqual(asked["livenessProbe"]["path"], "/health/live")
        self.assertEqual(asked["readinessProbe"]["path"], "/health/ready")

    @for_each_pod
    def test_the_port_is_the_one_that_the_hub_listens_on(self, objects, template):
        [port] = container(template)["ports"]
        self.assertEqual(port["name"], "http")
        self.assertEqual(settings(objects)["listen"].rpartition(":")[2], str(port["containerPort"]))

    @for_each_pod
    def test_every_mount_has_its_volume_and_every_volume_is_mounted(self, _, template):
        mounts = container(template)["volumeMounts"]
        places = [mount["mountPath"] for mount in mounts]
        self.assertEqual(len(places), len(set(places)))
        self.assertEqual(sorted(mount["name"] for mount in mounts), sorted(v["name"] for v in template["spec"]["volumes"]))

    @for_each_pod
    def test_only_who_seals_has_the_archives(self, objects, template):
        mounted = {mount["name"]: mount["mountPath"] for mount in container(template)["volumeMounts"]}
        self.assertEqual("evidence" in mounted, "sealing" in parts(template))
        if "evidence" in mounted:
            folder = settings(objects).get("evidence", {}).get("archives", {}).get("folder", "/var/lib/kordon/evidence")
            self.assertEqual(mounted["evidence"], folder)

    def test_the_claim_of_the_archives_outlives_the_release(self):
        claim = named(render(least()), "PersistentVolumeClaim", "kordon-evidence")
        self.assertEqual(claim["metadata"]["annotations"], {"helm.sh/resource-policy": "keep"})
        self.assertEqual(of_kind(render(changed(least(), "evidence/existingClaim", "mine")), "PersistentVolumeClaim"), [])

    @for_each_site
    def test_a_door_is_never_missing_while_replicas_change_and_two_never_share_a_volume_for_one(self, objects):
        for item in of_kind(objects, "Deployment"):
            alone = "sealing" in parts(item["spec"]["template"]) and item["spec"]["replicas"] == 1
            strategy = item["spec"]["strategy"]
            self.assertEqual(strategy["type"], "Recreate" if alone else "RollingUpdate")
            self.assertEqual(strategy.get("rollingUpdate", {}).get("maxUnavailable", 0), 0)

    @for_each_pod
    def test_a_pod_has_the_time_to_drain(self, _, template):
        before = container(template)["lifecycle"]["preStop"]["sleep"]["seconds"]
        [requests] = re.findall(r"\.shutdown_timeout\((\d+)\)", (REPOSITORY / "api" / "src" / "server.rs").read_text())
        [begun] = re.findall(r"DRAINING: Duration = Duration::from_secs\((\d+)\)", (REPOSITORY / "src" / "hub.rs").read_text())
        self.assertGreater(template["spec"]["terminationGracePeriodSeconds"], before + int(requests) + int(begun))

    def test_the_notes_tell_how_many_connections_the_database_has_to_allow(self):
        # Six pods, three more during a change, 10 connections for requests and 18 of the hub's own each.
        self.assertIn("The database has to allow 252 connections.", notes(least()))
        self.assertIn("https://hub.example.org", notes(least()))

    @for_each_site
    def test_selectors_find_the_pods_that_they_mean(self, objects):
        labels = {name: template["metadata"]["labels"] for name, template in pods(objects)}
        for item in of_kind(objects, "Deployment"):
            found = [name for name in labels if fits(item["spec"]["selector"]["matchLabels"], labels[name])]
            self.assertEqual(found, [item["metadata"]["name"]])
        door = named(objects, "Service", "kordon")["spec"]["selector"]
        self.assertEqual([name for name in labels if fits(door, labels[name])], ["kordon-door"])
        watched = named(objects, "Service", "kordon-metrics")["spec"]["selector"]
        self.assertTrue(all(fits(watched, own) for own in labels.values()))
        for item in of_kind(objects, "PodDisruptionBudget"):
            found = [name for name in labels if fits(item["spec"]["selector"]["matchLabels"], labels[name])]
            self.assertEqual(found, [item["metadata"]["name"]])

    @for_each_site
    def test_whatever_has_replicas_has_a_budget_and_one_alone_can_be_moved(self, objects):
        several = {item["metadata"]["name"] for item in of_kind(objects, "Deployment") if item["spec"]["replicas"] > 1}
        self.assertEqual({item["metadata"]["name"] for item in of_kind(objects, "PodDisruptionBudget")}, several)

    def test_the_ingress_leads_to_every_operation_and_never_to_health_or_metrics(self):
        [ingress] = of_kind(render(least()), "Ingress")
        [rule] = ingress["spec"]["rules"]
        open_paths = [path["path"] for path in rule["http"]["paths"]]

        def is_open(address):
            return any(address == path or address.startswith(path + "/") for path in open_paths)

        contract = json.loads((REPOSITORY / "openapi" / "kordon.json").read_text())["paths"]
        shut = {address for address in contract if not is_open(address)}
        self.assertEqual(shut, {"/health/live", "/health/ready", "/metrics"})
        for page in ["/docs/", "/openapi.json", "/trembita/soap", "/trembita/wsdl", "/trembita/certificates"]:
            self.assertTrue(is_open(page), page)
        self.assertEqual(ingress["spec"]["tls"], [{"secretName": "hub-tls", "hosts": ["hub.example.org"]}])

    def test_the_network_lets_clients_to_the_door_alone(self):
        values = everything()
        objects = render(values)
        door = named(objects, "NetworkPolicy", "kordon-door")["spec"]
        self.assertEqual(door["podSelector"]["matchLabels"]["app.kubernetes.io/component"], "door")
        self.assertEqual(door["ingress"][0]["from"], values["networkPolicy"]["clients"])
        every = named(objects, "NetworkPolicy", "kordon")["spec"]
        self.assertNotIn("app.kubernetes.io/component", every["podSelector"]["matchLabels"])
        self.assertEqual([rule["from"] for rule in every["ingress"]], [values["networkPolicy"]["monitoring"]])
        self.assertEqual(every["policyTypes"], ["Ingress", "Egress"])
        # Without monitoring nobody reaches a worker at all.
        shut = named(render(changed(values, "networkPolicy/monitoring", [])), "NetworkPolicy", "kordon")["spec"]
        self.assertNotIn("ingress", shut)

    def test_a_package_holds_the_rules_and_the_dashboard_themselves(self):
        with tempfile.TemporaryDirectory() as folder:
            with hushed():
                package = helm_python.package(CHART, destination=folder)
            with tarfile.open(package) as archive:
                for name, source in [
                    ("kordon.rules.yaml", "charts/prometheus/kordon.rules.yaml"),
                    ("kordon.json", "charts/grafana/kordon.json"),
                ]:
                    member = archive.getmember(f"kordon/files/{name}")
                    self.assertTrue(member.isfile())
                    self.assertEqual(archive.extractfile(member).read(), (REPOSITORY / source).read_bytes())


if __name__ == "__main__":
    unittest.main()
