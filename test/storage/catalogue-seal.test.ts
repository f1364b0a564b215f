import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { brokenSeal, registerSeal, sealColumn } from '../../src/storage/catalogue-seal.ts';
import { damagedCatalogue } from '../support/damaged-catalogue.ts';

test('what was written is as it was, also numbers that JavaScript cannot hold', () => {
  const database = new DatabaseSync(':memory:');
  registerSeal(database);
  const columns = {
    server: 'cluster_id, next_producer_id',
    topics: 'topic_id, name, partitions, configs, state',
    producers: 'name, producer_id, epoch',
    retired_producer_ids: 'producer_id',
  };
  for (const [table, names] of Object.entries(columns)) {
    database.exec(`CREATE TABLE ${table} (${names}, ${sealColumn(table)})`);
    const values = names.split(', ').map(() => '9223372036854775807');
    database.exec(`INSERT INTO ${table} VALUES (${values.join()})`);
  }
  expect(brokenSeal(database)).toBeUndefined();
  database.close();
});

test('a catalogue with a flipped bit in a name, a number or anything else is refused, or says the same', async () => {
  const catalogue = await damagedCatalogue();
  const { content } = catalogue;
  const at = content.indexOf('topic-2');
  expect(at).toBeGreaterThan(0);
  const places = [
    at,
    content.indexOf('retention.ms'),
    content.indexOf('named'),
    content.indexOf('live'),
  ];
  for (const place of [...places, ...Array.from({ length: 40 }, (_, index) => index * 601)]) {
    const flipped = Buffer.from(content);
    flipped.writeUInt8(flipped.readUInt8(place) ^ 1, place);
    expect([place, await catalogue.faultOf(flipped)]).toEqual([place, undefined]);
  }
});
