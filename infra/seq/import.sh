#!/usr/bin/env bash
# Creates the signals and the dashboard of signals.json on a Seq server by its HTTP API.
#   infra/seq/import.sh http://127.0.0.1:5341 [API-KEY]
set -euo pipefail
cd "$(dirname "$0")"
server=${1:?name the Seq server, such as http://127.0.0.1:5341}
key=${2:-}

post() { # path body
  curl -fsS -X POST "${server%/}/$1" -H 'Content-Type: application/json' ${key:+-H "X-Seq-ApiKey: $key"} -d "$2" >/dev/null
}

python3 - <<'PY' | while IFS=$'\t' read -r path body; do post "$path" "$body"; done
import json
file = json.load(open("signals.json"))
for signal in file["signals"]:
    body = {"Title": signal["title"], "Filters": [{"Filter": f["filter"], "FilterNonStrict": f["filter"]} for f in signal["filters"]]}
    print("api/signals/", json.dumps(body), sep="\t")
charts = [{
    "Title": chart["title"],
    "Queries": [{
        "Measurements": [{"Value": chart["value"], "Label": chart["label"]}],
        "Where": chart.get("where"),
        "GroupBy": chart["groupBy"],
        "DisplayStyle": {"Type": "Line"},
    }],
    "DisplayStyle": {"WidthColumns": 6, "HeightRows": 1},
} for chart in file["dashboard"]["charts"]]
print("api/dashboards/", json.dumps({"Title": file["dashboard"]["title"], "Charts": charts}), sep="\t")
PY
echo "imported into $server"
