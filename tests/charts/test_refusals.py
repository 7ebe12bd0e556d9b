"""Values that would make an unsafe or a half hub are refused, and the site is told what to set."""

import unittest

import helm_python

from rendered import changed, everything, least, render

WORKER = {"replicas": 1, "resources": {"requests": {"cpu": "100m", "memory": "160Mi"}, "limits": {"memory": "384Mi"}}}
PEER = {"podSelector": {}}

# What is changed in the least that a site says, and a part of what it is told.
REFUSED = [
    ("image/repository", "", "image.repository is missing"),
    ("database/existingSecret", "", "database.existingSecret is missing: the Secret that holds the address of the database"),
    ("signing/existingSecret", "", "signing.existingSecret is missing"),
    ("tls", {}, "tokens would travel in the clear; say tls.elsewhere=true"),
    ("tls", {"elsewhere": True, "existingSecret": "hub-tls"}, "contradict each other"),
    ("tls", {"elsewhere": True, "clientCa": {"secret": "clients"}}, "tls.clientCa needs tls.existingSecret"),
    ("config/taxud", {}, "config.taxud.route is missing"),
    ("config/press_office", {"from": "a@example.org", "to": ["b@example.org"]}, "config.press_office.route is missing"),
    ("config/support_mail", {}, "config.support_mail.route is missing"),
    ("config/taxud/route", {"by": "folder", "path": "/var/lib/kordon/notices"}, "config.taxud.route is a folder that is gone with the pod"),
    ("config/taxud/route", {"by": "folder", "path": "/srv/kordon/out/taxud"}, "folders.out is missing"),
    ("config/press_office/route/password", "secret", "config.press_office.route.password: a password in config"),
    ("config/support_mail/mailboxes", [{"host": "a", "user": "b", "password": "c"}], "config.support_mail.mailboxes.password: a password in config"),
    ("config/trembita", {"addresses": ["192.0.2.7"]}, "config.trembita.addresses behind an ingress"),
    ("config/trembita", {"certificates": ["3F:5A"]}, "config.trembita.certificates needs tls.clientCa"),
    ("ingress/tlsSecret", "", "ingress.tlsSecret is missing"),
    ("ingress/hosts", [], "ingress.hosts is missing"),
    ("networkPolicy", {"enabled": True}, "networkPolicy.clients is missing"),
    ("workers/sealing", None, "no worker plays the part sealing"),
    ("workers/second", {**WORKER, "parts": ["timers"]}, "a part stands in two workers"),
    ("workers/sealing", {"parts": ["sealing", "sealing"]}, "a part stands in two workers"),
    ("workers/sealing", {"replicas": 2}, "several replicas that seal need one folder of archives"),
    ("workers", {"background": {"parts": ["delivery", "timers"]}, "mail": {**WORKER, "parts": ["mail"]}}, "there is no mailbox to fetch"),
    ("workers", {"background": None, "door": {**WORKER, "parts": ["delivery", "timers", "mail"]}}, "the name is taken"),
    # By the schema, which names the place.
    ("replicas", 3, "replicas"),
    ("door/replicas", 0, "/door/replicas"),
    ("door/replicas", "many", "/door/replicas"),
    ("user", 0, "/user"),
    ("config/listne", "0.0.0.0:8080", "listne"),
    ("config/database", {"pool_siez": 10}, "pool_siez"),
    ("config/database", {"pool_size": 0}, "/config/database/pool_size"),
    ("config/listen", "0.0.0.0:0", "/config/listen"),
    ("config/taxud/route", {"by": "post"}, "/config/taxud/route"),
    ("config/signing", {"kind": "module", "token": "kordon"}, "/config/signing"),
    ("config/signing", {"kind": "pkcs12", "key": "/etc/kordon/signing/tls.key"}, "/config/signing"),
    ("workers/background", {"parts": ["api"]}, "/workers/background"),
    ("workers/Back_ground", {**WORKER, "parts": ["mail"]}, "Back_ground"),
    ("secretSettings/DATABASE_URL", {"secret": "a", "key": "b"}, "DATABASE_URL"),
    ("files", {"seal": {"secret": "a", "configMap": "b"}}, "/files/seal"),
    ("image/digest", "latest", "/image/digest"),
    ("service/type", "ExternalName", "/service/type"),
    ("networkPolicy", {"enabled": True, "clients": [{}]}, "/networkPolicy/clients/0"),
]

# In the site that says everything.
REFUSED_OF_EVERYTHING = [
    ("monitoring/serviceMonitor/tlsConfig", None, "monitoring.serviceMonitor.tlsConfig is missing"),
    ("tls/existingSecret", "", "tls.existingSecret is missing"),
    ("tls", {"elsewhere": True, "existingSecret": "", "clientCa": None}, "config.tls needs tls.existingSecret"),
]


class Refusals(unittest.TestCase):
    def assert_refused(self, values, told):
        with self.assertRaises(helm_python.HelmError) as refused:
            render(values)
        self.assertIn(told, str(refused.exception))

    def test_what_these_values_change_is_good_otherwise(self):
        render(least())
        render(everything())
        render(changed(least(), "workers/sealing", {"replicas": 1}))
        render(changed(least(), "networkPolicy", {"enabled": True, "clients": [PEER]}))

    def test_each_is_refused_and_told_why(self):
        for path, value, told in REFUSED:
            with self.subTest(path=path, value=value):
                self.assert_refused(changed(least(), path, value), told)

    def test_each_of_a_large_site_too(self):
        for path, value, told in REFUSED_OF_EVERYTHING:
            with self.subTest(path=path, value=value):
                self.assert_refused(changed(everything(), path, value), told)

    def test_nothing_is_made_of_defaults_alone(self):
        self.assert_refused({}, "image.repository is missing")


if __name__ == "__main__":
    unittest.main()
