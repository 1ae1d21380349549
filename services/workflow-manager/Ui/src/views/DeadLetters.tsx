import { useState } from "preact/hooks";
import { get, post, type DeadLetter } from "../api";
import { Loaded, Time } from "../parts/Parts";
import { usePolled } from "../poll";

export function DeadLetters() {
  const letters = usePolled(() => get<{ items: DeadLetter[] }>("/api/dead-letters"), 5000, []);
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
        {({ items }) => items.length === 0 ? <p>None.</p> : (
          <ul class="letters">
            {items.map((letter) => (
              <li key={letter.id}>
                <p><b>{letter.reason}</b> <small>{letter.queue} {letter.routingKey} <Time at={letter.at} /></small></p>
                <details><summary>Body</summary><pre tabIndex={0}>{letter.body}</pre></details>
                <button onClick={() => act(letter.id, "requeue")}>Requeue</button>{" "}
                <button class="danger" onClick={() => act(letter.id, "discard")}>Discard</button>
              </li>
            ))}
          </ul>
        )}
      </Loaded>
    </>
  );
}
