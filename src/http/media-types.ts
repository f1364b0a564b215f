/**
 * Reads `Content-Type` and chooses by `Accept` (RFC 9110 sections 8.3 and 12.5.1).
 *
 * Own code rather than a package: two small grammars on the hottest path, of which the answer for
 * the few headers that clients really send is remembered. Ties are broken as the `negotiator`
 * package does, so that clients meet what other servers taught them.
 */

export interface MediaType {
  /** `type/subtype` in lower case. */
  readonly essence: string;
  /** Parameter names in lower case, values unquoted. */
  readonly parameters: ReadonlyMap<string, string>;
}

/** Remembered headers; a client that sends more kinds than this only pays for the parsing. */
const REMEMBERED_MAX = 64;

const TOKEN = "[\\w!#$%&'*+.^`|~-]+";
const ESSENCE = new RegExp(`^\\s*(${TOKEN}/${TOKEN})\\s*(?:;|$)`);
const PARAMETER = new RegExp(`;\\s*(${TOKEN})=(?:(${TOKEN})|"((?:[^"\\\\]|\\\\.)*)")`, 'g');

const mediaTypes = new Map<string, MediaType | undefined>();

/** undefined when there is no header, or it is not a media type. */
export function parseMediaType(header: string | undefined): MediaType | undefined {
  if (header === undefined) return undefined;
  return remembered(mediaTypes, header, () => parse(header));
}

function parse(header: string): MediaType | undefined {
  const essence = ESSENCE.exec(header)?.[1]?.toLowerCase();
  if (essence === undefined) return undefined;
  const parameters = new Map<string, string>();
  for (const [, name, token, quoted] of header.matchAll(PARAMETER)) {
    parameters.set((name as string).toLowerCase(), token ?? (quoted ?? '').replace(/\\(.)/g, '$1'));
  }
  return { essence, parameters };
}

const choices = new Map<string, string | undefined>();

/**
 * The one of `offered` that `accept` likes best, undefined when it likes none. No `Accept` means
 * the first. Among equal q: the more specific range, then the earlier in `accept`, then the
 * earlier in `offered`.
 */
export function chooseMediaType(
  accept: string | undefined,
  offered: readonly string[],
): string | undefined {
  if (accept === undefined || accept === '*/*' || accept === '') return offered[0];
  return remembered(choices, `${accept}\n${offered.join()}`, () => choose(accept, offered));
}

interface Range {
  readonly essence: string;
  readonly quality: number;
  readonly order: number;
}

function choose(accept: string, offered: readonly string[]): string | undefined {
  const ranges = splitOutsideQuotes(accept).flatMap((text, order): Range[] => {
    const range = parse(text);
    if (range === undefined) return [];
    return [{ essence: range.essence, quality: quality(range.parameters.get('q')), order }];
  });
  const liked = offered.flatMap((essence, index) => {
    const range = mostSpecific(ranges, essence);
    return range === undefined || range.quality === 0 ? [] : [{ essence, range, index }];
  });
  liked.sort(
    (a, b) =>
      b.range.quality - a.range.quality ||
      specificity(b.range.essence) - specificity(a.range.essence) ||
      a.range.order - b.range.order ||
      a.index - b.index,
  );
  return liked[0]?.essence;
}

/** The most specific range that covers a type decides about it (RFC 9110 section 12.5.1). */
function mostSpecific(ranges: readonly Range[], essence: string): Range | undefined {
  const family = `${essence.slice(0, essence.indexOf('/'))}/*`;
  let best: Range | undefined;
  for (const range of ranges) {
    if (range.essence !== essence && range.essence !== family && range.essence !== '*/*') continue;
    if (best === undefined || specificity(range.essence) > specificity(best.essence)) best = range;
  }
  return best;
}

function specificity(range: string): number {
  if (range === '*/*') return 0;
  return range.endsWith('/*') ? 1 : 2;
}

/** A q that is not a number from 0 to 1 is ignored, as clients' typing errors should not cost. */
function quality(text: string | undefined): number {
  return text !== undefined && /^(0(\.\d{0,3})?|1(\.0{0,3})?)$/.test(text) ? Number(text) : 1;
}

/** A quote that nothing closes reaches to the end: to look on from behind it is quadratic work. */
function splitOutsideQuotes(header: string): string[] {
  return header.match(/(?:[^,"]|"(?:[^"\\]|\\.|\\$)*(?:"|$))+/g) ?? [];
}

function remembered<T>(memory: Map<string, T>, key: string, make: () => T): T {
  const known = memory.get(key);
  if (known !== undefined) return known;
  const made = make();
  if (memory.size >= REMEMBERED_MAX) memory.clear();
  memory.set(key, made);
  return made;
}
