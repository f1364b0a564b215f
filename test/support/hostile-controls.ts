/**
 * What keeps hostile peers out, line by line: with any one of these changed, the test that is
 * named must fail. A place that is no longer there fails too.
 */
import type { TestControl } from './control-run.ts';
import { TURN_CONTROLS } from './turn-controls.ts';

const PAYLOADS = 'test/contract/hostile-payloads.test.ts';
const CONNECTIONS = 'test/contract/hostile-connections.test.ts';
const SHAPES = 'test/contract/hostile-shapes.test.ts';
const REQUESTS = 'test/contract/hostile-requests.test.ts';
const BODIES = 'test/contract/hostile-bodies.test.ts';
const CUTS = 'test/contract/hostile-cuts.test.ts';

/** Bodies that cost more than they weigh. */
const PAYLOAD_CONTROLS: readonly TestControl[] = [
  {
    name: 'a batch that inflates without an end',
    file: 'src/model/limits.ts',
    from: 'DECOMPRESSED_BATCH_BYTES_MAX = 67_108_864',
    to: 'DECOMPRESSED_BATCH_BYTES_MAX = 671_088_640',
    test: [PAYLOADS, 'beyond what a batch may inflate to'],
  },
  {
    name: 'inflated batches that nobody counts',
    file: 'src/broker/fetch-budget.ts',
    from: 'if (this.#inflated > 0 && this.#held + bytes > this.#bytesMax) {',
    to: 'if (this.#inflated < 0) {',
    test: [PAYLOADS, 'within it are taken'],
  },
  {
    name: 'JSON of any depth',
    file: 'src/http/json-scan.ts',
    from: 'if (depth <= BODY_DEPTH_MAX) return;',
    to: 'return;',
    test: [PAYLOADS, 'with 100,000 brackets'],
  },
  {
    name: 'headers by the hundred thousand',
    file: 'src/http/produce-input.ts',
    from: 'if (this.#headerCount > HEADERS_PER_REQUEST_MAX) throw tooManyHeaders();',
    to: '',
    test: ['test/http/produce-input.test.ts', 'and so many headers'],
  },
  {
    name: 'a member that is given twice',
    file: 'src/http/json-members.ts',
    from: 'else if (this.has(name)) this.#twice.add(memberNameAt(bytes, nameAt));',
    to: '',
    test: [PAYLOADS, 'with a value twice'],
  },
  {
    name: 'text that UTF-8 cannot hold',
    file: 'src/http/json-values.ts',
    from: 'return text.isWellFormed()',
    to: 'return text.length >= 0',
    test: [PAYLOADS, 'with half a character as key'],
  },
  {
    name: 'MessagePack extensions',
    file: 'src/codec/msgpack-scan.ts',
    from: '  -1, -1, -1, -1, -1, 1, 2, 4,',
    to: '  2, 3, 5, 9, 17, 1, 2, 4,',
    test: [PAYLOADS, 'with extension d4'],
  },
  {
    name: 'MessagePack of any depth',
    file: 'src/codec/msgpack-scan.ts',
    from: "if (this.#lefts.length === depthMax) throw faultAt(at, `at most ${depthMax} levels`, 'more');",
    to: '',
    test: [PAYLOADS, 'with 100,000 lists in each other'],
  },
  {
    name: 'MessagePack integers that would be rounded',
    file: 'src/codec/msgpack-scan.ts',
    from: 'if (type === 0xcf || type === 0xd3) this.#checkInt64(at, type);',
    to: '',
    test: [PAYLOADS, 'with a negative integer beyond 2^53'],
  },
  {
    name: 'MessagePack of any number of items',
    file: 'src/codec/msgpack-scan.ts',
    from: 'if (this.#items > itemsMax) throw',
    to: 'if (this.#items < 0) throw',
    test: [PAYLOADS, 'with two million nils'],
  },
  {
    name: 'MessagePack text that is no UTF-8',
    file: 'src/codec/msgpack-scan.ts',
    from: 'if (!isUtf8(text)) throw',
    to: 'if (text.length < 0) throw',
    test: [PAYLOADS, 'with broken text'],
  },
  {
    name: 'batches whose checksum nobody looks at',
    file: 'src/codec/client-batch-header.ts',
    from: 'refuseFault(crcFault(bytes, at));',
    to: '',
    test: [BODIES, 'a mutated body'],
  },
];

/** Bytes that are almost HTTP. */
const REQUEST_CONTROLS: readonly TestControl[] = [
  {
    name: 'a lenient parser',
    file: 'src/http/app.ts',
    from: 'requireHostHeader: false,',
    to: 'requireHostHeader: false, insecureHTTPParser: true,',
    test: [SHAPES, 'length and chunks'],
  },
  {
    name: 'codings other than chunked',
    file: 'src/http/request-hooks.ts',
    from: "badCoding(headers['transfer-encoding']) ??",
    to: '',
    test: [SHAPES, 'a coding before chunks'],
  },
  {
    name: 'chunk extensions that are taken for something else',
    file: 'src/http/unreadable-requests.ts',
    from: "case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':",
    to: '',
    test: [SHAPES, 'a chunk extension of 20 kB'],
  },
  {
    name: 'a request that may take any time',
    file: 'src/http/app.ts',
    from: 'requestTimeout: limits.requestTimeoutMs,',
    to: 'requestTimeout: 0,',
    test: [SHAPES, 'a chunk that never ends'],
  },
  {
    name: 'answering under any name',
    file: 'src/http/request-hooks.ts',
    from: 'guard(headers) ??',
    to: '',
    test: [SHAPES, 'a name that is no loopback one'],
  },
  {
    name: 'JSON in another encoding than UTF-8',
    file: 'src/http/produce-body.ts',
    from: 'if (charset !== undefined && !/^utf-?8$/i.test(charset)) {',
    to: 'if (charset === null) {',
    test: [SHAPES, '"application/json. charset=utf-16"'],
  },
  {
    name: 'forms taken for values',
    file: 'src/http/produce-body.ts',
    from: "return essence === 'application/x-www-form-urlencoded' || essence.startsWith('multipart/');",
    to: 'return false;',
    test: [SHAPES, '"multipart/form-data'],
  },
];

