/**
 * Topic patterns of subscriptions. The dialect is in `pattern-syntax.ts`; as in Kafka a pattern
 * must match the whole name. Made by users and run over every topic, so it is never handed to
 * JavaScript's own RegExp, which a pattern like `(a*)*b` keeps busy for ever.
 */
import { MillraceError } from '../model/errors.ts';
import { TOPIC_PATTERN_LENGTH_MAX, TOPIC_PATTERN_STEPS_MAX } from '../model/limits.ts';
import { PatternMatcher } from './pattern-matcher.ts';
import { stepsFor, stepsOf } from './pattern-program.ts';
import { parsePattern } from './pattern-syntax.ts';

/** A test of names. Throws INVALID_REQUEST when it is empty, too long, or not understood. */
export function compileTopicPattern(text: string): (name: string) => boolean {
  if (text.length === 0) throw refusal('is empty');
  if (text.length > TOPIC_PATTERN_LENGTH_MAX) {
    throw refusal(`has ${text.length} characters; at most ${TOPIC_PATTERN_LENGTH_MAX} are allowed`);
  }
  const node = parsePattern(text);
  const steps = stepsOf(node);
  if (steps > TOPIC_PATTERN_STEPS_MAX) {
    throw refusal(
      `has ${steps} steps once its repetitions are written out; at most ` +
        `${TOPIC_PATTERN_STEPS_MAX} are allowed`,
    );
  }
  const matcher = new PatternMatcher(stepsFor(node));
  return (name) => matcher.matches(name);
}

function refusal(fault: string): MillraceError {
  return new MillraceError('INVALID_REQUEST', `the topic pattern ${fault}`, {
    details: { field: 'topic_pattern' },
  });
}
