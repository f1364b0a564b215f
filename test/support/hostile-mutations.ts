/** Mutated bodies, put to an application that must stay what it was wherever it refuses them. */
import { expect } from 'vitest';
import { batchBytesAt } from '../../src/codec/batch-header.ts';
import { stateOf } from './broker-state.ts';
import { mutated, RECORDED } from './hostile-bodies.ts';
import { testApp } from './http-app.ts';
import { ManualClock } from './manual-clock.ts';
import { SeededRandom } from './seeded-random.ts';

const BATCHES = 'application/vnd.kafka.recordbatch';

/** Of every recorded body so many mutations. Answers how many were tried and how many refused. */
export async function runMutations(
  seed: number,
  ofEach: number,
): Promise<{ readonly tried: number; readonly refused: number }> {
  const random = new SeededRandom(seed);
  let refused = 0;
  for (const recorded of RECORDED) {
    const { name, method, url, type } = recorded;
    const { app, broker } = testApp({ clock: new ManualClock() });
    await broker.createTopic({ name: 't', partitionCount: 2 });
    const ask = async (body: Buffer): Promise<number> => {
      const headers = { 'content-type': type, connection: 'close' };
      const answer = await app.inject({ method, url, headers, payload: body });
      if (answer.statusCode < 300) {
        // A topic that is there would differ, and a second join would wait for the first member.
        if (method === 'PUT') await broker.deleteTopic('made');
        const member = /"member_id":"([^"]+)"/.exec(answer.body)?.[1];
        if (member !== undefined) await app.inject({ method: 'DELETE', url: `${url}/${member}` });
      }
      return answer.statusCode;
    };
    expect(await ask(recorded.body), name).toBeLessThan(300);
    for (let index = 0; index < ofEach; index++) {
      const body = mutated(recorded.body, random);
      const before = await stateOf(broker);
      const status = await ask(body);
      const told = `seed ${seed}, mutation ${index} of ${name}: ${body.toString('hex')}`;
      expect(status, told).toBeLessThan(500);
      if (status < 300) {
        if (type === BATCHES) expect(batchesOf(recorded.body), told).toEqual(batchesOf(body));
        continue;
      }
      refused++;
      expect(await stateOf(broker), told).toEqual(before);
    }
    expect(await ask(recorded.body), name).toBeLessThan(300);
  }
  return { tried: ofEach * RECORDED.length, refused };
}

/** Which there are, however often; but for base offset and leader epoch, which the checksum leaves out. */
function batchesOf(body: Buffer): Set<string> {
  const batches = new Set<string>();
  for (let at = 0; at < body.length; at += batchBytesAt(body, at)) {
    const batch = Buffer.from(body.subarray(at, at + batchBytesAt(body, at)));
    batches.add(batch.fill(0, 0, 8).fill(0, 12, 16).toString('hex'));
  }
  return batches;
}
