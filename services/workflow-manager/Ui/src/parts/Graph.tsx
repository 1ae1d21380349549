import type { WorkflowStep } from "../api";

const width = 250, height = 74, gapX = 60, gapY = 18;

/** Steps in columns by their distance from the start, with live counts; edges run from dependency to step. */
export function Graph({ name, steps }: { name: string; steps: WorkflowStep[] }) {
  const column = new Map<string, number>();
  const depth = (step: WorkflowStep): number => {
    const known = column.get(step.name);
    if (known !== undefined) return known;
    const before = step.depends.map((dependency) => steps.find((other) => other.name === dependency)).filter((other) => other !== undefined);
    const found = before.length ? 1 + Math.max(...before.map(depth)) : 0;
    column.set(step.name, found);
    return found;
  };
  steps.forEach(depth);
  const rows: number[] = [];
  const places = new Map(steps.map((step) => {
    const x = column.get(step.name)!;
    const y = rows[x] ?? 0;
    rows[x] = y + 1;
    return [step.name, { x: 10 + x * (width + gapX), y: 10 + y * (height + gapY) }];
  }));
  const w = 20 + rows.length * (width + gapX) - gapX;
  const h = 20 + Math.max(1, ...rows.filter(Boolean)) * (height + gapY) - gapY;
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={`Graph of ${name}`}>
      <svg class="graph" width={w} height={h} viewBox={`0 0 ${w} ${h}`} role="img" aria-label={describe(steps)}>
        {steps.flatMap((step) => step.depends.map((dependency) => {
          const from = places.get(dependency), to = places.get(step.name)!;
          if (!from) return null;
          const [x1, y1, x2, y2] = [from.x + width, from.y + height / 2, to.x, to.y + height / 2];
          return <path key={dependency + step.name} d={`M${x1},${y1} C${x1 + gapX / 2},${y1} ${x2 - gapX / 2},${y2} ${x2},${y2}`} />;
        }))}
        {steps.map((step) => {
          const place = places.get(step.name)!;
          return (
            <g key={step.name} transform={`translate(${place.x},${place.y})`} class={step.paused ? "paused" : ""}>
              <rect width={width} height={height} rx="8" />
              <text x="10" y="20" class="name">{step.name}</text>
              <text x="10" y="38">{step.task ? `task ${step.task}` : `queue ${step.queue}`}{step.batch > 1 ? `, batch ${step.batch}` : ""}</text>
              <text x="10" y="58">{countsOf(step)}</text>
            </g>
          );
        })}
      </svg>
    </div>
  );
}

function countsOf(step: WorkflowStep): string {
  const shown = Object.entries(step.counts).filter(([, count]) => count > 0).map(([status, count]) => `${count} ${status}`);
  return (step.paused ? ["paused", ...shown] : shown).slice(0, 2).join(", ") || "nothing here";
}

function describe(steps: WorkflowStep[]): string {
  return steps.map((step) => `${step.name}${step.depends.length ? " after " + step.depends.join(" and ") : ""}: ${countsOf(step)}`).join("; ");
}
