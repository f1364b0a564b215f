import { describe, expect, test } from 'vitest';
import type { HostFacts } from '../../src/storage/host.ts';
import {
  decodeOwner,
  describeOwner,
  encodeOwner,
  previousRunOf,
  whereaboutsOf,
} from '../../src/storage/owner-file.ts';
import type { Owner } from '../../src/storage/owner-file.ts';

const HOST: HostFacts = {
  hostName: 'here',
  bootId: 'boot-2',
  pid: 10,
  processStart: '1000',
  isAlive: (pid, start) => Promise.resolve(pid === 7 && start === '700'),
};
const OWNER: Owner = {
  host: 'here',
  boot_id: 'boot-2',
  pid: 7,
  process_start: '700',
  since: '2026-01-01T00:00:00.000Z',
};
const RELEASED = { ...OWNER, released: '2026-01-02T00:00:00.000Z' };
const NO_FACTS: HostFacts = { ...HOST, bootId: undefined, processStart: undefined };

test('an owner is written and read back', () => {
  const owner = describeOwner(HOST, 0);
  expect(decodeOwner(encodeOwner(owner))).toEqual({
    host: 'here',
    boot_id: 'boot-2',
    pid: 10,
    process_start: '1000',
    since: '1970-01-01T00:00:00.000Z',
  });
  expect(decodeOwner(encodeOwner(RELEASED))).toEqual(RELEASED);
  expect(decodeOwner(encodeOwner(describeOwner(NO_FACTS, 0)))).toMatchObject({ pid: 10 });
});

test.each([
  ['nothing', ''],
  ['half of a file', '{"host": "he'],
  ['no object', 'null'],
  ['a list', '[]'],
  ['a member missing', '{"host":"a","pid":1}'],
  ['a number as text', '{"host":"a","pid":"1","since":"x"}'],
  ['a boot id that is no text', '{"host":"a","pid":1,"since":"x","boot_id":5}'],
])('%s tells nothing', (_, text) => {
  expect(decodeOwner(Buffer.from(text))).toBe('unknown');
});

describe('the last run', () => {
  test.each([
    ['there was none', 'none', HOST, 'none'],
    ['it is not known', 'unknown', HOST, 'same-boot'],
    ['it was released', RELEASED, HOST, 'clean'],
    ['it was released before a reboot', { ...RELEASED, boot_id: 'boot-1' }, HOST, 'clean'],
    ['it died since this boot', OWNER, HOST, 'same-boot'],
    ['it died before a reboot', { ...OWNER, boot_id: 'boot-1' }, HOST, 'rebooted'],
    ['it did not know its boot', { ...OWNER, boot_id: undefined }, HOST, 'same-boot'],
    ['this one does not know its boot', OWNER, NO_FACTS, 'same-boot'],
  ] as const)('%s', (_, last, host, expected) => {
    expect(previousRunOf(last, host)).toBe(expected);
  });
});

describe('the last owner is', () => {
  const gone = { ...OWNER, pid: 8 };
  test.each([
    ['unsaid without a file', 'none', HOST, 'unsaid'],
    ['unsaid with an unreadable one', 'unknown', HOST, 'unsaid'],
    ['nowhere once released', RELEASED, HOST, 'nowhere'],
    ['here while its process lives', OWNER, HOST, 'here'],
    ['here in another container of this kernel', { ...OWNER, host: 'box' }, HOST, 'here'],
    ['nowhere when its process is gone', gone, HOST, 'nowhere'],
    ['nowhere when its number is used again', { ...OWNER, process_start: '1' }, HOST, 'nowhere'],
    ['unsaid without a start time', { ...OWNER, process_start: undefined }, HOST, 'unsaid'],
    ['nowhere after a reboot', { ...OWNER, boot_id: 'boot-1' }, HOST, 'nowhere'],
    ['elsewhere', { ...OWNER, boot_id: 'boot-1', host: 'there' }, HOST, 'elsewhere'],
    ['elsewhere by its name alone', { ...OWNER, host: 'there' }, NO_FACTS, 'elsewhere'],
    ['here by its name alone', OWNER, NO_FACTS, 'here'],
  ] as const)('%s', async (_, last, host, expected) => {
    expect(await whereaboutsOf(last, host)).toBe(expected);
  });
});
