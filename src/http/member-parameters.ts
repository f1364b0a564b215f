/** Parts of the path and the query of the routes of a group's members. */
import type { Cursor } from '../membership/cursor.ts';
import { decodeCursor } from '../membership/cursor.ts';
import { checkGroupName } from '../model/names.ts';
import {
  CURSOR_URL_LENGTH_MAX,
  FETCH_WAIT_MS_MAX,
  GROUP_NAME_LENGTH_MAX,
  INT32_MAX,
  MEMBER_ID_LENGTH_MAX,
  MEMBER_WAIT_MS_DEFAULT,
} from '../model/limits.ts';
import { badField } from './body-fields.ts';
import { FORMAT, MAX_BYTES, MAX_RECORDS, MIN_BYTES } from './fetch-parameters.ts';
import type { Parameter } from './parameters.ts';
import { integerParameter, pathParameter, textParameter } from './parameters.ts';

const GROUP_TEXT: Parameter<string> = pathParameter({
  name: 'group',
  doc: 'Name of the group.',
  schema: { type: 'string', minLength: 1, maxLength: GROUP_NAME_LENGTH_MAX },
  allowed: 'a group name',
  parse: (text) => text,
});

/** `:group`. Reading it throws INVALID_GROUP_ID. */
export const GROUP: Parameter<string> = {
  ...GROUP_TEXT,
  read(texts) {
    const name = GROUP_TEXT.read(texts);
    checkGroupName(name);
    return name;
  },
};

/** `:member`; whether the group has it is the broker's to say. */
export const MEMBER: Parameter<string> = pathParameter({
  name: 'member',
  doc: 'The `member_id` that the join answered.',
  schema: { type: 'string', minLength: 1, maxLength: MEMBER_ID_LENGTH_MAX },
  allowed: `at most ${MEMBER_ID_LENGTH_MAX} characters`,
  parse: (text) => (text.length <= MEMBER_ID_LENGTH_MAX ? text : undefined),
});

export const GENERATION: Parameter<number | undefined> = integerParameter<number | undefined>({
  name: 'generation',
  doc: 'The `generation` that the join answered. Required.',
  max: INT32_MAX,
  default: undefined,
});

export const CURSOR: Parameter<string | undefined> = textParameter<string | undefined>({
  name: 'cursor',
  doc:
    'Where to go on: the one of the last answer. Without it from the committed offsets. One that ' +
    'is too long for a URL is sent in the body of the POST.',
  lengthMax: CURSOR_URL_LENGTH_MAX,
  default: undefined,
});

export const MEMBER_TIMEOUT: Parameter<number> = integerParameter<number>({
  name: 'timeout',
  doc: 'Milliseconds to wait for `min_bytes`; then comes what there is, also nothing.',
  max: FETCH_WAIT_MS_MAX,
  default: MEMBER_WAIT_MS_DEFAULT,
});

/** `?group=`. Reading it throws INVALID_GROUP_ID, and INVALID_REQUEST when it is missing. */
export const GROUP_QUERY: Parameter<string> = {
  name: 'group',
  schema: { ...GROUP_TEXT.schema, description: 'Group whose committed offsets are read on from.' },
  read(texts) {
    const name = texts['group'];
    if (name === undefined) throw badField('group', undefined, 'the name of a group');
    checkGroupName(name);
    return name;
  },
};

export const TOPIC_RECORDS_PARAMETERS = [
  GROUP_QUERY,
  CURSOR,
  MAX_RECORDS,
  MAX_BYTES,
  MIN_BYTES,
  MEMBER_TIMEOUT,
  FORMAT,
] as const;

export const MEMBER_RECORDS_PARAMETERS = [
  GENERATION,
  CURSOR,
  MAX_RECORDS,
  MAX_BYTES,
  MIN_BYTES,
  MEMBER_TIMEOUT,
  FORMAT,
] as const;

/** Throws INVALID_REQUEST for one that is damaged, or of another group. */
export function readUrlCursor(text: string | undefined, group: string): Cursor | undefined {
  return text === undefined
    ? undefined
    : decodeCursor(text, { group, lengthMax: CURSOR_URL_LENGTH_MAX });
}
