/** JSON texts for property tests: as encoders and people write them, whole and damaged. */
import * as fc from 'fast-check';

const space = fc.oneof(
  { weight: 6, arbitrary: fc.constant('') },
  fc.string({ unit: fc.constantFrom(' ', '\n', '\r', '\t'), maxLength: 3 }),
);

const numberText = fc.oneof(
  fc.integer().map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.constantFrom('0', '-0', '1.0', '1e3', '1E+400', '-2.50e-7', '12345678901234567890'),
);

/** Raw characters, the short escapes, and \u escapes of anything, halves of pairs too. */
const character = fc.oneof(
  { weight: 4, arbitrary: fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 1 }) },
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }),
);
const encodedCharacter = fc.oneof(
  { weight: 5, arbitrary: character.map((each) => JSON.stringify(each).slice(1, -1)) },
  fc.constantFrom('\\/', '\\"', '\\\\', '\\b', '\\f', '\\n', '\\r', '\\t'),
  fc.integer({ min: 0, max: 0xffff }).map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`),
);

export const stringText: fc.Arbitrary<string> = fc
  .array(encodedCharacter, { maxLength: 40 })
  .map((characters) => `"${characters.join('')}"`);

function joined(items: fc.Arbitrary<string>, open: string, close: string): fc.Arbitrary<string> {
  const padded = fc.tuple(space, items, space).map((parts) => parts.join(''));
  return fc
    .tuple(fc.array(padded, { maxLength: 4, depthIdentifier: 'json' }), space)
    .map(([texts, inner]) => open + (texts.length === 0 ? inner : texts.join(',')) + close);
}

/** Any JSON value as text, white space and all. */
export const jsonText: fc.Arbitrary<string> = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthIdentifier: 'json' },
    fc.constantFrom('null', 'true', 'false'),
    numberText,
    stringText,
    joined(tie('value'), '[', ']'),
    joined(
      fc
        .tuple(stringText, space, space, tie('value'))
        .map(([name, a, b, each]) => `${name}${a}:${b}${each}`),
      '{',
      '}',
    ),
  ),
})).value;

/** The text with a few bytes changed, dropped or added: most often no JSON any more. */
export function damaged(texts: fc.Arbitrary<string>): fc.Arbitrary<Buffer> {
  const byte = fc.oneof(
    fc.constantFrom(...Buffer.from('"\\{}[]:,-+.eE019 \n\tntfu')),
    fc.integer({ min: 0, max: 255 }),
  );
  const change = fc.record({
    at: fc.nat(),
    how: fc.constantFrom('set', 'drop', 'add', 'cut'),
    byte,
  });
  return fc
    .tuple(texts, fc.array(change, { minLength: 1, maxLength: 3 }))
    .map(([text, changes]) => {
      let bytes = [...Buffer.from(text)];
      for (const { at, how, byte: value } of changes) {
        const place = at % (bytes.length + 1);
        if (how === 'set' && place < bytes.length) bytes[place] = value;
        else if (how === 'drop') bytes.splice(place, 1);
        else if (how === 'add') bytes.splice(place, 0, value);
        else if (how === 'cut') bytes = bytes.slice(0, place);
      }
      return Buffer.from(bytes);
    });
}
