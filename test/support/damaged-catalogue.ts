/** A catalogue in a real file, spoiled: it is refused, or it says what it said. */
import { rm, writeFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MillraceError } from '../../src/model/errors.ts';
import { Catalogue } from '../../src/storage/catalogue.ts';
import { temporaryDirectory } from './temporary-directory.ts';

export interface DamagedCatalogue {
  readonly content: Buffer;
  /** Undefined when it is fine. */
  faultOf(spoiled: Buffer): Promise<string | undefined>;
}

export async function damagedCatalogue(): Promise<DamagedCatalogue> {
  const path = join(await temporaryDirectory(), 'catalogue.db');
  const made = Catalogue.open(path, 'x'.repeat(22));
  for (const digit of [1, 2, 3]) {
    const topicId = `00000000-0000-4000-8000-00000000000${digit}`;
    const configs = new Map([['retention.ms', '1000']]);
    made.addTopic({
      topicId,
      name: `topic ${digit}`.replace(' ', '-'),
      partitions: digit,
      configs,
    });
    made.setTopicState(topicId, 'live');
  }
  made.nextProducerEpoch('named', () => made.reserveProducerIds(1_000).first);
  const expected = factsOf(made);
  made.close();
  const content = readFileSync(path);
  return {
    content,
    async faultOf(spoiled) {
      await writeFile(path, spoiled);
      await rm(`${path}-wal`, { force: true });
      let catalogue: Catalogue | undefined;
      try {
        catalogue = Catalogue.open(path, 'x'.repeat(22));
        const facts = factsOf(catalogue);
        if (facts !== expected) return `nobody said so: ${facts}`;
        // A change may still be refused; an id that was given out is not given again.
        const { first } = catalogue.reserveProducerIds(1);
        return first === 1_000 ? undefined : `producer id ${first} is given again`;
      } catch (error) {
        return error instanceof MillraceError ? undefined : String(error);
      } finally {
        catalogue?.close();
      }
    },
  };
}

function factsOf(catalogue: Catalogue): string {
  const topics = [...catalogue.topics(), ...catalogue.unfinishedTopics()];
  const plain = topics.map(({ configs, ...topic }) => ({ ...topic, configs: [...configs] }));
  return JSON.stringify([catalogue.clusterId, plain, [...catalogue.namedProducerEpochs()]]);
}
