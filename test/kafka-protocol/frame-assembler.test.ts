import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FrameAssembler } from '../../src/kafka-protocol/frame-assembler.ts';
import { RUNS } from '../support/record-arbitraries.ts';
import { refusalOf } from '../support/refusal.ts';

const admitAll = { bytesMax: 1_000, admit: () => true };

function framed(...bodies: readonly Buffer[]): Buffer {
  return Buffer.concat(
    bodies.flatMap((body) => {
      const size = Buffer.alloc(4);
      size.writeInt32BE(body.length);
      return [size, body];
    }),
  );
}

function taken(frames: FrameAssembler): Buffer[] {
  const all: Buffer[] = [];
  for (let frame = frames.next(); frame !== undefined; frame = frames.next()) all.push(frame);
  return all;
}

const A = Buffer.from('a');
const BODIES = [A, Buffer.from('two'), Buffer.alloc(300, 7), Buffer.from('end')];

test('frames cut at each byte come out whole, in their order', () => {
  const bytes = framed(...BODIES);
  for (let cut = 0; cut <= bytes.length; cut++) {
    const frames = new FrameAssembler(admitAll);
    const all: Buffer[] = [];
    for (const piece of [bytes.subarray(0, cut), bytes.subarray(cut)]) {
      frames.push(piece);
      all.push(...taken(frames));
    }
    expect(all).toEqual(BODIES);
    expect(frames.isWithinFrame).toBe(false);
  }
});

test('frames in pieces of any sizes come out whole', () => {
  const bodies = fc.array(fc.uint8Array({ minLength: 1, maxLength: 50 }), { maxLength: 8 });
  const sizes = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1 });
  fc.assert(
    fc.property(bodies, sizes, (contents, pieceSizes) => {
      const all = contents.map((each) => Buffer.from(each));
      const bytes = framed(...all);
      const frames = new FrameAssembler(admitAll);
      const got: Buffer[] = [];
      let at = 0;
      for (let turn = 0; at < bytes.length; turn++) {
        const end = at + (pieceSizes[turn % pieceSizes.length] as number);
        frames.push(bytes.subarray(at, end));
        got.push(...taken(frames));
        at = end;
      }
      expect(got).toEqual(all);
    }),
    RUNS,
  );
});

test('a frame that lies in one piece is not copied, one that does not is copied once', () => {
  const bytes = framed(A, Buffer.from('long'));
  const frames = new FrameAssembler(admitAll);
  frames.push(bytes.subarray(0, 11));
  expect(frames.next()?.buffer).toBe(bytes.buffer);
  expect(frames.next()).toBeUndefined();
  frames.push(bytes.subarray(11));
  const long = frames.next();
  expect(long?.toString()).toBe('long');
  expect(long?.buffer).not.toBe(bytes.buffer);
});

test('pushed behind a rest that nobody took, nothing is lost', () => {
  const frames = new FrameAssembler(admitAll);
  const bytes = framed(A, A, A);
  frames.push(bytes.subarray(0, 11));
  expect(frames.next()).toEqual(A);
  frames.push(bytes.subarray(11));
  expect(taken(frames)).toEqual([A, A]);
});

describe('a size is refused before anything is allocated:', () => {
  test.each([
    ['none', 0],
    ['below none', -1],
    ['the lowest', -2_147_483_648],
    ['above the limit', 1_001],
    ['the highest', 2_147_483_647],
  ])('%s', (_what, size) => {
    const bytes = Buffer.alloc(5);
    bytes.writeInt32BE(size);
    let asked = 0;
    const admit = (): boolean => (asked += 1) > 0;
    const frames = new FrameAssembler({ bytesMax: 1_000, admit });
    frames.push(bytes);
    expect(refusalOf(() => frames.next())).toMatchObject({
      code: 'INVALID_REQUEST',
      details: { expected: '1 to 1000 bytes', found: String(size) },
    });
    expect(asked).toBe(0);
  });

  test('but the limit itself is taken', () => {
    const frames = new FrameAssembler(admitAll);
    frames.push(framed(Buffer.alloc(1_000)));
    expect(frames.next()).toHaveLength(1_000);
  });

  test('another protocol, which is named', () => {
    const frames = new FrameAssembler(admitAll);
    frames.push(Buffer.from('GET / HTTP/1.1\r\n'));
    expect(refusalOf(() => frames.next()).message).toContain('--http-port');
  });
});

describe('a frame that is not admitted', () => {
  test('is asked for again with each look, by its announced size, and is not passed over', () => {
    const asked: number[] = [];
    let isOpen = false;
    const admit = (bytes: number): boolean => {
      asked.push(bytes);
      return isOpen;
    };
    const frames = new FrameAssembler({ bytesMax: 1_000, admit });
    frames.push(framed(Buffer.from('two'), A));
    expect([frames.next(), frames.next()]).toEqual([undefined, undefined]);
    expect(frames).toMatchObject({ isHeldUp: true, isWithinFrame: true, admittedBytes: 0 });
    isOpen = true;
    expect(taken(frames).map(String)).toEqual(['two', 'a']);
    expect(asked).toEqual([3, 3, 3, 1]);
    expect(frames.isHeldUp).toBe(false);
  });

  test('is asked for once when it comes in pieces', () => {
    let asked = 0;
    const admit = (): boolean => (asked += 1) > 0;
    const frames = new FrameAssembler({ bytesMax: 1_000, admit });
    const admitted: number[] = [];
    for (const byte of framed(Buffer.from('two'))) {
      frames.push(Buffer.from([byte]));
      frames.next();
      admitted.push(frames.admittedBytes);
    }
    expect(admitted).toEqual([0, 0, 0, 3, 3, 3, 0]);
    expect(asked).toBe(1);
  });
});
