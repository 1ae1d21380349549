import { get } from "../api";
import { Loaded, Table } from "../parts/Parts";
import { usePolled } from "../poll";

interface Agreement { classifier: string; attributes: Record<string, { pairs: number; spearman?: number | null; aucAt: Record<string, number | null> }> }

interface Instance { name: string; queue: string; provider: string; modelRevision?: string; available: string[]; unavailable: string[] }

export function Classifier() {
  const info = usePolled(() => get<{ items: Instance[] }>("/api/classifier"), 10_000, []);
  const agreement = usePolled(() => get<{ items: Agreement[] }>("/api/classifier/agreement"), 5000, []);
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
        {({ items }) => items.length === 0
          ? <p>Nothing to compare: run the provider <code>shadow</code> to score posts by both.</p>
          : (
            <Table caption="Agreement by attribute" columns={["Classifier", "Attribute", "Pairs", "Spearman", "AUC at thresholds"]} numbers={["Pairs", "Spearman"]}>
              {items.flatMap((item) => Object.entries(item.attributes).map(([attribute, row]) => (
                <tr key={item.classifier + attribute}>
                  <td>{item.classifier}</td><td>{attribute}</td><td class="number">{row.pairs}</td><td class="number">{row.spearman?.toFixed(3) ?? "–"}</td>
                  <td>{Object.entries(row.aucAt).map(([at, auc]) => `${at}: ${auc?.toFixed(3) ?? "–"}`).join(", ")}</td>
                </tr>
              )))}
            </Table>
          )}
      </Loaded>
    </>
  );
}