/** What stands in front of every route. */
const DOOR_CONTROLS: readonly TestControl[] = [
  {
    name: 'bodies of any size',
    file: 'src/http/raw-body.ts',
    from: 'if (bytes > bytesMax) end(bodyTooLarge(bytesMax));\n    else ',
    to: '',
    test: ['test/http/raw-body.test.ts', ''],
  },
  {
    name: 'two names in one request',
    file: 'src/http/request-hooks.ts',
    from: 'badHost(request) ??',
    to: '',
    test: ['test/http/request-hooks.test.ts', ''],
  },
  {
    name: 'any number of connections',
    file: 'src/broker/connection-places.ts',
    from: 'if (this.#taken >= this.max) return undefined;',
    to: '',
    test: ['test/http/connection-count.test.ts', 'a connection above the limit'],
  },
];

/** Peers that send too much or too slowly, or do not read. */
const CONNECTION_CONTROLS: readonly TestControl[] = [
  {
    name: 'headers of any size',
    file: 'src/http/app.ts',
    from: 'maxHeaderSize: limits.headerBytesMax,',
    to: 'maxHeaderSize: 16_777_216,',
    test: [CONNECTIONS, 'floods of headers'],
  },
  {
    name: 'headers that may take any time',
    file: 'src/http/app.ts',
    from: 'headersTimeout: limits.headersTimeoutMs,',
    to: 'headersTimeout: 0,',
    test: [CONNECTIONS, 'who sends its headers'],
  },
  {
    name: 'requests that overtake each other',
    file: 'src/http/produce.ts',
    from: 'let call: Call | undefined = readCall(',
    to: "if (request.id.endsWith('0')) await new Promise((done) => setTimeout(done, 5));\n    let call: Call | undefined = readCall(",
    test: [CONNECTIONS, 'records pipelined by hundreds'],
  },
  {
    name: 'limits of time that are looked at every half a minute',
    file: 'src/http/app.ts',
    from: 'connectionsCheckingInterval: limits.checkIntervalMs,',
    to: '',
    test: [CUTS, 'a record batch'],
  },
  {
    name: 'readers that hold what they like',
    file: 'src/broker/fetch-budget.ts',
    from: 'if (bytes > 0 && this.#held > 0 && this.#held + bytes > this.#bytesMax) return undefined;',
    to: '',
    test: [CONNECTIONS, 'readers that do not read'],
  },
  {
    name: 'parked readers that all read at once',
    file: 'src/broker/local/reads-in-flight.ts',
    from: 'if (this.#waiting.length > 0 || !this.#fits(bytes)) {',
    to: 'if (bytes < 0) {',
    test: ['test/broker/local/fetch.test.ts', 'fetches that one record wakes'],
  },
  {
    name: 'readers that may leave an answer untaken for ever',
    file: 'src/http/answer-body.ts',
    from: 'cancelTimer = clock.after(READER_STALL_MS, stalled);',
    to: '',
    test: [CONNECTIONS, 'readers that do not read'],
  },
];

/**
 * Requests in the words of the description, in whatever order. Whether a generated one hits a line
 * is chance, so for most of these a test that means it stands by.
 */
const SHAPE_CONTROLS: readonly TestControl[] = [
  {
    name: 'answers without a member that is described',
    file: 'src/http/errors.ts',
    from: 'retriable: isRetriable(error),',
    to: '',
    test: [REQUESTS, 'generated requests break nothing'],
  },
  {
    name: 'a part that is written before another one is refused',
    file: 'src/broker/local/produce.ts',
    from: 'const logs = parts.map((part, index) => checked(means, part, inputs[index] as AppendInput));\n  return logs.map((log, index) => outcomeOf(log, inputs[index] as AppendInput));',
    to: 'return parts.map((part, index) => outcomeOf(checked(means, part, inputs[index] as AppendInput), inputs[index] as AppendInput));',
    test: [REQUESTS, 'a part that is refused'],
  },
  {
    name: 'a wait that never ends',
    file: 'src/broker/local/parked-fetches.ts',
    from: '    this.#isOver = true;\n    this.#wake?.();',
    to: '',
    test: ['test/broker/local/parked-fetches.test.ts', ''],
  },
  {
    name: 'commits ahead of the log',
    file: 'src/http/offset-commit.ts',
    from: 'if (offset <= highWatermark) return;',
    to: 'return;',
    test: ['test/http/offset-commit.test.ts', ''],
  },
];

export const HOSTILE_CONTROLS: readonly TestControl[] = [
  ...PAYLOAD_CONTROLS,
  ...REQUEST_CONTROLS,
  ...DOOR_CONTROLS,
  ...CONNECTION_CONTROLS,
  ...SHAPE_CONTROLS,
  ...TURN_CONTROLS,
];
