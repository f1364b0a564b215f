/**
 * A program: seed after seed until the first finding, whose kind it prints, or `none`. Started by
 * `broker-controls.ts` with a line of the source changed, which must not go unnoticed.
 */
import { judge } from './broker-campaign.ts';
import { planOf } from './broker-plan.ts';

const [first = 1, runs = 1] = process.argv.slice(2).map(Number);

let found = 'none';
for (let seed = first; seed < first + runs && found === 'none'; seed += 1) {
  const [finding] = (await judge(planOf(seed))).findings;
  if (finding !== undefined)
    found = `${finding.kind} (seed ${seed}, ${finding.about}): ${finding.text}`;
}
process.stdout.write(`${found}\n`);
