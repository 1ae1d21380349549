import { get, type Detector, type Queue, type Service, type Workflow, type WorkflowItem } from "../api";
import { usePolled } from "../poll";

interface Matter { href: string; word: string }

/** What a person should look at first: queues with work and nobody to do it, what is paused, dead letters, services that are not ready, drift. */
export function Attention() {
  const matters = usePolled(look, 5000, []);
  if (!matters.value?.length) return null;
  return (
    <section class="attention" aria-labelledby="attention">
      <h2 id="attention">Needs a look</h2>
      <ul>{matters.value.map((matter) => <li key={matter.href + matter.word}><a href={matter.href}>{matter.word}</a></li>)}</ul>
    </section>
  );
}

async function look(): Promise<Matter[]> {
  const found = await Promise.allSettled([ofWorkflows(), ofDeadLetters(), ofServices(), ofDrift()]);
  return found.flatMap((one) => one.status === "fulfilled" ? one.value : []);
}

async function ofWorkflows(): Promise<Matter[]> {
  const { items } = await get<{ items: WorkflowItem[] }>("/api/workflows");
  const busy = items.filter((item) => item.paused || item.counts.running);
  const workflows = await Promise.all(busy.map((item) => get<Workflow>(`/api/workflows/${encodeURIComponent(item.name)}`)));
  return workflows.flatMap((workflow) => {
    const href = `#/workflows/${encodeURIComponent(workflow.name)}`;
    const steps = [...workflow.steps, ...workflow.tasks.flatMap((task) => task.steps)];
    return [
      ...(workflow.paused ? [{ href, word: `${workflow.name} is paused by ${workflow.paused.by}` }] : []),
      ...steps.filter((step) => step.paused).map((step) => ({ href, word: `${workflow.name}: step ${step.name} is paused by ${step.paused!.by}` })),
      ...steps.filter((step) => step.queueState?.consumers === 0 && step.queueState.messages > 0).map((step) => ({
        href, word: `${workflow.name}: no worker runs for step ${step.name}; ${step.queueState!.messages.toLocaleString()} messages wait in queue ${step.queueState!.queue}`,
      })),
    ];
  });
}

async function ofDeadLetters(): Promise<Matter[]> {
  const { items } = await get<{ items: Queue[] }>("/api/queues");
  const count = items.find((item) => item.queue === "dead-letter")?.messages;
  return count ? [{ href: "#/dead-letters", word: `${count.toLocaleString()} dead ${count === 1 ? "letter" : "letters"}` }] : [];
}

async function ofServices(): Promise<Matter[]> {
  const { items } = await get<{ items: Service[] }>("/api/services");
  return items.filter((item) => !item.ready).map((item) => ({ href: "#/services", word: `${item.name} is not ready: ${item.detail ?? "no reason given"}` }));
}

async function ofDrift(): Promise<Matter[]> {
  const { items } = await get<{ items: Detector[] }>("/api/drift");
  return items.filter((item) => item.drifting).map((item) => ({ href: `#/drift/${encodeURIComponent(item.name)}`, word: `Posts drift: ${item.name}` }));
}
