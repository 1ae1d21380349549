import { useState } from "preact/hooks";
import { get, post, type DeadLetters as Letters } from "../api";
import { Loaded } from "../parts/Parts";
import { usePolled } from "../poll";

const pageSize = 50, mostListed = 200;

export function DeadLetters() {
  const [limit, setLimit] = useState(pageSize);
  const letters = usePolled(() => get<Letters>(`/api/dead-letters?limit=${limit}`), 5000, [limit]);
  const [word, setWord] = useState("");
  const act = async (id: string, action: string) => {
    try { await post(`/api/dead-letters/${encodeURIComponent(id)}/${action}`); setWord(`${action}: done.`); }
    catch (error) { setWord(String((error as Error).message)); }
    letters.refresh();
  };
  return (
    <>
      <h1>Dead letters</h1>
      <p>Messages that could not be understood or belong to nothing known, whole, each with its reason.</p>
      {word && <p role="status">{word}</p>}
      <Loaded from={letters}>
        {({ items, total, hasMore }) => items.length === 0 ? <p>None.</p> : (
          <>
          <p>The first {items.length.toLocaleString()} of {Math.max(total, items.length).toLocaleString()} in the queue.{" "}
            {hasMore && (items.length === limit && limit < mostListed
              ? <button onClick={() => setLimit(limit + pageSize)}>Show more</button>
              : <>More are listed once some of these are requeued or discarded.</>)}</p>
          <ul class="letters">
            {items.map((letter) => (
              <li key={letter.id}>
                <p><b>{letter.reason}</b> <small>{letter.queue} {letter.routingKey}</small></p>
                <details><summary>Body <small>({letter.bodyBytes.toLocaleString()} bytes, of which at most the first 16 KiB are shown)</small></summary><pre tabIndex={0}>{letter.body}</pre></details>
                <button onClick={() => act(letter.id, "requeue")}>Requeue</button>{" "}
                <button class="danger" onClick={() => act(letter.id, "discard")}>Discard</button>
              </li>
            ))}
          </ul>
          </>
        )}
      </Loaded>
    </>
  );
}
