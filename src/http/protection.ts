/**
 * Safe on a developer's machine: without login, any web page that its user visits could reach a
 * loopback port, and a rebound DNS name could read the answers. A browser tells who is asking, in
 * headers that a page cannot forge: `Origin`, `Sec-Fetch-Site`, `Host`. Programs that are not
 * browsers send none of the first two and are not hindered.
 *
 * It does not replace a login on a network: it keeps browsers from being used by others.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { quote } from '../model/names.ts';
import type { HttpSettings } from './context.ts';
import { HttpError } from './http-error.ts';

/** Called for every request, before its body is read; an error refuses it. */
export type Guard = (headers: IncomingHttpHeaders) => HttpError | undefined;

export function buildGuard(settings: HttpSettings): Guard {
  const origins = new Set(settings.corsOrigins);
  const checksHost = isLoopbackHost(settings.host);
  const allowedHosts = new Set(settings.allowedHosts.map((host) => host.toLowerCase()));
  // Nearly every request carries the host of the one before.
  let lastGoodHost: string | undefined;

  return (headers) => {
    const { host, origin } = headers;
    if (checksHost && host !== undefined && host !== lastGoodHost) {
      if (!isLoopbackHost(host) && !isAllowedHost(host, allowedHosts)) return foreignHost(host);
      lastGoodHost = host;
    }
    if (origin !== undefined) {
      const fine = isOwnOrigin(origin, host) || isAllowedOrigin(origin, origins);
      return fine ? undefined : foreignOrigin(origin);
    }
    if (headers['sec-fetch-site'] === 'cross-site' && !origins.has('*')) return foreignPage();
    return undefined;
  };
}

function isAllowedOrigin(origin: string, origins: ReadonlySet<string>): boolean {
  return origins.has(origin) || origins.has('*');
}

/** The page came from this very server, whatever stands before it speaks. */
function isOwnOrigin(origin: string, host: string | undefined): boolean {
  return host !== undefined && (origin === `http://${host}` || origin === `https://${host}`);
}

/**
 * Whether `host`, with or without a port, is this machine. The port may differ from ours: a
 * container or a tunnel may stand between.
 */
export function isLoopbackHost(host: string): boolean {
  const name = hostName(host);
  return (
    name !== undefined &&
    (name === 'localhost' ||
      name.endsWith('.localhost') ||
      name === '[::1]' ||
      /^127\.\d+\.\d+\.\d+$/.test(name) ||
      name.startsWith('[::ffff:7f'))
  );
}

function isAllowedHost(host: string, allowed: ReadonlySet<string>): boolean {
  const name = hostName(host);
  return allowed.has(host.toLowerCase()) || (name !== undefined && allowed.has(name));
}

/** The name without port in the one spelling that WHATWG URLs give it; undefined if it is none. */
function hostName(host: string): string | undefined {
  if (/[\s/?#@\\]/.test(host)) return undefined;
  const bare = host.includes(':') && !host.includes('[') && host.split(':').length > 2;
  const url = `http://${bare ? `[${host}]` : host}`;
  if (!URL.canParse(url)) return undefined;
  const { hostname } = new URL(url);
  return hostname.endsWith('.') ? hostname.slice(0, -1) : hostname;
}

function foreignHost(host: string): HttpError {
  return new HttpError(
    'FORBIDDEN',
    `Host is ${quote(host)}, but this server is bound to loopback and serves only localhost; ` +
      'start it with --allowed-hosts to add a name',
    { details: { header: 'host', received: host.slice(0, 200) } },
  );
}

function foreignOrigin(origin: string): HttpError {
  return new HttpError(
    'FORBIDDEN',
    `web pages of ${quote(origin)} may not call this server; ` +
      'start it with --cors-origins to allow them',
    { details: { header: 'origin', received: origin.slice(0, 200) } },
  );
}

function foreignPage(): HttpError {
  return new HttpError(
    'FORBIDDEN',
    'a web page of another site may not call this server; ' +
      'open the address directly, or start the server with --cors-origins',
    { details: { header: 'sec-fetch-site', received: 'cross-site' } },
  );
}
