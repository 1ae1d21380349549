import { useState } from "preact/hooks";
import { get, post, type Workflow, type WorkflowStep } from "../api";
import { Graph } from "../parts/Graph";
import { duration, Json, Loaded, Table, Time } from "../parts/Parts";
import { usePolled } from "../poll";

export function WorkflowPage({ name }: { name: string }) {
  const path = `/api/workflows/${encodeURIComponent(name)}`;
  const workflow = usePolled(() => get<Workflow>(path), 2000, [name]);
  const [problem, setProblem] = useState("");
  const act = async (action: string) => {
    try { await post(path + action); setProblem(""); } catch (error) { setProblem(String((error as Error).message)); }
    workflow.refresh();
  };
  return (
    <>
      <h1>{name}</h1>
      {problem && <p role="alert" class="error">{problem}</p>}
      <Loaded from={workflow}>
        {(found) => (
          <>
            <p>
              Version <code>{found.version}</code>
              {found.key && <>, key <code>{found.key}</code></>}
              {found.timeoutSeconds && <>, times out after {duration(1000 * found.timeoutSeconds)}</>}
              {found.schedule && <>, schedule <code>{found.schedule}</code></>}.{" "}
              <a href={`#/requests?workflow=${encodeURIComponent(name)}`}>Its requests</a>
            </p>
            <PauseButton paused={found.paused} label={name} act={(action) => act("/" + action)} />
            <Graph name={name} steps={found.steps} />
            <Steps steps={found.steps} act={act} />
            {found.tasks.map((task) => (
              <section key={task.name}>
                <h2>Task {task.name}</h2>
                <p>Once for each item of <code>{task.itemListKey}</code>.</p>
                <Graph name={task.name} steps={task.steps} />
              </section>
            ))}
            <Json label="Definition" value={found.definition} />
          </>
        )}
      </Loaded>
    </>
  );
}

function Steps({ steps, act }: { steps: WorkflowStep[]; act: (action: string) => void }) {
  return (
    <Table caption="Steps" columns={["Step", "Queue", "Waiting in queue", "Workers", "Rate limit", "Action"]} numbers={["Waiting in queue", "Workers"]}>
      {steps.map((step) => (
        <tr key={step.name}>
          <td>{step.name}</td>
          <td>{step.queue ?? `task ${step.task}`}</td>
          <td class="number">{step.queueState?.messages.toLocaleString() ?? "–"}</td>
          <td class={step.queueState?.consumers === 0 ? "number error" : "number"}>{step.queueState?.consumers ?? "–"}</td>
          <td>{step.gate && <Gate gate={step.gate} />}</td>
          <td><PauseButton paused={step.paused} label={step.name} act={(action) => act(`/steps/${encodeURIComponent(step.name)}/${action}`)} /></td>
        </tr>
      ))}
    </Table>
  );
}

function Gate({ gate }: { gate: NonNullable<WorkflowStep["gate"]> }) {
  return (
    <>
      {gate.permits && <>{gate.permits} in {gate.perSeconds} s</>}
      {gate.waiting > 0 && <>, {gate.waiting.toLocaleString()} wait until <Time at={gate.eta} /></>}
      {gate.closedUntil && <>, closed until <Time at={gate.closedUntil} /></>}
    </>
  );
}

function PauseButton({ paused, label, act }: { paused?: { by: string }; label: string; act: (action: string) => void }) {
  return paused
    ? <button onClick={() => act("resume")}>Resume {label} (paused by {paused.by})</button>
    : <button onClick={() => act("pause")}>Pause {label}</button>;
}
