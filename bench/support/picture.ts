/**
 * The picture of a run: a bar for each contestant of each work, as long as its share of the best in
 * that work, with the range of its turns. Plain SVG, which every browser and forge shows.
 */
import { curvesOf, hasPlace } from './curves.ts';
import { median, shown } from './report.ts';
import { ratiosOf, reaches } from './results.ts';
import type { Measured, Results } from './results.ts';

const WIDTH = 1060;
const LABEL_WIDTH = 330;
const BAR_WIDTH = 340;
const ROW_HEIGHT = 22;
const TITLE_HEIGHT = 34;

export function pictureOf({ machine, measured }: Results): string {
  const parts: string[] = [];
  let y = 54;
  for (const work of worksOf(measured.filter((row) => !hasPlace(row)))) {
    parts.push(
      text(
        16,
        y + 22,
        `${work.title}, ${work.unit}${work.isLessBetter ? ', less is better' : ''}`,
        'work',
      ),
    );
    y += TITLE_HEIGHT;
    const most = Math.max(...work.rows.flatMap(({ turns }) => turns));
    for (const row of work.rows) {
      parts.push(...barOf(row, { y, most, all: measured }));
      y += ROW_HEIGHT;
    }
    y += 10;
  }
  const curves = curvesOf(measured.filter(hasPlace), y);
  parts.push(...curves.parts);
  y += curves.height;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${y + 10}" viewBox="0 0 ${WIDTH} ${y + 10}" role="img">
<title>Millrace measured</title>
<style>
svg { background: #fff }
text { font: 13px system-ui, sans-serif; fill: #222 }
.work { font-weight: 600; font-size: 14px }
.small { font-size: 11px; fill: #666 }
.end { text-anchor: end }
.middle { text-anchor: middle }
.ours { fill: #2a6fb0 }
.other { fill: #b9c4cf }
.curve { fill: none; stroke: #2a6fb0; stroke-width: 2 }
.axis { stroke: #b9c4cf }
.range { stroke: #222; stroke-width: 1.2 }
.met { fill: #1d7a3a }
.missed { fill: #b3261e }
</style>
${text(16, 24, 'Bars: medians of figures taken in turn, lines: their range. Ratios are to the one that it is held against, turn by turn.', 'small')}
${text(16, 42, machine, 'small')}
${parts.join('\n')}
</svg>
`;
}

interface Work {
  readonly title: string;
  readonly unit: string;
  readonly isLessBetter: boolean;
  readonly rows: readonly Measured[];
}

function worksOf(measured: readonly Measured[]): Work[] {
  const works = new Map<string, Work & { rows: Measured[] }>();
  for (const row of measured) {
    const { bench, work: title, unit, better } = row;
    const key = `${bench} ${title}`;
    const work = works.get(key) ?? { title, unit, isLessBetter: better === 'less', rows: [] };
    work.rows.push(row);
    works.set(key, work);
  }
  return [...works.values()];
}

function barOf(
  row: Measured,
  { y, most, all }: { y: number; most: number; all: readonly Measured[] },
): string[] {
  const { contestant, turns } = row;
  const middle = median(turns);
  const x = (value: number): number => LABEL_WIDTH + (most === 0 ? 0 : (value / most) * BAR_WIDTH);
  const kind = contestant.startsWith('Millrace') ? 'ours' : 'other';
  const [left, right, line] = [x(Math.min(...turns)), x(Math.max(...turns)), y + 8];
  const ratios = ratiosOf(row, all);
  const shownMiddle = shown(middle, digitsOf(middle));
  const figures =
    ratios === undefined ? shownMiddle : `${shownMiddle}, ratio ${shown(median(ratios), 2)}`;
  return [
    text(LABEL_WIDTH - 8, y + 12, contestant, 'end'),
    `<rect class="${kind}" x="${LABEL_WIDTH}" y="${y}" width="${(x(middle) - LABEL_WIDTH).toFixed(1)}" height="16"/>`,
    `<path class="range" d="M${left.toFixed(1)} ${line}H${right.toFixed(1)}M${left.toFixed(1)} ${line - 3}v6M${right.toFixed(1)} ${line - 3}v6"/>`,
    text(LABEL_WIDTH + BAR_WIDTH + 10, y + 12, figures, ''),
    ...verdictOf(row, y, reaches(row, all)),
  ];
}

/** Whether it reaches what is asked; where nothing is, what kept it from more. */
function verdictOf(row: Measured, y: number, isReached: boolean | undefined): string[] {
  const { asked, bound = '' } = row;
  if (asked === undefined) return [text(WIDTH - 12, y + 12, bound, 'small end')];
  const word = isReached === true ? 'met' : 'missed';
  return [
    text(
      WIDTH - 12,
      y + 12,
      `asked ${shown(asked, digitsOf(asked))}: ${word}`,
      `small end ${word}`,
    ),
  ];
}

function digitsOf(value: number): number {
  return value < 10 ? 2 : value < 100 ? 1 : 0;
}

function text(x: number, y: number, content: string, kind: string): string {
  const escaped = content.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<text x="${x}" y="${y}"${kind === '' ? '' : ` class="${kind}"`}>${escaped}</text>`;
}
