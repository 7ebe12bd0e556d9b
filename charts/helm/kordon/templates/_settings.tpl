{{/* The settings of the hub. */}}

{{/* A value as TOML on one line. Strings are written as JSON writes them, which TOML reads; numbers too, so that 10 stays 10. */}}
{{- define "kordon.toml.value" -}}
{{- if kindIs "map" . -}}
{{- $pairs := list -}}
{{- range $key, $value := . -}}
{{- if not (kindIs "invalid" $value) -}}
{{- $pairs = append $pairs (printf "%s = %s" (include "kordon.toml.key" $key) (include "kordon.toml.value" $value)) -}}
{{- end -}}
{{- end -}}
{{- printf "{ %s }" (join ", " $pairs) -}}
{{- else if kindIs "slice" . -}}
{{- $items := list -}}
{{- range . -}}
{{- $items = append $items (include "kordon.toml.value" .) -}}
{{- end -}}
{{- printf "[%s]" (join ", " $items) -}}
{{- else -}}
{{- toRawJson . -}}
{{- end -}}
{{- end -}}

{{- define "kordon.toml.key" -}}
{{- if regexMatch "^[A-Za-z0-9_-]+$" . -}}{{ . }}{{- else -}}{{ toRawJson . }}{{- end -}}
{{- end -}}

{{/* What the chart itself puts into the settings; what the site says goes before it. As JSON. */}}
{{- define "kordon.settings" -}}
{{- $own := dict -}}
{{- if eq (dig "signing" "kind" "file" .Values.config) "file" -}}
{{- $_ := set $own "signing" (dict "key" "/etc/kordon/signing/tls.key" "certificate" "/etc/kordon/signing/tls.crt") -}}
{{- end -}}
{{- if .Values.tls.existingSecret -}}
{{- $tls := dict "certificate" "/etc/kordon/tls/tls.crt" "key" "/etc/kordon/tls/tls.key" -}}
{{- if .Values.tls.clientCa -}}
{{- $_ := set $tls "client_ca" "/etc/kordon/client-ca/ca.crt" -}}
{{- end -}}
{{- $_ := set $own "tls" $tls -}}
{{- end -}}
{{- if .Values.ingress.enabled -}}
{{- $_ := set $own "limits" (dict "forwarded" true) -}}
{{- end -}}
{{- mergeOverwrite $own (deepCopy .Values.config) | toJson -}}
{{- end -}}

{{- define "kordon.toml" -}}
{{- $settings := include "kordon.settings" . | fromJson -}}
# Written by the chart from `config`.
{{- range $key, $value := $settings }}
{{- if not (or (kindIs "map" $value) (kindIs "invalid" $value)) }}
{{ include "kordon.toml.key" $key }} = {{ include "kordon.toml.value" $value }}
{{- end }}
{{- end }}
{{- range $name, $section := $settings }}
{{- if kindIs "map" $section }}

[{{ include "kordon.toml.key" $name }}]
{{- range $key, $value := $section }}
{{- if not (kindIs "invalid" $value) }}
{{ include "kordon.toml.key" $key }} = {{ include "kordon.toml.value" $value }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "kordon.port" -}}
{{- regexFind "[0-9]+$" .Values.config.listen -}}
{{- end -}}

{{/* Where the archives go: the volume is mounted there. */}}
{{- define "kordon.evidence.folder" -}}
{{- dig "evidence" "archives" "folder" "/var/lib/kordon/evidence" .Values.config -}}
{{- end -}}

{{/* The dotted names of all passwords that stand in a part of the settings, each followed by a space. */}}
{{- define "kordon.passwords" -}}
{{- $at := .at -}}
{{- if kindIs "map" .value -}}
{{- range $key, $value := .value -}}
{{- if eq $key "password" }}{{ printf "%s.%s " $at $key }}{{ else }}{{ include "kordon.passwords" (dict "at" (printf "%s.%s" $at $key) "value" $value) }}{{ end -}}
{{- end -}}
{{- else if kindIs "slice" .value -}}
{{- range .value -}}{{ include "kordon.passwords" (dict "at" $at "value" .) }}{{- end -}}
{{- end -}}
{{- end -}}
