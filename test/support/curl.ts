/** Reads the curl lines of the documentation, as far as they go, into requests for `inject`. */
import type { InjectOptions } from 'fastify';

/** One request for each command of `a && b` and of several lines. */
type Method = NonNullable<InjectOptions['method']>;

export interface CurlRequest extends InjectOptions {
  readonly url: string;
}

export function parseCurl(source: string): CurlRequest[] {
  return words(source).map((command) => {
    const [program, ...rest] = command;
    if (program !== 'curl') throw new Error(`${String(program)} is not curl, in ${source}`);
    return requestOf(rest);
  });
}

function requestOf(args: readonly string[]): CurlRequest {
  let method: Method | undefined;
  let url = '';
  let payload: string | undefined;
  const headers: { [name: string]: string } = {};
  for (let index = 0; index < args.length; index += 1) {
    const argument = args[index] as string;
    const next = (): string => args[(index += 1)] as string;
    switch (argument) {
      case '-X':
        method = next();
        break;
      case '-H': {
        const [name = '', value = ''] = next().split(/:\s*/, 2);
        headers[name.toLowerCase()] = value;
        break;
      }
      case '-d':
      case '--data-binary':
        payload = next();
        headers['content-type'] ??= 'application/x-www-form-urlencoded';
        break;
      case '--json':
        payload = next();
        headers['content-type'] = 'application/json';
        break;
      case '-s':
      case '-N':
      case '-i':
        break;
      default:
        if (!argument.startsWith('http://')) throw new Error(`curl ${argument} is not understood`);
        url = argument.replace(/^http:\/\/[^/]+/, '');
    }
  }

  const body = payload === undefined ? {} : { payload };
  return {
    method: method ?? (payload === undefined ? 'GET' : 'POST'),
    url,
    headers: { host: 'localhost', ...headers },
    ...body,
  };
}

/** Commands of words, as a shell splits them; nothing is expanded. */
function words(source: string): string[][] {
  const commands: string[][] = [[]];
  for (const [token, single, double] of source.matchAll(
    /'([^']*)'|"([^"]*)"|&&|\n|\\\n|[^\s'"]+/g,
  )) {
    if (token === '&&' || token === '\n') commands.push([]);
    else if (token !== '\\\n') commands.at(-1)?.push(single ?? double ?? token);
  }
  return commands.filter((command) => command.length > 0);
}
