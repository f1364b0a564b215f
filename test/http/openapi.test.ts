import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { Broker } from '../../src/broker/broker.ts';
import { QUICK_START } from '../../src/http/docs-page.ts';
import { NO_HEADERS } from '../../src/model/record.ts';
import { conformingAsk } from '../support/conformance.ts';
import { parseCurl } from '../support/curl.ts';
import { getDocument, operationsOf } from '../support/description.ts';
import { listeningApp, testApp } from '../support/http-app.ts';

describe('curl examples', () => {
  test('name the address that the reader used, unless it is none', async () => {
    const { app } = testApp({ settings: { host: '0.0.0.0' } });
    const sample = async (host: string): Promise<string> =>
      (await app.inject({ url: '/openapi.json', headers: { host } })).json().paths['/topics'].get[
        'x-codeSamples'
      ][0].source;
    expect(await sample('queue.local:9000')).toBe('curl http://queue.local:9000/topics');
    expect(await sample('[::1]:8082')).toBe('curl http://[::1]:8082/topics');
    expect(await sample('"><script>')).toBe('curl http://localhost/topics');
  });

  test('at the top of /docs make a topic, a record, and read it back', async () => {
    const ask = conformingAsk(testApp().app);
    const answers = [];
    for (const request of parseCurl(QUICK_START.replaceAll('{base}', 'http://localhost'))) {
      answers.push(await ask(request));
    }
    expect(answers.map((each) => each.statusCode)).toEqual([201, 200, 200]);
    expect(answers[2]?.json().records).toMatchObject([{ key: 'AA1', value: { from: 'SFO' } }]);
  });

  test('each succeed when pasted after the three lines at the top of /docs', async () => {
    const document = await getDocument();
    for (const { name, operation } of operationsOf(document)) {
      const { app, broker } = testApp();
      await quickStart(broker);
      const ask = conformingAsk(app, document);
      for (const { source } of operation['x-codeSamples']) {
        if (needsShell(source)) continue;
        for (const request of parseCurl(source)) {
          const answer = await ask(request);
          expect(answer.statusCode, `${name}: ${source}\n${answer.body}`).toBeLessThan(300);
        }
      }
    }
  });

  test.skipIf(isMissing('curl') || isMissing('jq') || isMissing('bash'))(
    'that take a member from one line to the next succeed in a shell',
    async () => {
      const samples = operationsOf(await getDocument()).flatMap(({ operation }) =>
        operation['x-codeSamples'].map(({ source }) => source).filter(needsShell),
      );
      expect(samples.length).toBeGreaterThan(3);
      for (const source of samples) {
        await using server = await listeningApp();
        await quickStart(server.broker);
        await paste(source.replaceAll('http://localhost:80', server.url));
      }
    },
  );
});

function needsShell(source: string): boolean {
  return source.includes('$(');
}

function isMissing(program: string): boolean {
  return spawnSync(program, ['--version']).error !== undefined;
}

async function paste(source: string): Promise<void> {
  const script = `set -eo pipefail\ncurl() { command curl --fail-with-body -sS "$@"; }\n${source}`;
  try {
    await promisify(execFile)('bash', ['-c', script]);
  } catch (error) {
    const { code, stdout } = error as { code?: number; stdout?: string };
    // curl's own code for "time is over": a stream that is followed has no end.
    const isFollowing = source.includes(' -m ') && code === 28;
    if (!isFollowing) throw new Error(`${source}\n${stdout}`, { cause: error });
  }
}

/** What the three lines at the top of `/docs` do. */
async function quickStart(broker: Broker): Promise<void> {
  await broker.createTopic({ name: 'flights' });
  const record = {
    key: Buffer.from('AA1'),
    value: Buffer.from('{"from": "SFO"}'),
    headers: NO_HEADERS,
    timestamp: Date.now(),
  };
  const payload = { kind: 'records' as const, records: [record] };
  await broker.produce([{ topic: 'flights', partition: 0, payload }]);
}
