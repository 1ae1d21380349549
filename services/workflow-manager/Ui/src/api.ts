// Calls to the manager's REST routes, and the shapes that they answer with.

export interface Why { code: string; sentence: string; step?: string; until?: string; ahead?: number }
export interface StepFailure { type: string; message: string; transient?: boolean }
export interface Children { total: number; started: number; finished: number; failed: number }
export interface Step {
  name: string; status: string; attempt: number; queue?: string; startedAt?: string; finishedAt?: string;
  error?: StepFailure; children?: Children; output?: unknown;
}
export interface Request {
  id: string; workflow: string; version: string; key?: string; status: string; why?: Why; createdAt: string; updatedAt: string;
  finishedAt?: string; parent?: { id: string; step: string; index: number }; steps: Step[]; input?: unknown; result?: unknown; traceId?: string;
}
export interface RequestItem {
  id: string; workflow: string; key?: string; status: string; createdAt: string; updatedAt: string; error?: string; errorStep?: string;
}
export interface TimelineEvent {
  at: string; kind: string; version: number; step?: string; attempt?: number; error?: StepFailure; until?: string; detail?: string;
}
export interface Pause { by: string; at: string }
export interface Count { workflow: string; step: string; status: string; count: number }
export interface WorkflowItem { name: string; version: string; paused?: Pause; counts: Record<string, number> }
export interface WorkflowStep {
  name: string; queue?: string; task?: string; depends: string[]; batch: number; conditional: boolean; counts: Record<string, number>;
  gate?: { permits?: number; perSeconds?: number; closedUntil?: string; waiting: number; eta?: string }; paused?: Pause;
  queueState?: { queue: string; messages: number; consumers: number };
}
export interface WorkflowTask { name: string; itemListKey: string; maxParallel?: number; steps: WorkflowStep[] }
export interface Workflow extends WorkflowItem {
  hash: string; key?: string; timeoutSeconds?: number; retentionSeconds?: number; schedule?: string;
  steps: WorkflowStep[]; tasks: WorkflowTask[]; definition: unknown;
}
export interface Bulk {
  matched: number; changed: number; dryRun: boolean; ids: string[]; refused: number; failed: number;
  problems: { id: string; outcome: string; reason: string }[];
}
export interface Queue { queue: string; uses: string[]; messages?: number; consumers?: number }
export interface DeadLetter { id: string; reason: string; queue?: string; routingKey?: string; bodyBytes: number; body: string }
export interface DeadLetters { items: DeadLetter[]; total: number; hasMore: boolean }
export interface IgnoredVector { name: string; reason: string; count: number }
export interface DriftTest { at: string; seen: number; mmd2: number; threshold: number; pValue: number; drifting: boolean; alarm: boolean }
export interface Service { name: string; version?: string; ready: boolean; detail?: string; endpoints: string[] }
export interface Detector {
  name: string; dimensions: number; referenceVersion: number; referencePosts: number; currentPosts: number; seen: number; drifting: boolean;
  lastTest?: DriftTest; history?: DriftTest[]; driving: { post: string; witness: number }[];
}

const keyName = "millrace-key";

export const session = {
  get key() { return sessionStorage.getItem(keyName) ?? ""; },
  set key(value: string) { value ? sessionStorage.setItem(keyName, value) : sessionStorage.removeItem(keyName); },
};

export class ApiError extends Error {
  constructor(readonly status: number, message: string) { super(message); }
}

function ask(method: string, path: string): Promise<Response> {
  const headers: Record<string, string> = session.key ? { Authorization: `Bearer ${session.key}` } : {};
  return fetch(path, { method, headers });
}

async function call(method: string, path: string): Promise<Response> {
  const response = await ask(method, path);
  if (!response.ok) throw new ApiError(response.status, await explain(response));
  return response;
}

async function explain(response: Response): Promise<string> {
  try {
    const problem = await response.json();
    return [problem.title, problem.detail].filter(Boolean).join(": ");
  } catch {
    return `${response.status} ${response.statusText}`;
  }
}

export async function get<T>(path: string): Promise<T> {
  return (await call("GET", path)).json();
}

/** Health has something to tell also when it is bad. */
export async function getHealth<T>(path: string): Promise<T> {
  return (await ask("GET", path)).json();
}

export async function getText(path: string): Promise<string> {
  return (await call("GET", path)).text();
}

/** Whatever the answer is, with its status in front if it is not a good one. */
export async function getAnyText(path: string): Promise<string> {
  const response = await ask("GET", path);
  return (response.ok ? "" : `${response.status} ${response.statusText}\n`) + await response.text();
}

export async function post<T>(path: string): Promise<T | undefined> {
  const text = await (await call("POST", path)).text();
  return text ? JSON.parse(text) : undefined;
}

export function query(values: Record<string, string | undefined>): string {
  const parts = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) if (value) parts.set(name, value);
  const text = parts.toString();
  return text ? "?" + text : "";
}
