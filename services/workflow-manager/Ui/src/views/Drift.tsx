import { useState } from "preact/hooks";
import { get, getText, post, type Detector, type IgnoredVector } from "../api";
import { Loaded, Table } from "../parts/Parts";
import { usePolled } from "../poll";

export function Drift({ name }: { name?: string }) {
  return name ? <One name={name} /> : <All />;
}

function All() {
  const detectors = usePolled(() => get<{ items: Detector[]; ignored: IgnoredVector[] }>("/api/drift"), 5000, []);
  return (
    <>
      <h1>Drift</h1>
      <p>Do the posts of today still come from the distribution that the reference window held? A small p-value says no.</p>
      <Loaded from={detectors}>
        {({ items }) => items.length === 0 ? <p>No vectors have been seen yet: they come with the first posts that are embedded or scored.</p> : (
          <Table caption="Detectors" columns={["Detector", "State", "Reference", "Current window", "Last MMD²", "p-value"]} numbers={["Reference", "Current window", "Last MMD²", "p-value"]}>
            {items.map((detector) => (
              <tr key={detector.name}>
                <td><a href={`#/drift/${encodeURIComponent(detector.name)}`}>{detector.name}</a></td>
                <td>{detector.drifting ? <b class="error">drifting</b> : "quiet"}</td>
                <td class="number">{detector.referencePosts} (version {detector.referenceVersion})</td><td class="number">{detector.currentPosts}</td>
                <td class="number">{detector.lastTest?.mmd2.toExponential(2) ?? "–"}</td><td class="number">{detector.lastTest?.pValue.toFixed(4) ?? "–"}</td>
              </tr>
            ))}
          </Table>
        )}
      </Loaded>
      {detectors.value && detectors.value.ignored.length > 0 && <Ignored vectors={detectors.value.ignored} />}
    </>
  );
}

function Ignored({ vectors }: { vectors: IgnoredVector[] }) {
  return (
    <>
      <h2>Ignored</h2>
      <p>Vectors that no detector took since the service started.</p>
      <Table caption="Ignored vectors" columns={["Of", "Reason", "Vectors"]} numbers={["Vectors"]}>
        {vectors.map(({ name, reason, count }) => (
          <tr key={name + reason}><td>{name}</td><td>{reasons[reason] ?? reason}</td><td class="number">{count.toLocaleString()}</td></tr>
        ))}
      </Table>
    </>
  );
}

const reasons: Record<string, string> = {
  unreadable: "not a vector of finite numbers", otherLength: "another length than the detector's first", noRoom: "no room for another detector",
  repeated: "the post stands in a window already",
};

function One({ name }: { name: string }) {
  const path = `/api/drift/${encodeURIComponent(name)}`;
  const detector = usePolled(() => get<Detector>(path), 5000, [name]);
  const statistic = usePolled(() => getText(path + "/statistic.svg"), 5000, [name]);
  const windows = usePolled(() => getText(path + "/windows.svg"), 15_000, [name]);
  const [problem, setProblem] = useState("");
  const adopt = async () => {
    try { await post(path + "/reference"); setProblem(""); } catch (error) { setProblem(String((error as Error).message)); }
    detector.refresh();
  };
  return (
    <>
      <h1>Drift of {name}</h1>
      {problem && <p role="alert" class="error">{problem}</p>}
      <Loaded from={detector}>
        {(found) => (
          <>
            <p>{found.drifting ? <b class="error">Drifting</b> : "Quiet"}; {found.seen.toLocaleString()} posts seen, reference version {found.referenceVersion}.{" "}
              <button onClick={adopt}>Make the current window the reference</button></p>
            <Loaded from={statistic}>{(svg) => <Picture svg={svg} alt={`MMD² over time; last ${found.lastTest?.mmd2 ?? "none"}`} />}</Loaded>
            <h2>Posts that drive it</h2>
            {found.driving.length === 0 ? <p>None while it is quiet.</p> : (
              <Table caption="Driving posts" columns={["Post", "Witness"]} numbers={["Witness"]}>
                {found.driving.map((post) => (
                  <tr key={post.post}><td><a href={`#/requests?key=${encodeURIComponent(post.post)}`}>{post.post}</a></td><td class="number">{post.witness.toFixed(4)}</td></tr>
                ))}
              </Table>
            )}
            <h2>Both windows</h2>
            <Loaded from={windows}>{(svg) => <Picture svg={svg} alt="Reference and current window in two dimensions" />}</Loaded>
          </>
        )}
      </Loaded>
    </>
  );
}

/** As an image, so that whatever a drawing holds is never part of the page. */
function Picture({ svg, alt }: { svg: string; alt: string }) {
  return <img class="drawing" alt={alt} src={"data:image/svg+xml;charset=utf-8," + encodeURIComponent(svg)} />;
}
