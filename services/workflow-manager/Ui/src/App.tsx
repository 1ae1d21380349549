import { useEffect, useRef, useState } from "preact/hooks";
import { session } from "./api";
import { Classifier } from "./views/Classifier";
import { DeadLetters } from "./views/DeadLetters";
import { Drift } from "./views/Drift";
import { Overview } from "./views/Overview";
import { RequestPage } from "./views/RequestPage";
import { Requests } from "./views/Requests";
import { Services } from "./views/Services";
import { WorkflowPage } from "./views/WorkflowPage";
import { Workflows } from "./views/Workflows";

const pages = [
  ["overview", "Overview"], ["workflows", "Workflows"], ["requests", "Requests"], ["dead-letters", "Dead letters"],
  ["classifier", "Classifier"], ["drift", "Drift"], ["services", "Services"],
] as const;

function useRoute(): { path: string[]; search: URLSearchParams } {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const follow = () => setHash(location.hash);
    addEventListener("hashchange", follow);
    return () => removeEventListener("hashchange", follow);
  }, []);
  const [path = "", search = ""] = hash.replace(/^#\/?/, "").split("?");
  return { path: path.split("/").filter(Boolean).map(decodeURIComponent), search: new URLSearchParams(search) };
}

export function App() {
  const { path, search } = useRoute();
  const [page = "overview", name] = path;
  const heading = useRef<HTMLElement>(null);
  useEffect(() => heading.current?.focus(), [page, name]);
  return (
    <>
      <a class="skip" href="#main" onClick={(event) => { event.preventDefault(); heading.current?.focus(); }}>Skip to content</a>
      <header>
        <strong>Millrace</strong>
        <nav aria-label="Pages">
          {pages.map(([id, title]) => (
            <a key={id} href={`#/${id}`} aria-current={id === page ? "page" : undefined}>{title}</a>
          ))}
        </nav>
        <SignIn />
      </header>
      <main id="main" tabIndex={-1} ref={heading}>
        <View page={page} name={name} search={search} />
      </main>
    </>
  );
}

function View({ page, name, search }: { page: string; name?: string; search: URLSearchParams }) {
  switch (page) {
    case "overview": return <Overview />;
    case "workflows": return name ? <WorkflowPage name={name} /> : <Workflows />;
    case "requests": return name ? <RequestPage id={name} /> : <Requests search={search} />;
    case "dead-letters": return <DeadLetters />;
    case "classifier": return <Classifier />;
    case "drift": return <Drift name={name} />;
    case "services": return <Services />;
    default: return <p>There is no page “{page}”.</p>;
  }
}

/** The key lives in the tab's session only; without keys on the server the field can stay empty. */
function SignIn() {
  const [key, setKey] = useState(session.key);
  return (
    <form class="signin" onSubmit={(event) => { event.preventDefault(); session.key = key.trim(); location.reload(); }}>
      <label>API key <input type="password" autocomplete="off" value={key} onInput={(event) => setKey(event.currentTarget.value)} /></label>
      <button>{session.key ? "Change" : "Sign in"}</button>
    </form>
  );
}
