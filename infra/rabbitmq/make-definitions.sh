#!/usr/bin/env bash
# Writes definitions.json for `rabbitmqctl import_definitions`: one user a role with the least it needs.
#   MANAGER_PASSWORD=... WORKER_PASSWORD=... PUBLISHER_PASSWORD=... DRIFT_PASSWORD=... make-definitions.sh > definitions.json
set -euo pipefail
cd "$(dirname "$0")"

# RabbitMQ's salted hash: base64(salt . sha256(salt . password)) with a salt of four bytes.
hash() {
  python3 - "$1" <<'PY'
import base64, hashlib, os, sys
salt = os.urandom(4)
print(base64.b64encode(salt + hashlib.sha256(salt + sys.argv[1].encode()).digest()).decode())
PY
}

text=$(cat definitions.template.json)
for role in MANAGER WORKER PUBLISHER DRIFT; do
  password=${role}_PASSWORD
  [ -n "${!password:-}" ] || { echo "set $password" >&2; exit 2; }
  text=${text//"\${${role}_HASH}"/$(hash "${!password}")}
done
printf '%s\n' "$text"
