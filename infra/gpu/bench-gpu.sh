#!/usr/bin/env bash
# Finds the token budget at which a device embeds most: runs the embedding benchmark over a list of budgets and prints a table.
#   infra/gpu/bench-gpu.sh [MODEL FOLDER]       without one: MiniLM-L6's shape with random weights
# Needs an NVIDIA device with CUDA 13 and cuDNN, and a build with the CUDA provider: dotnet build Services.sln -c Release -p:Gpu=true
#   DEVICE=cpu            a dry run without a device
#   BUDGETS="4096 8192"   the budgets, in tokens with padding
#   BENCH="..."           the command that measures (default: millrace bench embed at the root)
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
device=${DEVICE:-cuda}
budgets=${BUDGETS:-2048 4096 8192 16384 32768 65536 131072}
bench=${BENCH:-$root/millrace bench embed}
model=${1:-}

memory() {
  if [ "$device" = cuda ]; then
    nvidia-smi --query-gpu=memory.used --format=csv,noheader,nounits | head -1
  else
    number processMiB
  fi
}

# A number of the last result, by its name.
number() {
  sed -n "s/.*\"$1\":[[:space:]]*\([-0-9.eE+]*\).*/\1/p" <<<"$(tr ',' '\n' <"$result")" | head -1
}

[ "$device" != cuda ] || nvidia-smi -L
result=$(mktemp)
trap 'rm -f "$result"' EXIT

printf '%12s %12s %14s %12s %12s %10s\n' 'batch tokens' 'batch texts' 'tokens/s' 'posts/s' 'memory MiB' 'padding'
best=0
best_rate=0
for budget in $budgets; do
  # shellcheck disable=SC2086
  if ! $bench --json --device "$device" --max-batch-tokens "$budget" ${model:+--model "$model"} >"$result"; then
    echo "budget $budget failed; larger ones are not tried" >&2
    break
  fi
  rate=$(number tokensPerSecond)
  printf '%12s %12.1f %14.0f %12.1f %12.0f %9.1f%%\n' "$budget" "$(number meanBatchTexts)" "$rate" "$(number postsPerSecond)" "$(memory)" \
    "$(awk -v p="$(number paddingWaste)" 'BEGIN { print 100 * p }')"
  if awk -v a="$rate" -v b="$best_rate" 'BEGIN { exit !(a > b) }'; then
    best=$budget
    best_rate=$rate
  fi
done

[ "$best" != 0 ] || { echo "no budget worked" >&2; exit 1; }
echo "best: Embedding:Batching:MaxBatchTokens=$best"
