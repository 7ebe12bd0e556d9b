{{/* The names of things. app.kubernetes.io/name is always `kordon`: Prometheus takes its job from there, and the rules ask for that job. */}}

{{- define "kordon.fullname" -}}
{{- if contains "kordon" .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-kordon" (.Release.Name | trunc 33 | trimSuffix "-") -}}
{{- end -}}
{{- end -}}

{{- define "kordon.selector" -}}
app.kubernetes.io/name: kordon
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "kordon.labels" -}}
{{ include "kordon.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "kordon.image" -}}
{{- if .Values.image.digest -}}
{{- printf "%s@%s" .Values.image.repository .Values.image.digest -}}
{{- else -}}
{{- printf "%s:%s" .Values.image.repository (.Values.image.tag | default .Chart.AppVersion) -}}
{{- end -}}
{{- end -}}

{{- define "kordon.scheme" -}}
{{- ternary "HTTPS" "HTTP" (not (empty .Values.tls.existingSecret)) -}}
{{- end -}}

{{- define "kordon.evidence.claim" -}}
{{- .Values.evidence.existingClaim | default (printf "%s-evidence" (include "kordon.fullname" .)) -}}
{{- end -}}
