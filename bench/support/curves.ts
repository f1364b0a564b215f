/**
 * The picture of what grows: a panel for each work whose figures stand along an axis, which is drawn
 * logarithmic, for the values are a factor apart. Upright lines are the range of the turns.
 */
import { median, shown } from './report.ts';
import type { Measured } from './results.ts';

const PANEL = { width: 480, height: 210 };
/** Room for the labels of the outermost points. */
const LEFT = 60;
const PLOT = { width: PANEL.width - 2 * LEFT, height: 105, top: 62 };

export function hasPlace(row: Measured): row is Placed {
  return row.at !== undefined;
}

type Placed = Measured & { readonly at: number };

/** SVG parts from `y` on, two panels in a row, and how high they are. */
export function curvesOf(
  rows: readonly Placed[],
  y: number,
): { readonly parts: readonly string[]; readonly height: number } {
  const works = new Map<string, Placed[]>();
  for (const row of rows) works.set(row.work, [...(works.get(row.work) ?? []), row]);
  const parts = [...works.values()].map((points, index) => {
    const [x, row] = [(index % 2) * PANEL.width, Math.floor(index / 2)];
    return `<g transform="translate(${x} ${y + row * PANEL.height})">${panelOf(points)}</g>`;
  });
  return { parts, height: Math.ceil(works.size / 2) * PANEL.height };
}

function panelOf(points: readonly Placed[]): string {
  const [first] = points as [Placed];
  const most = Math.max(...points.flatMap(({ turns }) => turns));
  const [low, high] = [Math.min, Math.max].map((end) =>
    Math.log(end(...points.map(({ at }) => at))),
  );
  const x = (at: number): number =>
    LEFT +
    ((Math.log(at) - (low as number)) / ((high as number) - (low as number) || 1)) * PLOT.width;
  const y = (value: number): number => PLOT.top + PLOT.height * (1 - value / most);
  const base = PLOT.top + PLOT.height;
  const line = points.map(({ at, turns }) => `${x(at).toFixed(1)},${y(median(turns)).toFixed(1)}`);
  const marks = points.flatMap(({ at, turns }) => {
    const [place, middle] = [x(at).toFixed(1), median(turns)];
    const ends = [Math.min(...turns), Math.max(...turns)].map((each) => y(each).toFixed(1));
    return [
      `<path class="range" d="M${place} ${ends[0]}V${ends[1]}"/>`,
      `<circle class="ours" cx="${place}" cy="${y(middle).toFixed(1)}" r="3.5"/>`,
      label(place, Number(ends[1]) - 7, shown(middle, middle < 10 ? 2 : 0)),
      label(place, base + 15, shown(at)),
    ];
  });
  return [
    `<text x="16" y="20" class="work">${first.work}</text>`,
    `<text x="16" y="36" class="small">${first.unit}</text>`,
    `<path class="axis" d="M${LEFT - 20} ${base}H${LEFT + PLOT.width + 20}"/>`,
    `<polyline class="curve" points="${line.join(' ')}"/>`,
    ...marks,
  ].join('\n');
}

function label(x: string, y: number, content: string): string {
  return `<text x="${x}" y="${y}" class="small middle">${content}</text>`;
}
