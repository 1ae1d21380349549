import { get, type WorkflowItem } from "../api";
import { Loaded, Table } from "../parts/Parts";
import { usePolled } from "../poll";

export function Workflows() {
  const workflows = usePolled(() => get<{ items: WorkflowItem[] }>("/api/workflows"), 3000, []);
  return (
    <>
      <h1>Workflows</h1>
      <Loaded from={workflows}>
        {({ items }) => (
          <Table caption="Workflows" columns={["Name", "Version", "Running", "Completed", "Failed", "Cancelled", "Paused"]} numbers={["Running", "Completed", "Failed", "Cancelled"]}>
            {items.map((item) => (
              <tr key={item.name}>
                <td><a href={`#/workflows/${encodeURIComponent(item.name)}`}>{item.name}</a></td>
                <td><code>{item.version}</code></td>
                {["running", "completed", "failed", "cancelled"].map((status) => <td class="number" key={status}>{(item.counts[status] ?? 0).toLocaleString()}</td>)}
                <td>{item.paused ? `by ${item.paused.by}` : "no"}</td>
              </tr>
            ))}
          </Table>
        )}
      </Loaded>
    </>
  );
}
