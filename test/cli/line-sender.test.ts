import { beforeEach, describe, expect, it } from 'vitest';
import { CommandFailure, EXIT } from '../../src/cli/exit.ts';
import { LineSender } from '../../src/cli/line-sender.ts';
import type { OutgoingRecord } from '../../src/client/client.ts';
import { ServerError, UnreachableError } from '../../src/client/server-error.ts';
import { cliWorld } from '../support/cli-world.ts';
import type { CliWorld } from '../support/cli-world.ts';

/** What the server says to the next requests; behind the last it takes everything. */
type Answer = (values: readonly string[]) => Error | undefined;

let world: CliWorld;
let answers: Answer[];
/** The values of each request, whatever became of it. */
let requests: string[][];

beforeEach(() => {
  world = cliWorld();
  answers = [];
  requests = [];
});

const client = {
  async produce(
    _topic: string,
    _partition: number | undefined,
    records: readonly OutgoingRecord[],
  ) {
    const values = records.map((each) => Buffer.from(each.value_base64 ?? '', 'base64').toString());
    requests.push(values);
    const error = answers.shift()?.(values);
    if (error !== undefined) throw error;
  },
};

function newSender(): LineSender {
  return new LineSender(world, {
    client,
    topic: 't',
    partition: undefined,
    toRecord(line, lineNumber) {
      if (line.length === 0) throw new CommandFailure(EXIT.failed, `line ${lineNumber} is empty`);
      return { value_base64: line.toString('base64') };
    },
  });
}

function lines(...texts: string[]): Buffer[] {
  return texts.map((text) => Buffer.from(text));
}

function numbered(count: number): string[] {
  return Array.from({ length: count }, (_, index) => String(index + 1));
}

function refusal(code: string, more: object = {}): Error {
  return new ServerError({ code, message: 'no', ...more });
}

/** Sends and tells what the user would be told. */
async function storyOf(sender: LineSender, texts: string[]): Promise<string> {
  try {
    await sender.send(lines(...texts));
    return 'all is well';
  } catch (error) {
    return (sender.withStory(error) as Error).message;
  }
}

describe('requests', () => {
  it('hold ten thousand lines at the most', async () => {
    const sender = newSender();
    await sender.send(lines(...numbered(25_000)));
    expect(requests.map((each) => each.length)).toEqual([10_000, 10_000, 5_000]);
    expect(sender.stored).toBe(25_000);
  });

  it('hold a megabyte at the most, or one line that is larger', async () => {
    const large = 'x'.repeat(600_000);
    const huge = 'y'.repeat(3_000_000);
    await newSender().send(lines('a', large, large, 'b', huge, 'c'));
    expect(requests.map((each) => each.length)).toEqual([2, 2, 1, 1]);
  });

  it('are none for no lines', async () => {
    await newSender().send([]);
    expect(requests).toEqual([]);
  });
});

describe('a line that makes no record', () => {
  it('fails when all before it are stored, and none behind it', async () => {
    const sender = newSender();
    await sender.send(lines('1'));
    expect(await storyOf(sender, ['2', '3', '', '5'])).toBe(
      'line 4 is empty; the first 3 lines are stored',
    );
    expect(requests).toEqual([['1'], ['2', '3']]);
  });

  it('may be the first', async () => {
    expect(await storyOf(newSender(), [''])).toBe('line 1 is empty; nothing is stored');
    expect(requests).toEqual([]);
  });
});

describe('a record that the server refuses', () => {
  const badRecord = (record: number): Answer => {
    const bad = [{ record, field: `records[${record}]`, message: 'is too large' }];
    return () => refusal('MESSAGE_TOO_LARGE', { written: 'no', details: { bad_records: bad } });
  };

  it('is named by its line; those before it are sent again without it', async () => {
    answers = [() => undefined, badRecord(2)];
    const sender = newSender();
    await sender.send(lines('1'));
    expect(await storyOf(sender, ['2', '3', '4', '5'])).toBe(
      'line 4 is too large; the first 3 lines are stored',
    );
    expect(requests).toEqual([['1'], ['2', '3', '4', '5'], ['2', '3']]);
  });

  it('may be found only when the first one is out of the way', async () => {
    answers = [badRecord(2), badRecord(1)];
    expect(await storyOf(newSender(), ['1', '2', '3'])).toBe(
      'line 2 is too large; the first line is stored',
    );
  });

  it('may be the first of all', async () => {
    answers = [badRecord(0)];
    expect(await storyOf(newSender(), ['1', '2'])).toBe('line 1 is too large; nothing is stored');
    expect(requests).toHaveLength(1);
  });
});

