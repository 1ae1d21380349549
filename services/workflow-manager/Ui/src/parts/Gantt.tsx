import type { Request, TimelineEvent } from "../api";
import { duration } from "./Parts";

interface Bar { step: string; attempt: number; from: number; to: number; state: string }

/** One bar an attempt, from its dispatch to what ended it. */
export function Gantt({ request, events }: { request: Request; events: TimelineEvent[] }) {
  const bars = toBars(request, events);
  if (!bars.length) return <p>No step has been dispatched yet.</p>;
  const start = Date.parse(request.createdAt);
  const end = Math.max(start + 1, ...bars.map((bar) => bar.to));
  const share = (time: number) => (100 * (time - start)) / (end - start);
  return (
    <div class="gantt" role="img" aria-label={bars.map((bar) => `${bar.step} attempt ${bar.attempt} ${bar.state} after ${duration(bar.to - bar.from)}`).join("; ")}>
      {bars.map((bar, index) => (
        <div class="row" key={index}>
          <span class="name">{bar.step}{bar.attempt > 1 ? ` #${bar.attempt}` : ""}</span>
          <span class="track">
            <span class={`bar ${bar.state}`} style={{ left: `${share(bar.from)}%`, width: `${Math.max(0.5, share(bar.to) - share(bar.from))}%` }}
              title={duration(bar.to - bar.from)} />
          </span>
          <span class="length">{duration(bar.to - bar.from)}</span>
        </div>
      ))}
    </div>
  );
}

function toBars(request: Request, events: TimelineEvent[]): Bar[] {
  const bars: Bar[] = [];
  const now = request.finishedAt ? Date.parse(request.finishedAt) : Date.now();
  for (const event of events) {
    if (!event.step) continue;
    if (event.kind === "dispatched") bars.push({ step: event.step, attempt: event.attempt ?? 1, from: Date.parse(event.at), to: now, state: "running" });
    else {
      const open = bars.findLast((bar) => bar.step === event.step && bar.state === "running");
      if (open) { open.to = Date.parse(event.at); open.state = event.kind; }
    }
  }
  return bars;
}
