/**
 * Names that users choose. A name never becomes a path, and only Maps are keyed by one: `..`,
 * `%2f` and `__proto__` are either refused here or just names.
 */
import { MillraceError } from './errors.ts';
import { GROUP_NAME_LENGTH_MAX, TOPIC_NAME_LENGTH_MAX } from './limits.ts';

/** Kafka's rule (org.apache.kafka.common.internals.Topic). */
const TOPIC_NAME = /^[a-zA-Z0-9._-]+$/;

/** Throws INVALID_TOPIC_EXCEPTION naming the rule that `name` breaks. */
export function checkTopicName(name: string): void {
  const fault = topicNameFault(name);
  if (fault !== undefined) {
    throw new MillraceError('INVALID_TOPIC_EXCEPTION', `topic name ${quote(name)} ${fault}`, {
      details: { topic: name.slice(0, TOPIC_NAME_LENGTH_MAX) },
    });
  }
}

/** What is wrong with it, in words that follow the name; undefined when nothing is. */
export function topicNameFault(name: string): string | undefined {
  if (name.length === 0) return 'is empty';
  if (name.length > TOPIC_NAME_LENGTH_MAX) {
    return `has ${name.length} characters; at most ${TOPIC_NAME_LENGTH_MAX} are allowed`;
  }
  if (name === '.' || name === '..') return 'is reserved';
  if (!TOPIC_NAME.test(name)) {
    return 'may hold only ASCII letters, digits, ".", "_" and "-"';
  }
  return undefined;
}

/** Control characters (C0, DEL and C1): they would garble a terminal, a log line, a header. */
// oxlint-disable-next-line no-control-regex
const CONTROL_CHARACTER = /[\u0000-\u001f\u007f-\u009f]/;

/** Throws INVALID_GROUP_ID naming the rule that `name` breaks. */
export function checkGroupName(name: string): void {
  const fault = groupNameFault(name);
  if (fault !== undefined) {
    throw new MillraceError('INVALID_GROUP_ID', `group name ${quote(name)} ${fault}`, {
      details: { group: name.slice(0, GROUP_NAME_LENGTH_MAX) },
    });
  }
}

/** What is wrong with it, in words that follow the name; undefined when nothing is. */
export function groupNameFault(name: string): string | undefined {
  if (name.length === 0) return 'is empty';
  if (name.length > GROUP_NAME_LENGTH_MAX) {
    return `has ${name.length} characters; at most ${GROUP_NAME_LENGTH_MAX} are allowed`;
  }
  if (name === '.' || name === '..') return 'is reserved';
  if (CONTROL_CHARACTER.test(name)) return 'holds a control character';
  if (!name.isWellFormed()) return 'is not well-formed Unicode';
  return undefined;
}

/** Quotes user text for a message: escaped, and cut so that an error stays an error's size. */
export function quote(text: string): string {
  const shown = text.length > 80 ? `${text.slice(0, 80)}...` : text;
  return JSON.stringify(shown);
}
