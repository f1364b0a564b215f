/**
 * Turns each schema that has a `title` into a component of the document and its uses into
 * references, so that a generated client has one type of that name instead of a copy per use.
 */
import assert from 'node:assert';
import type { Json, OpenApiDocument } from './openapi-document.ts';

/** Below these is the users' data, in which `title` means nothing. */
const DATA_KEYWORDS = new Set(['example', 'examples', 'default', 'const', 'enum']);

export function nameComponents(document: OpenApiDocument): OpenApiDocument {
  const components = new Map<string, Json>();
  const paths = refer(document.paths, components) as OpenApiDocument['paths'];
  const schemas = Object.fromEntries([...components].toSorted(([a], [b]) => (a < b ? -1 : 1)));
  return { ...document, paths, components: { schemas } };
}

function refer(value: unknown, components: Map<string, Json>): unknown {
  if (Array.isArray(value)) return value.map((each) => refer(each, components));
  if (typeof value !== 'object' || value === null) return value;
  const { title, ...members } = value as Json;
  const referred = Object.fromEntries(
    Object.entries(members).map(([keyword, each]) => [
      keyword,
      DATA_KEYWORDS.has(keyword) ? each : refer(each, components),
    ]),
  );
  if (typeof title !== 'string') {
    // A property that is called `title` is a schema like every other.
    return title === undefined ? referred : { ...referred, title: refer(title, components) };
  }
  const known = components.get(title);
  const same = known === undefined || JSON.stringify(known) === JSON.stringify(referred);
  assert(same, `two different schemas are titled ${title}`);
  components.set(title, referred);
  return { $ref: `#/components/schemas/${title}` };
}
