import { useState } from "preact/hooks";
import { get, post, type Request, type TimelineEvent, type Why } from "../api";
import { Gantt } from "../parts/Gantt";
import { SeqLinks } from "../parts/SeqLinks";
import { duration, Fetched, Json, Loaded, requestLink, Status, Table, Time } from "../parts/Parts";
import { usePolled } from "../poll";

export function RequestPage({ id }: { id: string }) {
  const path = `/api/requests/${encodeURIComponent(id)}`;
  const request = usePolled(() => get<Request>(path), 2000, [id]);
  const timeline = usePolled(() => get<{ events: TimelineEvent[] }>(path + "/timeline"), 2000, [id]);
  const [problem, setProblem] = useState("");
  const act = async (action: string) => {
    try { await post(path + action); setProblem(""); } catch (error) { setProblem(String((error as Error).message)); }
    request.refresh();
    timeline.refresh();
  };
  return (
    <>
      <h1>Request</h1>
      {problem && <p role="alert" class="error">{problem}</p>}
      <Loaded from={request}>
        {(found) => (
          <>
            <dl class="facts">
              <dt>Id</dt><dd><code>{found.id}</code></dd>
              <dt>Workflow</dt><dd><a href={`#/workflows/${encodeURIComponent(found.workflow)}`}>{found.workflow}</a> version <code>{found.version}</code></dd>
              {found.key && <><dt>Key</dt><dd class="text">{found.key}</dd></>}
              <dt>Status</dt><dd><Status value={found.status} /></dd>
              {found.parent && <><dt>Item</dt><dd>{found.parent.index} of <a href={requestLink(found.parent.id)}>{found.parent.step}</a></dd></>}
              <dt>Created</dt><dd><Time at={found.createdAt} /></dd>
              <dt>Updated</dt><dd><Time at={found.updatedAt} /></dd>
              {found.traceId && <><dt>Trace</dt><dd><code>{found.traceId}</code></dd></>}
              <dt>In Seq</dt><dd><SeqLinks request={found.id} trace={found.traceId} /></dd>
            </dl>
            {found.why && (
              <Reason why={found.why} />
            )}
            <p>
              {found.status === "running" && <button class="danger" onClick={() => act("/cancel")}>Cancel</button>}
              {(found.status === "failed" || found.status === "cancelled") && <button onClick={() => act("/redrive")}>Redrive from where it stopped</button>}
            </p>
            <Steps request={found} restart={(step, items) => act(`/restart?step=${encodeURIComponent(step)}&items=${items}`)} />
            <h2>Timeline</h2>
            <Loaded from={timeline}>
              {({ events }) => <><Gantt request={found} events={events} /><Events events={events} /></>}
            </Loaded>
            <h2>Data</h2>
            <Json label="Input" value={found.input} />
            {found.steps.map((step) => (
              <div key={step.name}>
                <Fetched label={`Input of ${step.name}`} path={`${path}/steps/${encodeURIComponent(step.name)}/input`} />
                <Json label={`Output of ${step.name}`} value={step.output} />
              </div>
            ))}
            <Json label="Result" value={found.result} />
          </>
        )}
      </Loaded>
    </>
  );
}

/** Why it is where it is, and what a person can do about it. */
function Reason({ why }: { why: Why }) {
  const isUnserved = why.code === "no_consumer";
  return (
    <div class="why">
      <p><b>Why:</b> {why.sentence} <code>{why.code}</code></p>
      <p>
        {isUnserved && <>Start a worker for it; what waits then goes on by itself. </>}
        {why.ahead !== undefined && <>{why.ahead.toLocaleString()} in the queue. </>}
        {why.until && <>{isUnserved ? "Times out at" : "Until"} <Time at={why.until} />.</>}
      </p>
    </div>
  );
}

function Steps({ request, restart }: { request: Request; restart: (step: string, items: "all" | "failed") => void }) {
  return (
    <Table caption="Steps" columns={["Step", "Status", "Attempt", "Queue", "Started", "Finished", "Error", "Action"]} numbers={["Attempt"]}>
      {request.steps.map((step) => (
        <tr key={step.name}>
          <td>{step.name}</td><td><Status value={step.status} /></td><td class="number">{step.attempt}</td>
          <td>{step.queue ?? (step.children && `${step.children.finished} of ${step.children.total} items${step.children.failed ? `, ${step.children.failed} failed` : ""}`)}</td>
          <td><Time at={step.startedAt} /></td><td><Time at={step.finishedAt} /></td>
          <td class="text">{step.error && `${step.error.type}: ${step.error.message}`}</td>
          <td>
            {request.status !== "running" && <button onClick={() => restart(step.name, "all")} aria-label={`Restart here: ${step.name}`}>Restart here</button>}
            {request.status !== "running" && step.children && step.children.failed > 0
              && <button onClick={() => restart(step.name, "failed")} aria-label={`Restart failed items: ${step.name}`}>Failed items only</button>}
          </td>
        </tr>
      ))}
    </Table>
  );
}

function Events({ events }: { events: TimelineEvent[] }) {
  return (
    <Table caption="Events, oldest first" columns={["When", "After", "What", "Step", "Attempt", "Detail"]} numbers={["After", "Attempt"]}>
      {events.map((event, index) => (
        <tr key={index}>
          <td><Time at={event.at} /></td><td class="number">{duration(Date.parse(event.at) - Date.parse(events[0]!.at))}</td><td>{event.kind}</td><td>{event.step}</td><td class="number">{event.attempt}</td>
          <td class="text">{[event.error && `${event.error.type}: ${event.error.message}`, event.detail, event.until && `until ${event.until}`].filter(Boolean).join("; ")}</td>
        </tr>
      ))}
    </Table>
  );
}
