/** What the routes about groups take beside a group's name. */
import { TOPIC_NAME_LENGTH_MAX } from '../model/limits.ts';
import type { Parameter } from './parameters.ts';
import { textParameter } from './parameters.ts';

export const TOPIC_FILTER: Parameter<string | undefined> = textParameter<string | undefined>({
  name: 'topic',
  doc: 'Only the offsets in this topic.',
  lengthMax: TOPIC_NAME_LENGTH_MAX,
  default: undefined,
});
