import { useEffect, useState } from "preact/hooks";
import { ApiError } from "./api";

export interface Polled<T> { value?: T; error?: string; status?: number; refresh: () => void }

/** Loads now and again every so many milliseconds while the page is visible; keeps the last good value beside an error. */
export function usePolled<T>(load: () => Promise<T>, every: number, deps: unknown[]): Polled<T> {
  const [value, setValue] = useState<T>();
  const [error, setError] = useState<{ message: string; status?: number }>();
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    let gone = false;
    let timer = 0;
    const run = async () => {
      if (document.visibilityState === "visible") {
        try {
          const next = await load();
          if (!gone) { setValue(() => next); setError(undefined); }
        } catch (problem) {
          if (!gone) setError({ message: String((problem as Error).message), status: problem instanceof ApiError ? problem.status : undefined });
        }
      }
      if (!gone && every > 0) timer = window.setTimeout(run, every);
    };
    void run();
    return () => { gone = true; window.clearTimeout(timer); };
  }, [...deps, turn]);
  return { value, error: error?.message, status: error?.status, refresh: () => setTurn(turn + 1) };
}
