#!/usr/bin/env bash
# Finds the token budget at which a device embeds most: runs the embedding benchmark over a list of budgets and prints a table.
#   infra/gpu/bench-gpu.sh [MODEL FOLDER]       without one: MiniLM-L6's shape with random weights
# Needs an NVIDIA device with CUDA 13 and cuDNN, and a build with the CUDA provider: dotnet build Services.sln -c Release -p:Gpu=true
#   DEVICE=cpu            a dry run without a device
#   BUDGETS="4096 8192"   the budgets, in tokens with padding
#   TEXTS=posts.jsonl     a post file to take texts from (default: the samples)
#   ROUND_TEXTS=1000      texts of a round, at least; large budgets take more
#   BENCH="..."           the command that measures (default: millrace bench embed at the root)
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
device=${DEVICE:-cuda}
budgets=${BUDGETS:-2048 4096 8192 16384 32768 65536 131072}
round_texts=${ROUND_TEXTS:-1000}
bench=${BENCH:-$root/millrace bench embed}
model=${1:-}

larger() { echo $(($1 > $2 ? $1 : $2)); }

# Every device's memory in use, again and again until it is killed: a benchmark that has ended holds none.
watch_memory() {
  while :; do
    nvidia-smi --query-gpu=index,memory.used --format=csv,noheader,nounits >>"$memory" || true
    sleep 0.2
  done
}

# The peak of each device, in the order of their numbers.
peak_memory() {
  sort -n "$memory" | awk -F', *' '
    $1 != device { if (NR > 1) printf "%s/", peak; device = $1; peak = 0 }
    $2 + 0 > peak { peak = $2 + 0 }
    END { print peak + 0 }'
}

measure() {
  local watcher="" status=0
  : >"$memory"
  [ "$device" != cuda ] || { watch_memory & watcher=$!; }
  # A post has about 32 tokens: a batch is limited by its tokens and not by its texts, and four of them are in flight.
  # shellcheck disable=SC2086
  $bench --json --device "$device" --max-batch-tokens "$1" --max-batch-items "$(larger 256 $(($1 / 16)))" --in-flight "$(larger 512 $(($1 / 8)))" \
    --texts-per-round "$(larger "$round_texts" $(($1 / 2)))" ${TEXTS:+--texts "$TEXTS"} ${model:+--model "$model"} >"$result" || status=$?
  if [ -n "$watcher" ]; then
    kill "$watcher" 2>/dev/null || true
    wait "$watcher" 2>/dev/null || true
  fi
  return "$status"
}

# A number of the last result, by its name.
number() {
  sed -n "s/.*\"$1\":[[:space:]]*\([-0-9.eE+]*\).*/\1/p" <<<"$(tr ',' '\n' <"$result")" | head -1
}

[ "$device" != cuda ] || nvidia-smi -L
result=$(mktemp)
memory=$(mktemp)
trap 'rm -f "$result" "$memory"' EXIT

printf '%12s %12s %14s %12s %12s %10s\n' 'batch tokens' 'batch texts' 'tokens/s' 'posts/s' 'memory MiB' 'padding'
best=0
best_rate=0
for budget in $budgets; do
  if ! measure "$budget"; then
    echo "budget $budget failed; larger ones are not tried" >&2
    break
  fi
  rate=$(number tokensPerSecond)
  fits=$(number maxBatchTokens)
  used=$([ "$device" = cuda ] && peak_memory || printf '%.0f' "$(number processMiB)")
  printf '%12s %12.1f %14.0f %12.1f %12s %9.1f%%\n' "$fits" "$(number meanBatchTexts)" "$rate" "$(number postsPerSecond)" "$used" \
    "$(awk -v p="$(number paddingWaste)" 'BEGIN { print 100 * p }')"
  if awk -v a="$rate" -v b="$best_rate" 'BEGIN { exit !(a > b) }'; then
    best=$fits
    best_rate=$rate
  fi
  if [ "$fits" -lt "$budget" ]; then
    echo "the device has no memory for a budget of $budget; larger ones are not tried" >&2
    break
  fi
done

[ "$best" != 0 ] || { echo "no budget worked" >&2; exit 1; }
echo "best: Embedding:Batching:MaxBatchTokens=$best Embedding:Batching:MaxBatchItems=$(larger 256 $((best / 16)))"
