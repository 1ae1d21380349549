import { useEffect, useState } from "preact/hooks";
import { get, post, query, type Bulk, type RequestItem } from "../api";
import { Loaded, requestLink, Status, Table, Time } from "../parts/Parts";
import { usePolled } from "../poll";

const names = ["workflow", "status", "key", "error", "step", "from", "before"] as const;
type Filter = Partial<Record<(typeof names)[number], string>>;

export function Requests({ search }: { search: URLSearchParams }) {
  const filter: Filter = Object.fromEntries(names.map((name) => [name, search.get(name) ?? undefined]));
  const filterKey = JSON.stringify(filter);
  const [cursors, setCursors] = useState<string[]>([]);
  useEffect(() => setCursors([]), [filterKey]);
  const after = cursors.at(-1);
  const page = usePolled(
    () => get<{ items: RequestItem[]; next?: string | null }>("/api/requests" + query({ ...filter, limit: "50", after })), after ? 0 : 4000, [filterKey, after]);
  return (
    <>
      <h1>Requests</h1>
      <FilterForm filter={filter} key={filterKey} />
      <BulkActions filter={filter} done={page.refresh} />
      <Loaded from={page}>
        {({ items, next }) => (
          <>
            {items.length === 0 ? <p>No request matches.</p> : (
              <Table caption="Requests, newest first" columns={["Key", "Workflow", "Status", "Error", "Created", "Updated"]}>
                {items.map((item) => (
                  <tr key={item.id}>
                    <td><a href={requestLink(item.id)}>{item.key ?? item.id}</a></td>
                    <td>{item.workflow}</td><td><Status value={item.status} /></td>
                    <td>{item.error && `${item.errorStep}: ${item.error}`}</td><td><Time at={item.createdAt} /></td><td><Time at={item.updatedAt} /></td>
                  </tr>
                ))}
              </Table>
            )}
            <p class="paging">
              <button disabled={!cursors.length} onClick={() => setCursors(cursors.slice(0, -1))}>Newer</button>
              <button disabled={!next} onClick={() => next && setCursors([...cursors, next])}>Older</button>
            </p>
          </>
        )}
      </Loaded>
    </>
  );
}

function FilterForm({ filter }: { filter: Filter }) {
  const submit = (event: Event) => {
    event.preventDefault();
    const values = new FormData(event.currentTarget as HTMLFormElement);
    location.hash = "#/requests" + query(Object.fromEntries([...values].map(([name, value]) => [name, String(value).trim()])));
  };
  const field = (name: keyof Filter, label: string, type = "text") => <label>{label} <input name={name} type={type} defaultValue={filter[name]} /></label>;
  return (
    <form class="filter" role="search" onSubmit={submit}>
      {field("workflow", "Workflow")}
      <label>Status{" "}
        <select name="status" defaultValue={filter.status}>
          {["", "running", "completed", "failed", "cancelled"].map((status) => <option value={status} selected={status === (filter.status ?? "")}>{status || "any"}</option>)}
        </select>
      </label>
      {field("key", "Key")}{field("step", "Step")}{field("error", "Error type")}
      {field("from", "Created from (ISO)")}{field("before", "before")}
      <button>Search</button>
    </form>
  );
}

/** First how many it would be, then a second press to do it. */
function BulkActions({ filter, done }: { filter: Filter; done: () => void }) {
  const [plan, setPlan] = useState<{ action: string; matched: number }>();
  const [word, setWord] = useState("");
  const run = async (action: string, dryRun: boolean) => {
    try {
      const result = await post<Bulk>(`/api/requests/${action}` + query({ ...filter, dryRun: String(dryRun) }));
      if (dryRun) { setPlan({ action, matched: result!.matched - result!.refused - result!.failed }); setWord(""); }
      else { setPlan(undefined); setWord(`${action}: ${result!.changed.toLocaleString()} of ${result!.matched.toLocaleString()} changed.${result!.problems[0] ? " " + result!.problems[0].reason : ""}`); done(); }
    } catch (error) { setPlan(undefined); setWord(String((error as Error).message)); }
  };
  const any = Object.values(filter).some(Boolean);
  return (
    <p class="bulk">
      <button disabled={!any} onClick={() => run("redrive", true)}>Redrive what matches …</button>
      <button disabled={!any} onClick={() => run("cancel", true)}>Cancel what matches …</button>
      {!any && <small>Set a filter first.</small>}
      {plan && (
        <span role="status">
          {plan.matched.toLocaleString()} {plan.matched === 1 ? "request" : "requests"} would be touched.{" "}
          <button class="danger" disabled={!plan.matched} onClick={() => run(plan.action, false)}>{plan.action} them</button>{" "}
          <button onClick={() => setPlan(undefined)}>Leave it</button>
        </span>
      )}
      {word && <span role="status">{word}</span>}
    </p>
  );
}
