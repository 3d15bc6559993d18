{{/* StatefulSets add a hash to their name in a label, so that 52 letters are left for the name. */}}
{{- define "inferometer.fullname" -}}
{{- $named := contains "inferometer" .Release.Name | ternary .Release.Name (printf "%s-inferometer" .Release.Name) -}}
{{- .Values.fullnameOverride | default $named | trunc 52 | trimSuffix "-" -}}
{{- end }}

{{- define "inferometer.selector" -}}
app.kubernetes.io/name: inferometer
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end }}

{{- define "inferometer.simulatorSelector" -}}
app.kubernetes.io/name: inferometer-simulator
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end }}

{{/* The labels of the chart itself, for all that has no other name. */}}
{{- define "inferometer.chartLabels" -}}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end }}

{{- define "inferometer.labels" -}}
{{ include "inferometer.selector" . }}
{{ include "inferometer.chartLabels" . }}
{{- end }}

{{/* Whether the pages are served by HTTPS: not empty if so. */}}
{{- define "inferometer.https" -}}
{{- if and .Values.webConfig.existingSecret .Values.webConfig.tls }}true{{ end -}}
{{- end }}

{{- define "inferometer.serviceAccount" -}}
{{- .Values.serviceAccount.name | default (.Values.serviceAccount.create | ternary (include "inferometer.fullname" .) "default") -}}
{{- end }}

{{- define "inferometer.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}
{{- end }}

{{/* What daemon and simulator share of a pod. */}}
{{- define "inferometer.podSettings" -}}
serviceAccountName: {{ include "inferometer.serviceAccount" . | quote }}
automountServiceAccountToken: false   # neither asks the API server
enableServiceLinks: false             # ${VAR} in the configuration sees no variables of other Services
{{- with .Values.imagePullSecrets }}
imagePullSecrets: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.affinity }}
affinity: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- define "inferometer.containerSettings" -}}
image: {{ include "inferometer.image" . | quote }}
{{- with .Values.image.pullPolicy }}
imagePullPolicy: {{ . }}
{{- end }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
{{- end }}
