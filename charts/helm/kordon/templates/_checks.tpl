{{/* What cannot be said by the schema: each refusal tells what to set and why. */}}

{{- define "kordon.checks" -}}
{{- include "kordon.checks.given" . -}}
{{- include "kordon.checks.ways" . -}}
{{- include "kordon.checks.parts" . -}}
{{- include "kordon.checks.reach" . -}}
{{- end -}}

{{- define "kordon.checks.given" -}}
{{- $_ := required "image.repository is missing: there is no public image; build one with the Dockerfile and say where it is" .Values.image.repository -}}
{{- $_ := required "database.existingSecret is missing: the Secret that holds the address of the database, postgresql://…" .Values.database.existingSecret -}}
{{- $_ := required "signing.existingSecret is missing: the Secret (tls.key, tls.crt) with the key that the hub signs with; replicas need one for all" .Values.signing.existingSecret -}}
{{- if and .Values.tls.existingSecret .Values.tls.elsewhere -}}
{{- fail "tls.existingSecret and tls.elsewhere contradict each other: either the hub speaks TLS, or something before it" -}}
{{- end -}}
{{- if not (or .Values.tls.existingSecret .Values.tls.elsewhere) -}}
{{- fail "tls.existingSecret is missing: tokens would travel in the clear; say tls.elsewhere=true if an ingress or a mesh speaks TLS" -}}
{{- end -}}
{{- if and .Values.tls.clientCa (not .Values.tls.existingSecret) -}}
{{- fail "tls.clientCa needs tls.existingSecret: client certificates reach the hub only if it speaks TLS itself" -}}
{{- end -}}
{{- if and .Values.config.tls (not .Values.tls.existingSecret) -}}
{{- fail "config.tls needs tls.existingSecret: probes and Services go by it" -}}
{{- end -}}
{{- with include "kordon.passwords" (dict "at" "config" "value" .Values.config) | trim -}}
{{- fail (printf "%s: a password in config would stand in a ConfigMap; put it into a Secret and name that in secretSettings" .) -}}
{{- end -}}
{{- end -}}

{{/* By default notices and letters become files in the data folder, which ends with the pod. */}}
{{- define "kordon.checks.ways" -}}
{{- $values := .Values -}}
{{- range $way := list "taxud" "press_office" "support_mail" -}}
{{- $route := dig $way "route" dict $values.config -}}
{{- if not $route.by -}}
{{- fail (printf "config.%s.route is missing: without it what it sends becomes files that are gone with the pod" $way) -}}
{{- end -}}
{{- if and (eq $route.by "folder") (not (hasPrefix "/srv/kordon/" ($route.path | default ""))) -}}
{{- fail (printf "config.%s.route is a folder that is gone with the pod: its path has to be below /srv/kordon/NAME, with a claim in folders.NAME" $way) -}}
{{- end -}}
{{- if eq $route.by "folder" -}}
{{- $name := index (splitList "/" $route.path) 3 -}}
{{- if not (hasKey $values.folders $name) -}}
{{- fail (printf "config.%s.route.path is in the folder %s, and folders.%s is missing" $way $name $name) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Each part but the door in exactly one worker. */}}
{{- define "kordon.checks.parts" -}}
{{- $values := .Values -}}
{{- $all := list "delivery" "timers" "mail" "sealing" -}}
{{- $played := list -}}
{{- range $name, $worker := $values.workers -}}
{{- if $worker -}}
{{- if has $name (list "door" "metrics" "evidence" "config" "dashboard") -}}
{{- fail (printf "workers.%s: the name is taken by another object of the chart" $name) -}}
{{- end -}}
{{- $played = concat $played $worker.parts -}}
{{- if and (has "sealing" $worker.parts) (gt (int $worker.replicas) 1) (not $values.evidence.existingClaim) (ne $values.evidence.accessMode "ReadWriteMany") -}}
{{- fail (printf "workers.%s: several replicas that seal need one folder of archives: set evidence.accessMode=ReadWriteMany, or evidence.existingClaim" $name) -}}
{{- end -}}
{{- if and (eq (join "," $worker.parts) "mail") (not (dig "support_mail" "mailboxes" nil $values.config)) (not (hasKey $values.secretSettings "support_mail.mailboxes")) -}}
{{- fail (printf "workers.%s plays mail alone, and there is no mailbox to fetch: set support_mail.mailboxes, or play mail beside another part" $name) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- range $all -}}
{{- if not (has . $played) -}}
{{- fail (printf "no worker plays the part %s: its work would not be done" .) -}}
{{- end -}}
{{- end -}}
{{- if ne (len $played) (len (uniq $played)) -}}
{{- fail (printf "a part stands in two workers: %s" (join ", " (sortAlpha $played))) -}}
{{- end -}}
{{- end -}}

{{- define "kordon.checks.reach" -}}
{{- if .Values.ingress.enabled -}}
{{- $_ := required "ingress.hosts is missing" (first .Values.ingress.hosts) -}}
{{- $_ := required "ingress.tlsSecret is missing: tokens would travel in the clear" .Values.ingress.tlsSecret -}}
{{- if dig "trembita" "addresses" nil .Values.config -}}
{{- fail "config.trembita.addresses behind an ingress: its address would be everybody's; trust the certificate of the security server instead" -}}
{{- end -}}
{{- end -}}
{{- if and (dig "trembita" "certificates" nil .Values.config) (not .Values.tls.clientCa) (not (dig "tls" "client_ca" nil .Values.config)) -}}
{{- fail "config.trembita.certificates needs tls.clientCa: the authority of the security server's certificate" -}}
{{- end -}}
{{- if and .Values.networkPolicy.enabled (not .Values.networkPolicy.clients) -}}
{{- fail "networkPolicy.clients is missing: who may reach the door" -}}
{{- end -}}
{{- if and .Values.monitoring.serviceMonitor.enabled .Values.tls.existingSecret (not .Values.monitoring.serviceMonitor.tlsConfig) -}}
{{- fail "monitoring.serviceMonitor.tlsConfig is missing: how Prometheus checks the certificate of the hub" -}}
{{- end -}}
{{- end -}}
