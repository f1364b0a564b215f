import { describe, expect, test } from 'vitest';
import { LogStatus } from '../../src/storage/log-status.ts';

describe('a partition', () => {
  test('takes appends while it is online', () => {
    const status = new LogStatus();
    expect([status.state, status.reason]).toEqual(['online', undefined]);
    expect(status.appendRefusal()).toBeUndefined();
    expect(status.endedError()).toBeUndefined();
  });

  test('that is read-only refuses appends as a full disk does, until it is healed', () => {
    const status = new LogStatus();
    status.readOnly('no room');
    expect(status.appendRefusal()).toMatchObject({
      code: 'DISK_FULL',
      written: 'no',
      retriable: true,
      details: { state: 'read-only', reason: 'no room' },
    });
    expect(status.endedError()).toBeUndefined();
    status.healed();
    expect([status.state, status.reason]).toEqual(['online', undefined]);
  });

  test('that is offline stays so, with its first reason', () => {
    const status = new LogStatus();
    status.offline('damage');
    status.offline('more damage');
    status.readOnly('no room');
    status.healed();
    expect([status.state, status.reason]).toEqual(['offline', 'damage']);
    expect(status.appendRefusal()).toMatchObject({
      code: 'KAFKA_STORAGE_ERROR',
      written: 'no',
      retriable: false,
      message: 'the partition is offline: damage',
    });
  });

  test('goes offline from read-only too', () => {
    const status = new LogStatus();
    status.readOnly('no room');
    status.offline('damage');
    expect([status.state, status.reason]).toEqual(['offline', 'damage']);
  });

  test('that is fenced is offline, and wants a marker', () => {
    const status = new LogStatus();
    status.offline('damage');
    expect(status.isFenced).toBe(false);
    status.fence('a sync failed');
    expect([status.isFenced, status.isMarked, status.reason]).toEqual([true, false, 'damage']);
    status.marked();
    expect(status.isMarked).toBe(true);
  });

  test('that is closed answers nothing any more, and says that the server stops', () => {
    const status = new LogStatus();
    status.end('closed');
    for (const error of [status.appendRefusal(), status.endedError()]) {
      expect(error).toMatchObject({ code: 'SHUTTING_DOWN', written: 'no', retriable: true });
    }
    expect(status.isEnded).toBe(true);
  });

  test('that has ended says nothing of writing to those who only read', () => {
    for (const how of ['closed', 'discarded'] as const) {
      const status = new LogStatus();
      status.end(how);
      expect(status.endedError('read')?.written).toBeUndefined();
    }
  });

  test('whose topic was deleted says that, also when the server stops', () => {
    const status = new LogStatus();
    status.end('closed');
    status.end('discarded');
    status.end('closed');
    expect(status.endedError()).toMatchObject({
      code: 'UNKNOWN_TOPIC_OR_PARTITION',
      written: 'no',
    });
  });
});

test('work that waited is told of a fence that came meanwhile, and of nothing else', () => {
  const status = new LogStatus();
  status.offline('damaged');
  expect(() => status.checkUnfenced()).not.toThrow();
  const fenced = new LogStatus();
  fenced.fence('a sync failed');
  expect(() => fenced.checkUnfenced()).toThrow(
    expect.objectContaining({
      name: 'UncertainError',
      message: 'fenced meanwhile: a sync failed',
    }),
  );
});
