import { describe, expect, test } from 'vitest';
import { buildGuard, isLoopbackHost } from '../../src/http/protection.ts';
import { HTTP_SETTINGS } from '../support/http-context.ts';

const guard = buildGuard(HTTP_SETTINGS);
const own = { host: 'localhost:8082' };

describe('Host, while bound to loopback', () => {
  test.each([
    'localhost',
    'localhost:8082',
    'LocalHost:80',
    'localhost.',
    'app.localhost:3000',
    '127.0.0.1',
    '127.0.0.1:8082',
    '127.9.9.9',
    '[::1]',
    '[::1]:8082',
    '[0:0:0:0:0:0:0:1]:1',
    '[::ffff:127.0.0.1]:8082',
  ])('%s is this machine', (host) => {
    expect(guard({ host })).toBeUndefined();
  });

  test.each([
    'evil.example',
    'evil.example:8082',
    'localhost.evil.example',
    'notlocalhost',
    '127.0.0.1.evil.example',
    '10.0.0.1',
    '[::2]',
    '0.0.0.0',
    'user@localhost',
    'localhost/x',
    'evil.example#localhost',
    '',
    '[',
  ])('%j is refused', (host) => {
    expect(guard({ host })?.code).toBe('FORBIDDEN');
  });

  test('a good host does not open the door for the next one', () => {
    expect(guard(own)).toBeUndefined();
    expect(guard({ host: 'evil.example' })?.code).toBe('FORBIDDEN');
    expect(guard({ host: 'evil.example' })?.code).toBe('FORBIDDEN');
    expect(guard(own)).toBeUndefined();
  });

  test('without a Host (HTTP/1.0) there is no browser', () => {
    expect(guard({})).toBeUndefined();
  });

  test('--allowed-hosts adds names, with any port or with one', () => {
    const open = buildGuard({ ...HTTP_SETTINGS, allowedHosts: ['Queue.local', 'ci:8082'] });
    expect(open({ host: 'queue.local:9999' })).toBeUndefined();
    expect(open({ host: 'ci:8082' })).toBeUndefined();
    expect(open({ host: 'ci:8083' })?.code).toBe('FORBIDDEN');
  });

  test('on another address every host is served', () => {
    const open = buildGuard({ ...HTTP_SETTINGS, host: '0.0.0.0' });
    expect(open({ host: 'millrace.internal:8082' })).toBeUndefined();
  });

  test('an address to bind to is told as loopback or not', () => {
    expect(['127.0.0.1', '::1', 'localhost'].map(isLoopbackHost)).toEqual([true, true, true]);
    expect(['0.0.0.0', '::', '192.168.0.1'].map(isLoopbackHost)).toEqual([false, false, false]);
  });
});

describe('Origin', () => {
  test("the server's own pages may call, before a TLS proxy too", () => {
    expect(guard({ ...own, origin: 'http://localhost:8082' })).toBeUndefined();
    expect(guard({ ...own, origin: 'https://localhost:8082' })).toBeUndefined();
  });

  test.each(['http://evil.example', 'http://localhost:3000', 'http://localhost', 'null', ''])(
    '%j may not',
    (origin) => {
      const error = guard({ ...own, origin });
      expect(error?.code).toBe('FORBIDDEN');
      expect(error?.message).toContain('--cors-origins');
    },
  );

  test('a listed one may, cross-site or not', () => {
    const open = buildGuard({ ...HTTP_SETTINGS, corsOrigins: ['http://localhost:3000'] });
    const listed = { ...own, origin: 'http://localhost:3000' };
    expect(open({ ...listed, 'sec-fetch-site': 'cross-site' })).toBeUndefined();
    expect(open({ ...own, origin: 'http://localhost:3001' })?.code).toBe('FORBIDDEN');
  });

  test('* allows all of them', () => {
    const open = buildGuard({ ...HTTP_SETTINGS, corsOrigins: ['*'] });
    expect(open({ ...own, origin: 'http://evil.example' })).toBeUndefined();
    expect(open({ ...own, 'sec-fetch-site': 'cross-site' })).toBeUndefined();
  });
});

describe('Sec-Fetch-Site', () => {
  test('cross-site is refused even without Origin, as from an <img>', () => {
    expect(guard({ ...own, 'sec-fetch-site': 'cross-site' })?.code).toBe('FORBIDDEN');
  });

  test.each(['none', 'same-origin', 'same-site'])('%s is served', (site) => {
    expect(guard({ ...own, 'sec-fetch-site': site })).toBeUndefined();
  });

  test('a listed origin does not open the door for pages that do not name theirs', () => {
    const open = buildGuard({ ...HTTP_SETTINGS, corsOrigins: ['http://localhost:3000'] });
    expect(open({ ...own, 'sec-fetch-site': 'cross-site' })?.code).toBe('FORBIDDEN');
  });
});
