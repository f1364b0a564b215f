import { expect, it } from 'vitest';
import { terminalJson, terminalText } from '../../src/cli/terminal-text.ts';

it('shows control characters instead of letting a terminal obey them', () => {
  expect(terminalText('\u001b[2J\u0007a\rb\u007f\u009b31m\0')).toBe(
    '\\x1b[2J\\x07a\\x0db\\x7f\\x9b31m\\x00',
  );
});

it('leaves tabs, line feeds and every other text alone', () => {
  const text = 'a\tb\nžluť 🐎\u00a0';
  expect(terminalText(text)).toBe(text);
});

it('writes in JSON what JSON may hold raw as an escape of the same meaning', () => {
  const value = 'a\u007f\u009b\u0080z';
  const shown = terminalJson(JSON.stringify({ value }));
  expect(shown).toBe('{"value":"a\\u007f\\u009b\\u0080z"}');
  expect(JSON.parse(shown)).toEqual({ value });
});
