import { useEffect, useState } from "preact/hooks";
import { get, type Count, type Queue, type RequestItem } from "../api";
import { Attention } from "../parts/Attention";
import { Chart } from "../parts/Chart";
import { duration, Loaded, requestLink, Status, Table, Time } from "../parts/Parts";
import { usePolled } from "../poll";

interface Point {
  at: number; running: number; finished: number; failed: number; perSecond: number | null; failedPerSecond: number | null; latency?: Latency;
}
/** Milliseconds from post to result. */
interface Latency { p50: number; p99: number }

const keep = 300;

export function Overview() {
  const counts = usePolled(() => get<{ items: Count[] }>("/api/counts"), 2000, []);
  const failures = usePolled(() => get<{ items: RequestItem[] }>("/api/requests?status=failed&limit=10"), 5000, []);
  const latency = usePolled(recentLatency, 2000, []);
  const queues = usePolled(() => get<{ items: Queue[] }>("/api/queues"), 2000, []);
  const [points, setPoints] = useState<Point[]>([]);
  useEffect(() => {
    if (counts.value) setPoints((before) => [...before, next(before.at(-1), counts.value!.items, latency.value)].slice(-keep));
  }, [counts.value]);
  const times = points.map((point) => point.at / 1000);
  return (
    <>
      <h1>Overview</h1>
      <Attention />
      <Loaded from={counts}>
        {({ items }) => (
          <>
            <ul class="tiles">
              {["running", "completed", "failed", "cancelled"].map((status) => (
                <li key={status}><a href={`#/requests?status=${status}`}><b>{total(items, status).toLocaleString()}</b> {status}</a></li>
              ))}
              <li><b>{points.at(-1)?.perSecond?.toFixed(1) ?? "–"}</b> finished a second</li>
              <li><b>{latency.value ? `${duration(latency.value.p50)} / ${duration(latency.value.p99)}` : "–"}</b> from post to result, p50 / p99 of the last 100</li>
            </ul>
            <div class="charts">
            <Chart title="Throughput" unit="requests a second" times={times} lines={[{ label: "finished", colour: "#0b8a5f", values: points.map((point) => point.perSecond) }]} />
            <Chart title="Requests that are running" unit="requests" times={times} lines={[{ label: "running", colour: "#2f7fd1", values: points.map((point) => point.running) }]} />
            <Chart title="Failures" unit="requests a second" times={times} lines={[{ label: "failed", colour: "#c8323c", values: points.map((point) => point.failedPerSecond) }]} />
            <Chart title="From post to result, of the last 100" unit="milliseconds" times={times} lines={[
              { label: "p50", colour: "#0b8a5f", values: points.map((point) => point.latency?.p50 ?? null) },
              { label: "p99", colour: "#b26a00", values: points.map((point) => point.latency?.p99 ?? null) },
            ]} />
            </div>
            <OpenSteps items={items} />
          </>
        )}
      </Loaded>
      <h2>Queues</h2>
      <Loaded from={queues}>{({ items }) => <Queues items={items} />}</Loaded>
      <h2>Latest failures</h2>
      <Loaded from={failures}>
        {({ items }) => items.length === 0 ? <p>None.</p> : (
          <Table caption="Failed requests, newest first" columns={["Key", "Workflow", "Step", "Error", "When"]}>
            {items.map((item) => (
              <tr key={item.id}>
                <td><a href={requestLink(item.id)}>{item.key ?? item.id}</a></td>
                <td>{item.workflow}</td><td>{item.errorStep}</td><td>{item.error}</td><td><Time at={item.updatedAt} /></td>
              </tr>
            ))}
          </Table>
        )}
      </Loaded>
    </>
  );
}

/** Where requests stand, step by step: what waits and what is with a worker. */
function OpenSteps({ items }: { items: Count[] }) {
  const open = items.filter((item) => item.step && item.count > 0 && !["completed", "skipped", "failed", "cancelled"].includes(item.status));
  if (!open.length) return <p>No step has anything open.</p>;
  return (
    <Table caption="Open steps" columns={["Workflow", "Step", "Status", "Requests"]} numbers={["Requests"]}>
      {open.map((item) => (
        <tr key={item.workflow + item.step + item.status}>
          <td><a href={`#/workflows/${encodeURIComponent(item.workflow)}`}>{item.workflow}</a></td>
          <td>{item.step}</td><td><Status value={item.status} /></td><td class="number">{item.count.toLocaleString()}</td>
        </tr>
      ))}
    </Table>
  );
}

/** What waits on the broker. */
function Queues({ items }: { items: Queue[] }) {
  return (
    <Table caption="Queues of the broker" columns={["Queue", "For", "Waiting in queue", "Consumers"]} numbers={["Waiting in queue", "Consumers"]}>
      {items.map((item) => (
        <tr key={item.queue}>
          <td>{item.queue}</td><td class="text">{item.uses.join(", ")}</td>
          <td class="number">{item.messages?.toLocaleString() ?? "–"}</td>
          <td class={item.consumers === 0 && item.messages && item.queue !== "dead-letter" ? "number error" : "number"}>{item.consumers ?? "–"}</td>
        </tr>
      ))}
    </Table>
  );
}

function total(items: Count[], status: string): number {
  return items.filter((item) => !item.step && item.status === status).reduce((sum, item) => sum + item.count, 0);
}

function next(before: Point | undefined, items: Count[], latency?: Latency): Point {
  const failed = total(items, "failed");
  const finished = total(items, "completed") + failed + total(items, "cancelled");
  const at = Date.now();
  // A redrive takes back an end, which is no negative rate.
  const rate = (now: number, then: number) => Math.max(0, (1000 * (now - then)) / (at - before!.at));
  return {
    at, running: total(items, "running"), finished, failed, latency,
    perSecond: before ? rate(finished, before.finished) : null, failedPerSecond: before ? rate(failed, before.failed) : null,
  };
}

async function recentLatency(): Promise<Latency | undefined> {
  const { items } = await get<{ items: RequestItem[] }>("/api/requests?status=completed&limit=100");
  const sorted = items.map((item) => Date.parse(item.updatedAt) - Date.parse(item.createdAt)).sort((a, b) => a - b);
  return sorted.length ? { p50: sorted[Math.floor(sorted.length / 2)]!, p99: sorted[Math.floor(sorted.length * 0.99)]! } : undefined;
}
