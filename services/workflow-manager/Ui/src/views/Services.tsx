import { useState } from "preact/hooks";
import { get, getAnyText, getHealth, type Service } from "../api";
import { cut, Loaded, Table } from "../parts/Parts";
import { usePolled } from "../poll";

interface Health { status: string; checks: Record<string, { status: string; description?: string }> }

export function Services() {
  const health = usePolled(() => getHealth<Health>("/health/ready"), 5000, []);
  const services = usePolled(() => get<{ items: Service[] }>("/api/services"), 5000, []);
  const [opened, setOpened] = useState("");
  return (
    <>
      <h1>Services</h1>
      <Loaded from={health}>
        {(found) => (
          <Table caption={`This process: ${found.status}`} columns={["Check", "Status", "Detail"]}>
            {Object.entries(found.checks).map(([name, check]) => <tr key={name}><td>{name}</td><td>{check.status}</td><td class="text">{check.description}</td></tr>)}
          </Table>
        )}
      </Loaded>
      <Loaded from={services}>
        {({ items }) => (
          <Table caption="Services" columns={["Service", "Version", "Ready", "Detail", "Own endpoints"]}>
            {items.map((service) => (
              <tr key={service.name}>
                <td>{service.name}</td><td title={service.version}>{shortVersion(service.version)}</td><td>{service.ready ? "yes" : <b class="error">no</b>}</td><td class="text">{service.detail}</td>
                <td>{service.endpoints.map((path) => <button key={path} class="path" aria-pressed={path === opened} onClick={() => setOpened(path)}>{path}</button>)}</td>
              </tr>
            ))}
          </Table>
        )}
      </Loaded>
      {opened && <Endpoint path={opened} />}
    </>
  );
}

/** Asked with the key of this page, which a plain link could not carry. */
function Endpoint({ path }: { path: string }) {
  const answer = usePolled(() => getAnyText(path), 0, [path]);
  return (
    <section aria-labelledby="endpoint">
      <h2 id="endpoint"><code>{path}</code></h2>
      <Loaded from={answer}>{(text) => <pre tabIndex={0}>{cut(text)}</pre>}</Loaded>
    </section>
  );
}

/** The version and, of the commit that it was built from, as much as names it. */
function shortVersion(version?: string) {
  const [release, commit] = version?.split("+") ?? [];
  return commit ? <>{release} <code>{commit.slice(0, 7)}</code></> : release;
}
