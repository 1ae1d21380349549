import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { get } from "../api";
import { usePolled, type Polled } from "../poll";

/** Texts of posts go through Preact's text nodes only; nothing is ever set as HTML. */
export function Status({ value }: { value: string }) {
  return <span class={`status ${value}`}>{value}</span>;
}

export function Time({ at }: { at?: string }) {
  if (!at) return <>–</>;
  const date = new Date(at);
  const isToday = date.toDateString() === new Date().toDateString();
  return <time dateTime={at} title={date.toLocaleString()}>{isToday ? date.toLocaleTimeString() : date.toLocaleString()}</time>;
}

/** A length of time in the unit that a person would choose. */
export function duration(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 60_000) return `${(milliseconds / 1000).toFixed(1)} s`;
  const minutes = Math.floor(milliseconds / 60_000);
  return minutes < 60 ? `${minutes} min ${Math.floor((milliseconds % 60_000) / 1000)} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

const mostShown = 20_000;

/** As much of a text as a page can show, which says so where it ends early. */
export function cut(text: string): string {
  return text.length <= mostShown ? text
    : `${text.slice(0, mostShown)}\n… cut here: the first ${mostShown.toLocaleString()} of ${text.length.toLocaleString()} characters`;
}

export function Json({ value, label }: { value: unknown; label: string }) {
  if (value === undefined || value === null) return null;
  const text = JSON.stringify(value, null, 2);
  return (
    <details>
      <summary>{label} <small>({text.length.toLocaleString()} characters)</small></summary>
      <pre tabIndex={0}>{cut(text)}</pre>
    </details>
  );
}

/** JSON that is asked for when a person opens it. */
export function Fetched({ path, label }: { path: string; label: string }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{label}</summary>
      {isOpen && <Asked path={path} />}
    </details>
  );
}

function Asked({ path }: { path: string }) {
  const value = usePolled(() => get<unknown>(path), 0, [path]);
  return <Loaded from={value}>{(found) => <pre tabIndex={0}>{cut(JSON.stringify(found, null, 2))}</pre>}</Loaded>;
}

/** What a page shows while it loads or when it can't. */
export function Loaded<T>({ from, children }: { from: Polled<T>; children: (value: T) => ComponentChildren }) {
  return (
    <>
      {from.error && <p role="alert" class="error">{from.status === 401 ? "Sign in with an API key first." : from.error}</p>}
      {from.value !== undefined ? children(from.value) : !from.error && <p aria-busy="true">Loading …</p>}
    </>
  );
}

/** @param numbers Which of the columns hold numbers; their heads stand over them, at the right. */
export function Table({ caption, columns, numbers = [], children }: { caption: string; columns: string[]; numbers?: string[]; children: ComponentChildren }) {
  return (
    <div class="scroll" role="region" aria-label={caption} tabIndex={0}>
      <table>
        <caption>{caption}</caption>
        <thead><tr>{columns.map((column) => <th key={column} scope="col" class={numbers.includes(column) ? "number" : undefined}>{column}</th>)}</tr></thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}

export function requestLink(id: string) {
  return `#/requests/${encodeURIComponent(id)}`;
}
