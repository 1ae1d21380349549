import { get } from "../api";
import { Loaded, Table } from "../parts/Parts";
import { usePolled } from "../poll";

interface Health { status: string; checks: Record<string, { status: string; description?: string }> }
interface Service { name: string; version?: string; url?: string; ready: boolean; detail?: string; endpoints: string[] }

export function Services() {
  const health = usePolled(() => fetch("/health/ready").then((response) => response.json() as Promise<Health>), 5000, []);
  const services = usePolled(() => get<{ items: Service[] }>("/api/services"), 5000, []);
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
                <td>{service.endpoints.map((path) => <><a href={path} key={path}>{path}</a>{" "}</>)}</td>
              </tr>
            ))}
          </Table>
        )}
      </Loaded>
    </>
  );
}

/** The version and, of the commit that it was built from, as much as names it. */
function shortVersion(version?: string) {
  const [release, commit] = version?.split("+") ?? [];
  return commit ? <>{release} <code>{commit.slice(0, 7)}</code></> : release;
}
