import { get } from "../api";
import { Json, Loaded, Table } from "../parts/Parts";
import { usePolled } from "../poll";

interface Agreement { attributes?: { attribute: string; pairs: number; spearman?: number | null; auc?: Record<string, number | null> }[] }

export function Classifier() {
  const info = usePolled(() => get<Record<string, unknown>>("/api/classifier"), 10_000, []);
  const agreement = usePolled(() => get<Agreement>("/api/classifier/agreement"), 5000, []);
  return (
    <>
      <h1>Classifier</h1>
      <Loaded from={info}>{(found) => <Json label="Provider, model and attributes" value={found} />}</Loaded>
      <h2>Agreement of the two providers</h2>
      <Loaded from={agreement}>
        {({ attributes = [] }) => attributes.length === 0
          ? <p>Nothing to compare yet: run the provider <code>shadow</code> to score posts by both.</p>
          : (
            <Table caption="Agreement by attribute" columns={["Attribute", "Pairs", "Spearman", "AUC at thresholds"]}>
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
