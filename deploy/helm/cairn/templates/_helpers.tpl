{{- define "cairn.labels" -}}
app.kubernetes.io/name: cairn
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{- define "cairn.selector" -}}
app.kubernetes.io/name: cairn
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{- define "cairn.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}
{{- end }}

{{- define "cairn.podSecurity" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
fsGroup: 10001
seccompProfile: {type: RuntimeDefault}
{{- end }}

{{- define "cairn.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end }}

{{/* What every pod of ours has. */}}
{{- define "cairn.pod" -}}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext:
  {{- include "cairn.podSecurity" . | nindent 2 }}
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* Where Temporal is, and who we are there. */}}
{{- define "cairn.temporalEnv" -}}
- {name: CAIRN_TEMPORAL_ADDRESS, value: {{ .Values.temporal.address | quote }}}
- {name: CAIRN_TEMPORAL_NAMESPACE, value: {{ .Values.temporal.namespace | quote }}}
{{- if .Values.temporal.tls }}
- {name: CAIRN_TEMPORAL_TLS, value: "true"}
{{- end }}
{{- if .Values.temporal.tlsSecret }}
- {name: CAIRN_TEMPORAL_CA_FILE, value: /run/secrets/temporal/ca.crt}
- {name: CAIRN_TEMPORAL_CERT_FILE, value: /run/secrets/temporal/tls.crt}
- {name: CAIRN_TEMPORAL_KEY_FILE, value: /run/secrets/temporal/tls.key}
{{- end }}
{{- if .Values.temporal.apiKeySecret }}
- {name: CAIRN_TEMPORAL_API_KEY_FILE, value: /run/secrets/temporal-key/key}
{{- end }}
{{- end }}

{{- define "cairn.temporalMounts" -}}
{{- if .Values.temporal.tlsSecret }}
- {name: temporal, mountPath: /run/secrets/temporal, readOnly: true}
{{- end }}
{{- if .Values.temporal.apiKeySecret }}
- {name: temporal-key, mountPath: /run/secrets/temporal-key, readOnly: true}
{{- end }}
{{- end }}

{{- define "cairn.temporalVolumes" -}}
{{- with .Values.temporal.tlsSecret }}
- {name: temporal, secret: {secretName: {{ . }}, defaultMode: 0440}}
{{- end }}
{{- with .Values.temporal.apiKeySecret }}
- {name: temporal-key, secret: {secretName: {{ . }}, defaultMode: 0440}}
{{- end }}
{{- end }}

{{/* A deployment of one role: root, component, role, args, replicas (nil: scaled), resources, port. */}}
{{- define "cairn.deployment" -}}
{{- $root := .root }}
{{- with $root }}
{{- $exports := and (ne $.role "relay") .Values.exports.claim }}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}-{{ $.component }}
  labels:
    {{- include "cairn.labels" . | nindent 4 }}
    app.kubernetes.io/component: {{ $.component }}
spec:
  {{- if $.replicas }}
  replicas: {{ $.replicas }}
  {{- end }}
  revisionHistoryLimit: 5
  strategy: {type: RollingUpdate, rollingUpdate: {maxUnavailable: 0, maxSurge: 1}}
  selector:
    matchLabels:
      {{- include "cairn.selector" $ | nindent 6 }}
  template:
    metadata:
      labels:
        {{- include "cairn.labels" . | nindent 8 }}
        app.kubernetes.io/component: {{ $.component }}
        cairn-role: {{ $.role }}
        cairn-job: cairn-{{ $.role }}
    spec:
      {{- include "cairn.pod" . | nindent 6 }}
      terminationGracePeriodSeconds: 30
      topologySpreadConstraints:
        - maxSkew: 1
          topologyKey: kubernetes.io/hostname
          whenUnsatisfiable: ScheduleAnyway
          labelSelector:
            matchLabels:
              {{- include "cairn.selector" $ | nindent 14 }}
      containers:
        - name: {{ $.role }}
          image: {{ include "cairn.image" . }}
          imagePullPolicy: {{ .Values.image.pullPolicy }}
          args: {{ toJson $.args }}
          securityContext:
            {{- include "cairn.containerSecurity" . | nindent 12 }}
          env:
            - {name: CAIRN_DATABASE_URL_FILE, value: /run/secrets/database/url}
            - {name: CAIRN_ROOT_KEY_FILE, value: /run/secrets/root-key/root.key}
            - {name: CAIRN_ISSUERS_FILE, value: /run/secrets/issuers/issuers.toml}
            - {name: CAIRN_LOGINS_FILE, value: /run/secrets/issuers/logins.toml}
            {{- include "cairn.temporalEnv" . | nindent 12 }}
            - {name: CAIRN_TEMPORAL_UI_URL, value: {{ .Values.temporal.uiUrl | quote }}}
            - {name: CAIRN_PUBLIC_URL, value: {{ .Values.publicUrl | quote }}}
            {{- if .Values.console.enabled }}
            - {name: CAIRN_CONSOLE_URL, value: {{ .Values.consoleUrl | quote }}}
            {{- end }}
            - {name: CAIRN_SMTP_HOST, value: {{ .Values.mail.host | quote }}}
            - {name: CAIRN_SMTP_PORT, value: {{ .Values.mail.port | quote }}}
            - {name: CAIRN_SMTP_TLS, value: {{ .Values.mail.tls | quote }}}
            - {name: CAIRN_SMTP_USER, value: {{ .Values.mail.user | quote }}}
            {{- if .Values.mail.passwordSecret }}
            - {name: CAIRN_SMTP_PASSWORD_FILE, value: /run/secrets/mail/password}
            {{- end }}
            - {name: CAIRN_MAIL_FROM, value: {{ .Values.mail.from | quote }}}
            {{- with .Values.traces.endpoint }}
            - {name: CAIRN_OTLP_ENDPOINT, value: {{ . | quote }}}
            - {name: CAIRN_TRACE_SHARE, value: {{ $root.Values.traces.share | quote }}}
            {{- end }}
            {{- if $exports }}
            - {name: CAIRN_EXPORTS_DIR, value: /var/lib/cairn/exports}
            {{- end }}
            {{- include "cairn.ownEnv" . | nindent 12 }}
          ports:
            {{- with $.port }}
            - {name: http, containerPort: {{ . }}}
            {{- end }}
            - {name: metrics, containerPort: 9464}
          startupProbe:
            httpGet: {path: /healthz, port: metrics}
            periodSeconds: 2
            failureThreshold: 60
          livenessProbe:
            httpGet: {path: /healthz, port: metrics}
            periodSeconds: 10
            timeoutSeconds: 3
            failureThreshold: 3
          readinessProbe:
            httpGet: {path: /readyz, port: {{ if $.port }}http{{ else }}metrics{{ end }}}
            periodSeconds: 3
            timeoutSeconds: 3
            failureThreshold: 2
          {{- if $.port }}
          lifecycle: {preStop: {sleep: {seconds: 5}}} # until nobody sends anything here any more
          {{- end }}
          resources:
            {{- toYaml $.resources | nindent 12 }}
          volumeMounts:
            - {name: database, mountPath: /run/secrets/database, readOnly: true}
            - {name: root-key, mountPath: /run/secrets/root-key, readOnly: true}
            - {name: issuers, mountPath: /run/secrets/issuers, readOnly: true}
            {{- if .Values.mail.passwordSecret }}
            - {name: mail, mountPath: /run/secrets/mail, readOnly: true}
            {{- end }}
            {{- if $exports }}
            - {name: exports, mountPath: /var/lib/cairn/exports}
            {{- end }}
            {{- include "cairn.temporalMounts" . | nindent 12 }}
      volumes:
        - {name: database, secret: {secretName: {{ .Values.database.servingSecret }}, defaultMode: 0440}}
        - {name: root-key, secret: {secretName: {{ .Values.rootKeySecret }}, defaultMode: 0440}}
        - {name: issuers, secret: {secretName: {{ .Values.issuersSecret }}, defaultMode: 0440}}
        {{- with .Values.mail.passwordSecret }}
        - {name: mail, secret: {secretName: {{ . }}, defaultMode: 0440}}
        {{- end }}
        {{- with $exports }}
        - {name: exports, persistentVolumeClaim: {claimName: {{ . }}}}
        {{- end }}
        {{- include "cairn.temporalVolumes" . | nindent 8 }}
{{- end }}
{{- end }}

{{/* At least one of a role stays while nodes are emptied. */}}
{{- define "cairn.budget" -}}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {{ .root.Release.Name }}-{{ .component }}
  labels:
    {{- include "cairn.labels" .root | nindent 4 }}
spec:
  minAvailable: 1
  selector:
    matchLabels:
      {{- include "cairn.selector" . | nindent 6 }}
{{- end }}

{{- define "cairn.service" -}}
apiVersion: v1
kind: Service
metadata:
  name: {{ .root.Release.Name }}-{{ .component }}
  labels:
    {{- include "cairn.labels" .root | nindent 4 }}
spec:
  selector:
    {{- include "cairn.selector" . | nindent 4 }}
  ports: [{name: http, port: 80, targetPort: http}]
{{- end }}

{{/* What `env` says, and for how long at most certificates of erasures promise copies of the keys. */}}
{{- define "cairn.ownEnv" -}}
{{- if .Values.backup.enabled }}
{{- if hasKey (.Values.env | default dict) "CAIRN_BACKUPS_KEPT" }}
{{- fail "set backup.keysPromisedDays instead of env.CAIRN_BACKUPS_KEPT" }}
{{- end }}
{{- if le (int .Values.backup.keysPromisedDays) (int .Values.backup.keysKeptDays) }}
{{- fail "backup.keysPromisedDays must be more than backup.keysKeptDays, by which the job deletes" }}
{{- end }}
- {name: CAIRN_BACKUPS_KEPT, value: {{ printf "P%dD" (int .Values.backup.keysPromisedDays) | quote }}}
{{- end }}
{{- range $name, $value := .Values.env }}
- {name: {{ $name }}, value: {{ $value | quote }}}
{{- end }}
{{- end }}
