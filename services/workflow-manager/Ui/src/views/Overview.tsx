import { useEffect, useState } from "preact/hooks";
import { get, type Count, type RequestItem } from "../api";
import { Attention } from "../parts/Attention";
import { Chart } from "../parts/Chart";
import { duration, Loaded, requestLink, Status, Table, Time } from "../parts/Parts";
import { usePolled } from "../poll";

interface Point { at: number; running: number; finished: number; failed: number; perSecond: number | null }

const keep = 300;

export function Overview() {
  const counts = usePolled(() => get<{ items: Count[] }>("/api/counts"), 2000, []);
  const failures = usePolled(() => get<{ items: RequestItem[] }>("/api/requests?status=failed&limit=10"), 5000, []);
  const slowest = usePolled(recentLatency, 5000, []);
  const [points, setPoints] = useState<Point[]>([]);
  useEffect(() => {
    if (counts.value) setPoints((before) => [...before, next(before.at(-1), counts.value!.items)].slice(-keep));
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
              <li><b>{slowest.value ? `${duration(slowest.value.p50)} / ${duration(slowest.value.p99)}` : "–"}</b> from post to result, p50 / p99 of the last 100</li>
            </ul>
            <div class="charts">
            <Chart title="Throughput" unit="requests a second" times={times} lines={[{ label: "finished", colour: "#0b8a5f", values: points.map((point) => point.perSecond) }]} />
            <Chart title="Requests that are running" unit="requests" times={times} lines={[{ label: "running", colour: "#2f7fd1", values: points.map((point) => point.running) }]} />
            </div>
            <Depths items={items} />
          </>
        )}
      </Loaded>
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
function Depths({ items }: { items: Count[] }) {
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

function total(items: Count[], status: string): number {
  return items.filter((item) => !item.step && item.status === status).reduce((sum, item) => sum + item.count, 0);
}

function next(before: Point | undefined, items: Count[]): Point {
  const finished = total(items, "completed") + total(items, "failed") + total(items, "cancelled");
  const at = Date.now();
  const perSecond = before ? Math.max(0, (1000 * (finished - before.finished)) / (at - before.at)) : null;
  return { at, running: total(items, "running"), finished, failed: total(items, "failed"), perSecond };
}

async function recentLatency(): Promise<{ p50: number; p99: number } | undefined> {
  const { items } = await get<{ items: RequestItem[] }>("/api/requests?status=completed&limit=100");
  const sorted = items.map((item) => Date.parse(item.updatedAt) - Date.parse(item.createdAt)).sort((a, b) => a - b);
  return sorted.length ? { p50: sorted[Math.floor(sorted.length / 2)]!, p99: sorted[Math.floor(sorted.length * 0.99)]! } : undefined;
}
