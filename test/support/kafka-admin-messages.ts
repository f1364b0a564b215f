/** The messages of administrators, as Kafka describes them, and a way to ask the face in them. */
import type { KafkaContext } from '../../src/kafka-protocol/context.ts';
import { askFace } from './kafka-face.ts';
import type { Field, Message } from './kafka-messages.ts';
import { array, field, readMessage, writeMessage } from './kafka-messages.ts';

interface Api {
  readonly key: number;
  readonly request: readonly Field[];
  readonly response: readonly Field[];
}

const NO_ID = '00000000-0000-0000-0000-000000000000';
const TIMEOUT = field('timeoutMs', 'int32', { or: 1_000 });
const VALIDATE_ONLY = field('validateOnly', 'boolean', { or: false });
const THROTTLE = field('throttleTimeMs', 'int32');
const ERROR = field('errorCode', 'int16');
const NULLABLE = { nullableFrom: 0 };

export const CREATE_TOPICS: Api = {
  key: 19,
  request: [
    array('topics', [
      field('name', 'string'),
      field('numPartitions', 'int32', { or: -1 }),
      field('replicationFactor', 'int16', { or: -1 }),
      array('assignments', [field('partitionIndex', 'int32'), array('brokerIds', 'int32')], {
        or: [],
      }),
      array('configs', [field('name', 'string'), field('value', 'string', NULLABLE)], { or: [] }),
    ]),
    TIMEOUT,
    { ...VALIDATE_ONLY, from: 1 },
  ],
  response: [
    { ...THROTTLE, from: 2 },
    array('topics', [
      field('name', 'string'),
      field('topicId', 'uuid', { from: 7 }),
      ERROR,
      field('errorMessage', 'string', { from: 1, ...NULLABLE }),
      field('numPartitions', 'int32', { from: 5 }),
      field('replicationFactor', 'int16', { from: 5 }),
      array(
        'configs',
        [
          field('name', 'string'),
          field('value', 'string', NULLABLE),
          field('readOnly', 'boolean'),
          field('configSource', 'int8'),
          field('isSensitive', 'boolean'),
        ],
        { from: 5, nullableFrom: 5 },
      ),
    ]),
  ],
};

export const DELETE_TOPICS: Api = {
  key: 20,
  request: [
    array(
      'topics',
      [
        field('name', 'string', { nullableFrom: 6, or: null }),
        field('topicId', 'uuid', { or: NO_ID }),
      ],
      { from: 6, or: [] },
    ),
    array('topicNames', 'string', { to: 5, or: [] }),
    TIMEOUT,
  ],
  response: [
    { ...THROTTLE, from: 1 },
    array('responses', [
      field('name', 'string', { nullableFrom: 6 }),
      field('topicId', 'uuid', { from: 6 }),
      ERROR,
      field('errorMessage', 'string', { from: 5, ...NULLABLE }),
    ]),
  ],
};

export const DELETE_RECORDS: Api = {
  key: 21,
  request: [
    array('topics', [
      field('name', 'string'),
      array('partitions', [field('partitionIndex', 'int32'), field('offset', 'int64')]),
    ]),
    TIMEOUT,
  ],
  response: [
    THROTTLE,
    array('topics', [
      field('name', 'string'),
      array('partitions', [
        field('partitionIndex', 'int32'),
        field('lowWatermark', 'int64'),
        ERROR,
      ]),
    ]),
  ],
};

export const DESCRIBE_CONFIGS: Api = {
  key: 32,
  request: [
    array('resources', [
      field('resourceType', 'int8', { or: 2 }),
      field('resourceName', 'string'),
      array('configurationKeys', 'string', { ...NULLABLE, or: null }),
    ]),
    field('includeSynonyms', 'boolean', { from: 1, or: false }),
    field('includeDocumentation', 'boolean', { from: 3, or: false }),
  ],
  response: [
    THROTTLE,
    array('results', [
      ERROR,
      field('errorMessage', 'string', NULLABLE),
      field('resourceType', 'int8'),
      field('resourceName', 'string'),
      array('configs', [
        field('name', 'string'),
        field('value', 'string', NULLABLE),
        field('readOnly', 'boolean'),
        field('isDefault', 'boolean', { to: 0 }),
        field('configSource', 'int8', { from: 1 }),
        field('isSensitive', 'boolean'),
        array(
          'synonyms',
          [field('name', 'string'), field('value', 'string', NULLABLE), field('source', 'int8')],
          { from: 1 },
        ),
        field('configType', 'int8', { from: 3 }),
        field('documentation', 'string', { from: 3, ...NULLABLE }),
      ]),
    ]),
  ],
};

