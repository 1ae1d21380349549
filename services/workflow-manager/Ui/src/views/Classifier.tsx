import { get } from "../api";
import { Loaded, Table } from "../parts/Parts";
import { usePolled } from "../poll";

interface Agreement { attributes?: { attribute: string; pairs: number; spearman?: number | null; auc?: Record<string, number | null> }[] }

interface Instance { name: string; queue: string; provider: string; modelRevision?: string; available: string[]; unavailable: string[] }

export function Classifier() {
  const info = usePolled(() => get<{ items: Instance[] }>("/api/classifier"), 10_000, []);
  const agreement = usePolled(() => get<Agreement>("/api/classifier/agreement"), 5000, []);
  return (
    <>
      <h1>Classifier</h1>
      <Loaded from={info}>
        {({ items }) => (
          <Table caption="Classifiers" columns={["Name", "Queue", "Provider", "Model", "Scores", "Can't score"]}>
            {items.map((item) => (
              <tr key={item.name}>
                <td>{item.name}</td><td>{item.queue}</td><td>{item.provider}</td><td><code>{item.modelRevision ?? "–"}</code></td>
                <td>{item.available.join(", ")}</td><td>{item.unavailable.join(", ") || "–"}</td>
              </tr>
            ))}
          </Table>
        )}
      </Loaded>
      <h2>Agreement of the two providers</h2>
      <Loaded from={agreement}>
        {({ attributes = [] }) => attributes.length === 0
          ? <p>Nothing to compare yet: run the provider <code>shadow</code> to score posts by both.</p>
          : (
            <Table caption="Agreement by attribute" columns={["Attribute", "Pairs", "Spearman", "AUC at thresholds"]} numbers={["Pairs", "Spearman"]}>
              {attributes.map((row) => (
                <tr key={row.attribute}>
                  <td>{row.attribute}</td><td class="number">{row.pairs}</td><td class="number">{row.spearman?.toFixed(3) ?? "–"}</td>
                  <td>{Object.entries(row.auc ?? {}).map(([at, auc]) => `${at}: ${auc?.toFixed(3) ?? "–"}`).join(", ")}</td>
                </tr>
              ))}
            </Table>
          )}
      </Loaded>
    </>
  );
}