describe('a request that is too large for the server', () => {
  const limit = (lengthMax: number): Answer => {
    return (values) =>
      values.length > lengthMax || values.includes('huge')
        ? refusal('BODY_TOO_LARGE', { written: 'no' })
        : undefined;
  };

  it('is sent in halves, in order', async () => {
    answers = numbered(9).map(() => limit(2));
    const sender = newSender();
    await sender.send(lines('1', '2', '3', '4', '5'));
    expect(sender.stored).toBe(5);
    expect(requests).toEqual([
      ['1', '2', '3', '4', '5'],
      ['1', '2'],
      ['3', '4', '5'],
      ['3'],
      ['4', '5'],
    ]);
  });

  it('names the line that is too large all alone', async () => {
    answers = numbered(9).map(() => limit(9));
    expect(await storyOf(newSender(), ['1', '2', 'huge', '4'])).toBe(
      'line 3 is too long: no; the first 2 lines are stored',
    );
  });
});

describe('a failure', () => {
  it('that wrote nothing says so', async () => {
    answers = [() => refusal('DISK_FULL', { written: 'no' })];
    expect(await storyOf(newSender(), ['1', '2'])).toBe('no (DISK_FULL); nothing is stored');
  });

  it('of which the server does not know leaves its lines in doubt', async () => {
    answers = [() => undefined, () => refusal('KAFKA_STORAGE_ERROR', { written: 'unknown' })];
    const sender = newSender();
    await sender.send(lines('1'));
    expect(await storyOf(sender, ['2', '3'])).toBe(
      'no (KAFKA_STORAGE_ERROR); the first line is stored, lines 2 to 3 may be',
    );
    expect(sender.stored).toBe(1);
  });

  it('of the connection does too', async () => {
    answers = [() => new UnreachableError('http://h', new Error('reset'))];
    expect(await storyOf(newSender(), ['1'])).toBe(
      'lost the connection to http://h: reset; line 1 may be stored',
    );
  });

  it('before there was a connection does not', async () => {
    const refused = Object.assign(new Error('refused'), { syscall: 'connect' });
    answers = [() => new UnreachableError('http://h', refused)];
    expect(await storyOf(newSender(), ['1'])).toMatch(/; nothing is stored$/);
  });

  it('keeps its exit code', async () => {
    answers = [() => refusal('UNKNOWN_TOPIC_OR_PARTITION', { written: 'no' })];
    const sender = newSender();
    const error: unknown = await sender.send(lines('1')).catch((each: unknown) => each);
    expect(sender.withStory(error)).toMatchObject({ exitCode: EXIT.notFound });
  });

  it('that is a mistake of the program stays one', async () => {
    answers = [() => new TypeError('x')];
    const sender = newSender();
    const error: unknown = await sender.send(lines('1')).catch((each: unknown) => each);
    expect(sender.withStory(error)).toBe(error);
  });
});

describe('another try', () => {
  const busy: Answer = () => refusal('THROTTLED', { retriable: true, written: 'no' });

  it('is made, later and later, when nothing was written and it may pass', async () => {
    answers = [busy, busy];
    const sender = newSender();
    await sender.send(lines('1'));
    expect(sender.stored).toBe(1);
    expect(world.pauses).toEqual([200, 400]);
  });

  it('is not made for ever', async () => {
    answers = [busy, busy, busy, busy, busy];
    expect(await storyOf(newSender(), ['1'])).toBe('no (THROTTLED); nothing is stored');
    expect(requests).toHaveLength(5);
    expect(world.pauses).toHaveLength(4);
  });

  it.each([
    ['may have been written', { retriable: true, written: 'unknown' }],
    ['would be refused again', { retriable: false, written: 'no' }],
  ])('is not made of what %s', async (_, facts) => {
    answers = [() => refusal('X', facts)];
    await storyOf(newSender(), ['1']);
    expect(requests).toHaveLength(1);
  });

  it('is not made after an interruption', async () => {
    answers = [busy, busy];
    world.onPause = () => world.interrupt();
    expect(await storyOf(newSender(), ['1'])).toContain('nothing is stored');
    expect(requests).toHaveLength(1);
  });
});

it('an interruption lets the request under way be answered, and sends no other', async () => {
  answers = [
    () => {
      world.interrupt();
      return undefined;
    },
  ];
  const sender = newSender();
  await sender.send(lines(...numbered(20_000)));
  expect(requests).toHaveLength(1);
  expect(sender.stored).toBe(10_000);
});