const ALTERED: readonly Field[] = [
  THROTTLE,
  array('responses', [
    ERROR,
    field('errorMessage', 'string', NULLABLE),
    field('resourceType', 'int8'),
    field('resourceName', 'string'),
  ]),
];

function alteration(...config: readonly Field[]): readonly Field[] {
  return [
    array('resources', [
      field('resourceType', 'int8', { or: 2 }),
      field('resourceName', 'string'),
      array('configs', config),
    ]),
    VALIDATE_ONLY,
  ];
}

export const ALTER_CONFIGS: Api = {
  key: 33,
  request: alteration(field('name', 'string'), field('value', 'string', NULLABLE)),
  response: ALTERED,
};

export const INCREMENTAL_ALTER_CONFIGS: Api = {
  key: 44,
  request: alteration(
    field('name', 'string'),
    field('configOperation', 'int8', { or: 0 }),
    field('value', 'string', { ...NULLABLE, or: null }),
  ),
  response: ALTERED,
};

export const DESCRIBE_LOG_DIRS: Api = {
  key: 35,
  request: [array('topics', [field('topic', 'string'), array('partitions', 'int32')], NULLABLE)],
  response: [
    THROTTLE,
    { ...ERROR, from: 3 },
    array('results', [
      ERROR,
      field('logDir', 'string'),
      array('topics', [
        field('name', 'string'),
        array('partitions', [
          field('partitionIndex', 'int32'),
          field('partitionSize', 'int64'),
          field('offsetLag', 'int64'),
          field('isFutureKey', 'boolean'),
        ]),
      ]),
      field('totalBytes', 'int64', { from: 4 }),
      field('usableBytes', 'int64', { from: 4 }),
    ]),
  ],
};

export const CREATE_PARTITIONS: Api = {
  key: 37,
  request: [
    array('topics', [
      field('name', 'string'),
      field('count', 'int32'),
      array('assignments', [array('brokerIds', 'int32')], { ...NULLABLE, or: null }),
    ]),
    TIMEOUT,
    VALIDATE_ONLY,
  ],
  response: [
    THROTTLE,
    array('results', [field('name', 'string'), ERROR, field('errorMessage', 'string', NULLABLE)]),
  ],
};

export const DESCRIBE_CLUSTER: Api = {
  key: 60,
  request: [
    field('includeClusterAuthorizedOperations', 'boolean', { or: false }),
    field('endpointType', 'int8', { from: 1, or: 1 }),
  ],
  response: [
    THROTTLE,
    ERROR,
    field('errorMessage', 'string', NULLABLE),
    field('endpointType', 'int8', { from: 1 }),
    field('clusterId', 'string'),
    field('controllerId', 'int32'),
    array('brokers', [
      field('brokerId', 'int32'),
      field('host', 'string'),
      field('port', 'int32'),
      field('rack', 'string', NULLABLE),
    ]),
    field('clusterAuthorizedOperations', 'int32'),
  ],
};

/** Sends one request past the socket and answers what came back, every byte of it read. */
export async function askAs(
  { context, version }: { readonly context: KafkaContext; readonly version: number },
  { key, request, response }: Api,
  message: Message,
): Promise<Message> {
  const reader = await askFace(context, {
    key,
    version,
    body: (writer) => writeMessage(writer, request, { version, message }),
  });
  const answer = readMessage(reader, response, version);
  reader.readEnd('answer');
  return answer;
}

export function versionsBetween(min: number, max: number): number[] {
  return Array.from({ length: max - min + 1 }, (_, index) => min + index);
}
