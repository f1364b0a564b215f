import { expect, test } from 'vitest';
import { AnswerQueue } from '../../src/kafka-protocol/answer-queue.ts';

function queue() {
  const sent: string[] = [];
  return { sent, answers: new AnswerQueue(({ parts }) => sent.push(String(parts))) };
}

function answerOf(text: string) {
  return { parts: [Buffer.from(text)], release() {} };
}

test('answers leave in the order of the requests, whichever is ready first', () => {
  const { sent, answers } = queue();
  const [a, b, c] = [answers.begin(1), answers.begin(2), answers.begin(4)];
  answers.end(b, answerOf('b'));
  expect(sent).toEqual([]);
  expect(answers).toMatchObject({ count: 3, bytes: 7, readyBytes: 1 });
  answers.end(a, answerOf('a'));
  expect(sent).toEqual(['a', 'b']);
  expect(answers).toMatchObject({ count: 1, bytes: 4, readyBytes: 0 });
  answers.end(c, answerOf('c'));
  expect(sent).toEqual(['a', 'b', 'c']);
  expect(answers).toMatchObject({ count: 0, bytes: 0 });
});

test('a request without an answer holds its place until it is done', () => {
  const { sent, answers } = queue();
  const [a, b] = [answers.begin(1), answers.begin(1)];
  answers.end(b, answerOf('b'));
  expect(sent).toEqual([]);
  answers.end(a, undefined);
  expect(sent).toEqual(['b']);
});
