{{/* The pod of the door and of every worker: dict "root" $ "component" NAME "parts" LIST "resources" MAP. */}}
{{- define "kordon.pod" -}}
{{- $root := .root -}}
{{- $values := .root.Values -}}
metadata:
  labels:
    {{- include "kordon.labels" $root | nindent 4 }}
    app.kubernetes.io/component: {{ .component }}
  annotations:
    # Other settings are other pods: the hub reads them at its start.
    kordon/settings: {{ include "kordon.toml" $root | sha256sum }}
    {{- with $values.podAnnotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  serviceAccountName: {{ $values.serviceAccountName }}
  automountServiceAccountToken: false
  # Kubernetes would tell the pod of each Service by variables, and some begin with KORDON_ as settings do.
  enableServiceLinks: false
  # Five seconds until nobody sends more, 20 for requests, 40 for what was begun (a notice on its way), and some to end.
  terminationGracePeriodSeconds: 75
  {{- with $values.priorityClassName }}
  priorityClassName: {{ . }}
  {{- end }}
  {{- with $values.imagePullSecrets }}
  imagePullSecrets:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $values.nodeSelector }}
  nodeSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $values.tolerations }}
  tolerations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $values.topologyKeys }}
  topologySpreadConstraints:
    {{- range . }}
    - topologyKey: {{ . }}
      maxSkew: 1
      whenUnsatisfiable: ScheduleAnyway
      labelSelector:
        matchLabels:
          {{- include "kordon.selector" $root | nindent 10 }}
          app.kubernetes.io/component: {{ $.component }}
      matchLabelKeys: [pod-template-hash]
    {{- end }}
  {{- end }}
  securityContext:
    runAsNonRoot: true
    runAsUser: {{ int64 $values.user }}
    runAsGroup: {{ int64 $values.user }}
    fsGroup: {{ int64 $values.user }}
    fsGroupChangePolicy: OnRootMismatch
    seccompProfile:
      type: RuntimeDefault
  containers:
    - name: kordon
      image: {{ include "kordon.image" $root | quote }}
      imagePullPolicy: {{ $values.image.pullPolicy }}
      args: [serve, --roles, {{ join "," .parts | quote }}]
      env:
        - name: KORDON_CONFIG
          value: /etc/kordon/kordon.toml
        - name: KORDON_DATA
          value: /var/lib/kordon
        - name: RUST_LOG
          value: {{ $values.log | quote }}
        - name: DATABASE_URL
          valueFrom:
            secretKeyRef:
              name: {{ $values.database.existingSecret }}
              key: {{ $values.database.key }}
        {{- range $setting, $from := $values.secretSettings }}
        - name: KORDON_{{ $setting | replace "." "__" | upper }}
          valueFrom:
            secretKeyRef:
              name: {{ $from.secret }}
              key: {{ $from.key }}
        {{- end }}
      ports:
        - name: http
          containerPort: {{ include "kordon.port" $root }}
      startupProbe:
        httpGet: { path: /health/live, port: http, scheme: {{ include "kordon.scheme" $root }} }
        periodSeconds: 2
        timeoutSeconds: 2
        failureThreshold: {{ div (add (int64 $values.startSeconds) 1) 2 }}
      # A database that is away is no reason to end a hub: only its being ready depends on it.
      livenessProbe:
        httpGet: { path: /health/live, port: http, scheme: {{ include "kordon.scheme" $root }} }
        periodSeconds: 10
        timeoutSeconds: 5
        failureThreshold: 3
      readinessProbe:
        httpGet: { path: /health/ready, port: http, scheme: {{ include "kordon.scheme" $root }} }
        periodSeconds: 5
        timeoutSeconds: 5
        failureThreshold: 2
      lifecycle:
        preStop:
          sleep:
            seconds: 5
      resources:
        {{- toYaml .resources | nindent 8 }}
      securityContext:
        allowPrivilegeEscalation: false
        readOnlyRootFilesystem: true
        capabilities:
          drop: [ALL]
      volumeMounts:
        - { name: config, mountPath: /etc/kordon/kordon.toml, subPath: kordon.toml, readOnly: true }
        - { name: data, mountPath: /var/lib/kordon }
        - { name: signing, mountPath: /etc/kordon/signing, readOnly: true }
        {{- if $values.tls.existingSecret }}
        - { name: tls, mountPath: /etc/kordon/tls, readOnly: true }
        {{- end }}
        {{- if $values.tls.clientCa }}
        - { name: client-ca, mountPath: /etc/kordon/client-ca, readOnly: true }
        {{- end }}
        {{- range $name, $_ := $values.files }}
        - { name: {{ printf "file-%s" $name }}, mountPath: {{ printf "/etc/kordon/files/%s" $name }}, readOnly: true }
        {{- end }}
        {{- range $name, $_ := $values.folders }}
        - { name: {{ printf "folder-%s" $name }}, mountPath: {{ printf "/srv/kordon/%s" $name }} }
        {{- end }}
        {{- if has "sealing" .parts }}
        - { name: evidence, mountPath: {{ include "kordon.evidence.folder" $root | quote }} }
        {{- end }}
  volumes:
    - name: config
      configMap:
        name: {{ include "kordon.fullname" $root }}-config
    # Nothing that lasts is here: the database is elsewhere, and so is whatever the chart demands a place for.
    - name: data
      emptyDir:
        sizeLimit: 64Mi
    - name: signing
      secret:
        secretName: {{ $values.signing.existingSecret }}
        defaultMode: 0440
    {{- with $values.tls.existingSecret }}
    - name: tls
      secret:
        secretName: {{ . }}
        defaultMode: 0440
    {{- end }}
    {{- with $values.tls.clientCa }}
    - name: client-ca
      {{- include "kordon.pod.source" . | nindent 6 }}
    {{- end }}
    {{- range $name, $from := $values.files }}
    - name: {{ printf "file-%s" $name }}
      {{- include "kordon.pod.source" $from | nindent 6 }}
    {{- end }}
    {{- range $name, $from := $values.folders }}
    - name: {{ printf "folder-%s" $name }}
      persistentVolumeClaim:
        claimName: {{ $from.claim }}
    {{- end }}
    {{- if has "sealing" .parts }}
    - name: evidence
      persistentVolumeClaim:
        claimName: {{ include "kordon.evidence.claim" $root }}
    {{- end }}
{{- end -}}

{{/* A Secret or a ConfigMap as a volume. */}}
{{- define "kordon.pod.source" -}}
{{- if .secret -}}
secret:
  secretName: {{ .secret }}
  defaultMode: 0440
{{- else -}}
configMap:
  name: {{ .configMap }}
{{- end -}}
{{- end -}}
