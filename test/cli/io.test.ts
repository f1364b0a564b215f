import { Writable } from 'node:stream';
import { expect, it } from 'vitest';
import { write } from '../../src/cli/io.ts';
import { Captured } from '../support/cli-world.ts';

it('resolves when the text is taken', async () => {
  const output = new Captured();
  await write(output, 'one ');
  await write(output, Buffer.from('two'));
  expect(output.text).toBe('one two');
});

it('waits for a reader that is slow', async () => {
  let take = (): void => {};
  const output = new Writable({
    write(_chunk, _encoding, done) {
      take = done;
    },
  });
  let isTaken = false;
  const written = write(output, 'x').then(() => (isTaken = true));
  await Promise.resolve();
  expect(isTaken).toBe(false);
  take();
  await written;
});

it('rejects when the reader is gone, even if there was room', async () => {
  const output = new Writable({
    write(_chunk, _encoding, done) {
      done(Object.assign(new Error('broken'), { code: 'EPIPE' }));
    },
  });
  output.on('error', () => {});
  await expect(write(output, 'x')).rejects.toThrow('broken');
});
