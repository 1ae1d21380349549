import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";

export interface Line { label: string; colour: string; values: (number | null)[] }

/** Lines over time, with their last values as text for those who do not see the drawing. */
export function Chart({ title, unit, times, lines }: { title: string; unit: string; times: number[]; lines: Line[] }) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>();
  const labels = lines.map((line) => line.label).join("\n");
  useEffect(() => {
    const dark = matchMedia("(prefers-color-scheme: dark)").matches;
    const axis = { stroke: dark ? "#bbb" : "#444", grid: { stroke: dark ? "#333" : "#ddd", width: 1 } };
    plot.current = new uPlot({
      width: Math.max(280, place.current!.clientWidth), height: 180, legend: { show: false }, cursor: { drag: { x: false, y: false } },
      series: [{}, ...lines.map((line) => ({ label: line.label, stroke: line.colour, width: 2 }))],
      axes: [axis, { ...axis, size: 60 }],
      // A minute at least, so that the first seconds are not drawn as if they were long.
      scales: { x: { range: (_, least, most) => [Math.min(least, most - 60), most] }, y: { range: (_, __, most) => [0, Math.max(1, most * 1.1)] } },
    }, toData(times, lines), place.current!);
    return () => plot.current?.destroy();
  }, [labels]);
  useEffect(() => { plot.current?.setData(toData(times, lines)); }, [times, lines]);
  const last = lines.map((line) => `${line.label} ${line.values.at(-1) ?? "–"}`).join(", ");
  return (
    <figure class="chart">
      <figcaption>{title} <small>({unit})</small></figcaption>
      <div ref={place} role="img" aria-label={`${title}: ${last} ${unit}`} />
    </figure>
  );
}

/** A single moment gets one before it, since uPlot would draw it at the start of years. */
function toData(times: number[], lines: Line[]): uPlot.AlignedData {
  return times.length === 1
    ? [[times[0]! - 1, times[0]!], ...lines.map((line) => [null, line.values[0] ?? null])]
    : [times, ...lines.map((line) => line.values)];
}
