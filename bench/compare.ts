/**
 * npm run bench:compare -- [BASELINE [LATEST]]
 *
 * Tells what has changed between two runs of the benches from what is noise. By default the stored
 * baseline and the run made last. Exit code 1: something has become worse.
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { changeBetween } from './support/change.ts';
import { median, printTable, shown } from './support/report.ts';
import { comparable, readResults } from './support/results.ts';

const results = fileURLToPath(new URL('results', import.meta.url));
const [baselinePath = join(results, 'baseline.json'), latestPath = join(results, 'latest.json')] =
  process.argv.slice(2);
const baseline = readResults(baselinePath);
const latest = readResults(latestPath);

let worse = 0;
const rows: string[][] = [];
for (const row of latest.measured) {
  const before = baseline.measured.find(
    ({ bench, work, contestant }) =>
      bench === row.bench && work === row.work && contestant === row.contestant,
  );
  // A yardstick's own rate is the machine's affair.
  const isYardstick = latest.measured.some(({ against }) => against === row.contestant);
  if (before === undefined || isYardstick) continue;
  const earlier = comparable(before, baseline.measured);
  const later = comparable(row, latest.measured);
  const { factor, chance, verdict } = changeBetween(earlier, later, row.better);
  if (verdict === 'worse') worse += 1;
  const unit = row.against === undefined ? row.unit : `of ${row.against}`;
  rows.push([
    `${row.work}: ${row.contestant}`,
    `${shown(median(earlier), 2)} ${unit}`,
    shown(median(later), 2),
    `${factor >= 1 ? '+' : ''}${shown((factor - 1) * 100)} %`,
    shown(chance, 3),
    verdict,
  ]);
}
printTable(['work', 'baseline', 'latest', 'change', 'chance', 'verdict'], rows);
if (baseline.machine !== latest.machine) {
  console.log('The two runs are of different machines: only ratios mean something.');
}
process.exitCode = worse > 0 ? 1 : 0;
