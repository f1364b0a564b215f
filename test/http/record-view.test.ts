import { expect, test } from 'vitest';
import { byteText, RecordView } from '../../src/http/record-view.ts';
import { storedBatch, valued } from '../support/stored-records.ts';

test('a view steps over the records of a batch with their offsets and timestamps', () => {
  const records = [valued('a', { timestamp: 5 }), valued('b', { timestamp: 3 }), valued(null)];
  const view = new RecordView(storedBatch(records, { baseOffset: 40 }));
  const seen: unknown[] = [];
  while (view.next()) {
    const { valueStart, valueEnd } = view.at;
    const value = valueStart === -1 ? null : view.text.slice(valueStart, valueEnd);
    seen.push([view.offset, view.timestamp, value]);
  }
  expect(seen).toEqual([
    [40, 5, 'a'],
    [41, 3, 'b'],
    [42, 1_000, null],
  ]);
  expect(view.next()).toBe(false);
});

test('the records of a batch with append time all show that time', () => {
  const view = new RecordView(
    storedBatch([valued('a', { timestamp: 5 }), valued('b')], { logAppendTimeMs: 77 }),
  );
  view.next();
  expect(view.timestamp).toBe(77);
  view.next();
  expect(view.timestamp).toBe(77);
});

test('byte text has a character for every byte of the UTF-8', () => {
  expect(byteText('plain \u007f')).toBe('plain \u007f');
  expect(byteText('é\u2028😀')).toBe(Buffer.from('é\u2028😀').toString('latin1'));
});
