/**
 * Every bound of the server, in one place: its unit in its name, its reason beside it. What an
 * operator may want to change is a setting (`config.ts`) or a topic config (`topic-config.ts`)
 * that starts from the value here.
 */

/** Kafka's limit; with the partition suffix it fits the 255 bytes of a file name there. */
export const TOPIC_NAME_LENGTH_MAX = 249;

/** More than any tests or one machine need; bounds the catalogue and `GET /topics`. */
export const TOPICS_MAX = 10_000;
/** Of one topic. */
export const PARTITIONS_PER_TOPIC_MAX = 10_000;
/** Of the server: about 4 KiB of memory each while idle. */
export const PARTITIONS_MAX = 20_000;

/** Characters of a group's name; with the topic's it must fit the key of a commit. */
export const GROUP_NAME_LENGTH_MAX = 255;
/** More than any tests or one machine need; bounds `GET /groups` and the metrics. */
export const GROUPS_MAX = 10_000;
/** Members of one group, also those that only wait to join. */
export const MEMBERS_PER_GROUP_MAX = 5_000;
/** Committed offsets of one group: bounds its memory, about 200 bytes each. */
export const OFFSETS_PER_GROUP_MAX = 100_000;
/** Kafka's `offset.metadata.max.bytes`: UTF-8 bytes of the text beside a committed offset. */
export const OFFSET_METADATA_BYTES_MAX = 4_096;
/** Characters of a member id; ours are a client id, a hyphen and a UUID. */
export const MEMBER_ID_LENGTH_MAX = 512;
/** Topics that one member subscribes to by name. */
export const SUBSCRIBED_TOPICS_MAX = 1_000;
/** How long a member's read waits for records when it does not say. */
export const MEMBER_WAIT_MS_DEFAULT = 5_000;
/** What one member says of itself in a join or is assigned; Kafka clients send a few hundred. */
export const MEMBER_METADATA_BYTES_MAX = 262_144;
/** Assignors that one member offers. */
export const GROUP_PROTOCOLS_MAX = 32;
/** Rebalances that overtake one another before a join gives up. */
export const JOIN_ROUNDS_MAX = 100;
/** Joins and syncs waiting for the others, over all groups. */
export const PARKED_JOINS_MAX = 20_000;
/** Kafka's `group.min.session.timeout.ms`, lower: tests want a dead member gone in a second. */
export const SESSION_TIMEOUT_MS_MIN = 1_000;
/** Kafka's `group.max.session.timeout.ms`. */
export const SESSION_TIMEOUT_MS_MAX = 1_800_000;
export const SESSION_TIMEOUT_MS_DEFAULT = 30_000;
/** How long a rebalance waits for members to come back: Kafka's default for consumers is longer. */
export const REBALANCE_TIMEOUT_MS_DEFAULT = 60_000;
export const REBALANCE_TIMEOUT_MS_MAX = 1_800_000;
/** Kafka's `offsets.retention.minutes`, 7 days: then the commits of a group long empty go. */
export const OFFSETS_RETENTION_MS_DEFAULT = 604_800_000;
/** The log of commits begins a new segment with a snapshot of all that is live beyond this. */
export const COMMIT_LOG_BYTES_MAX = 67_108_864;
/** Times that a sticky assignor goes over all partitions to even out; a few are enough. */
export const BALANCE_SWEEPS_MAX = 64;
/** Characters of a topic pattern: a long list of alternatives fits. */
export const TOPIC_PATTERN_LENGTH_MAX = 1_024;
/** Of one `{n,m}` in it; a name has no more characters. */
export const TOPIC_PATTERN_REPEATS_MAX = 249;
/** Of a topic pattern with its repetitions written out; a name costs so many for a character. */
export const TOPIC_PATTERN_STEPS_MAX = 1_536;
/** States remembered of one topic pattern: about 1 KiB each; common patterns have a few dozen. */
export const TOPIC_PATTERN_STATES_MAX = 256;
/** Offsets that one request over HTTP commits. */
export const COMMIT_OFFSETS_MAX = 10_000;
/** Partitions of one answer whose oldest unread record is looked up: a read each. */
export const LAG_AGES_MAX = 1_000;
/** Of these reads at once: each brings a whole batch, and these are inflated one at a time. */
export const LAG_READS_AT_ONCE = 8;
/** A cursor in a body, and one in a URL, in characters. */
export const CURSOR_LENGTH_MAX = 65_536;
export const CURSOR_URL_LENGTH_MAX = 4_096;
/** Confluent v2 consumer instances of the server: each is a member of its group and some kilobytes. */
export const V2_INSTANCES_MAX = 5_000;
/** Confluent's `consumer.instance.timeout.ms`: an instance that is not used for so long ends. */
export const V2_INSTANCE_TIMEOUT_MS = 300_000;
/** Confluent's `consumer.request.timeout.ms`: how long a read of an instance waits for records. */
export const V2_WAIT_MS_DEFAULT = 1_000;

/** Kafka's `max.message.bytes` default: 1 MiB and 12 bytes of log overhead. */
export const MESSAGE_BYTES_DEFAULT = 1_048_588;
/** Largest `max.message.bytes` a topic may ask for: it must fit a body. */
export const MESSAGE_BYTES_MAX = 67_108_864;
/** Headers of one record. */
export const HEADERS_PER_RECORD_MAX = 64;
/** UTF-8 bytes of one header key. */
export const HEADER_KEY_BYTES_MAX = 1_024;
/** Records of one batch that a client sends; the loop over them runs in one turn. */
export const RECORDS_PER_BATCH_MAX = 1_000_000;

/** One HTTP request body. */
export const BODY_BYTES_MAX = 16_777_216;
/** Nesting of a JSON or MessagePack body: deeper is an error, not a crash. */
export const BODY_DEPTH_MAX = 32;
/** Arrays and maps of a MessagePack body: one byte may be one. */
export const MSGPACK_CONTAINERS_MAX = 500_000;
/** Elements of its arrays, names and values of its maps: they are looked at in one turn. */
export const MSGPACK_ITEMS_MAX = 1_000_000;
/** A decompressed batch: a bomb ends here. */
export const DECOMPRESSED_BATCH_BYTES_MAX = 67_108_864;
/** One record of it: whoever shows a record does so in one turn, some 10 ms a MiB of JSON. */
export const DECOMPRESSED_RECORD_BYTES_MAX = 16_777_216;
/** Batches of one produce part: their headers are read in one turn. A fetch of default size fits. */
export const BATCHES_PER_PART_MAX = 16_384;
/** Input and output of decompression in one turn: a few milliseconds; more leaves the event loop. */
export const INFLATE_SYNC_BYTES_MAX = 1_048_576;
/** Batches, and blocks of a snappy or lz4 frame, inflated in one turn; honest frames have 32 a MiB. */
export const INFLATE_SYNC_BLOCKS_MAX = 64;
/** All decompressed batches of one produce part: its body at sixteen times its size. */
export const DECOMPRESSED_PART_BYTES_MAX = 268_435_456;

/** Bytes of produce requests accepted and not yet answered, over all partitions. */
export const PRODUCE_IN_FLIGHT_BYTES_MAX = 67_108_864;
/** Bytes of fetch answers being assembled or sent, over all connections. */
export const FETCH_IN_FLIGHT_BYTES_MAX = 134_217_728;
/** Bytes of batches being read for fetches, before anybody has them: one of the largest fits. */
export const FETCH_READING_BYTES_MAX = 67_108_864;
/** Fetches waiting for records, over all connections. */
export const PARKED_FETCHES_MAX = 20_000;

export const FETCH_RECORDS_DEFAULT = 500;
export const FETCH_RECORDS_MAX = 10_000;
export const FETCH_BYTES_DEFAULT = 1_048_576;
export const FETCH_BYTES_MAX = 67_108_864;
/** How long a fetch may be parked. */
export const FETCH_WAIT_MS_MAX = 60_000;

/** Sockets open at once, of both faces; a later one is closed, over HTTP with 503. */
export const CONNECTIONS_MAX = 10_000;

/** A Kafka request that brings no records: what an administrator or a reader has to say. */
export const KAFKA_REQUEST_BYTES_MAX = 1_048_576;
/** Configs that it names of one topic: many times as many as there are. */
export const KAFKA_CONFIGS_PER_RESOURCE_MAX = 1_000;
/** Requests of one Kafka connection begun and not answered: clients keep 5, some a few dozen. */
export const KAFKA_PIPELINED_REQUESTS_MAX = 100;
/** Bytes of these requests; one larger passes alone. */
export const KAFKA_PIPELINED_BYTES_MAX = 8_388_608;
/** Bytes of Kafka requests being received or carried out, over all connections; the rest waits. */
export const KAFKA_IN_FLIGHT_BYTES_MAX = 33_554_432;
/** A request so small never waits for the others' bytes: heartbeats must come through. */
export const KAFKA_SMALL_REQUEST_BYTES = 1_024;
/** Bytes that a waiting Kafka fetch looks at to tell whether they are enough; read again to be sent. */
export const KAFKA_WAIT_BYTES_MAX = 1_048_576;
/** Bytes of answers that a Kafka connection has not taken, beyond which it is read no more. */
export const KAFKA_UNTAKEN_BYTES_MAX = 1_048_576;
/** Kafka's `connections.max.idle.ms`. */
export const KAFKA_IDLE_MS = 600_000;

/** Bytes of the newest batches kept in memory for tailing readers, over all partitions. */
export const TAIL_CACHE_BYTES_MAX = 8_388_608;
/** Bytes of loaded indexes of sealed segments. */
export const INDEX_CACHE_BYTES_MAX = 8_388_608;
/** Segment files open at once. */
export const OPEN_FILES_MAX = 512;
/** Files and directories open for a moment, as many as keep the thread pool busy several times over. */
export const MOMENTARY_FILES_MAX = 32;
/** What an idle server has open: Node, the lock, the catalogue, listeners. Measured: 28. */
export const DESCRIPTORS_OF_PROCESS = 36;
/** Partitions flushing at once, each with a thread of the pool (`main.ts`); a few more are for readers. */
export const FLUSHES_AT_ONCE_MAX = 32;
/** Bytes one flush gathers before the next is begun (one request may be larger). */
export const FLUSH_BYTES_MAX = 8_388_608;
/** Durable appends between two checkpoints: what recovery scans and rewrites at the most. */
export const CHECKPOINT_INTERVAL_BYTES = 67_108_864;
/** Bytes of log between two index entries (Kafka's `index.interval.bytes`). */
export const INDEX_INTERVAL_BYTES = 4_096;
/** Segments that one retention pass removes from one partition. */
export const RETENTION_SEGMENTS_PER_PASS_MAX = 16;
/** Time between two retention passes. */
export const RETENTION_INTERVAL_MS = 30_000;
/** Between two tries of a partition that could not be opened, however often it is asked for. */
export const UNOPENED_PAUSE_MS = 1_000;
/** How far wall and monotonic clock may part between two passes and still count as steady. */
export const CLOCK_DRIFT_MS_MAX = 1_000;
/** How long the wall clock must have gone steadily before it decides what is old: time to mend it. */
export const CLOCK_STEADY_MS = 600_000;

/** Batches of a producer that are recognised when repeated (Kafka's number). */
export const PRODUCER_BATCHES_REMEMBERED = 5;
/** Idempotent producers remembered per partition; the longest silent one goes first. */
export const PRODUCERS_PER_PARTITION_MAX = 10_000;
/** Kafka's `producer.id.expiration.ms`. */
export const PRODUCER_EXPIRATION_MS = 86_400_000;
/** Producer ids reserved on disk at a time. */
export const PRODUCER_ID_BLOCK = 1_000;
/** Named producers of the server. */
export const NAMED_PRODUCERS_MAX = 100_000;
/** UTF-16 units of a producer's name. */
export const PRODUCER_NAME_LENGTH_MAX = 255;

/** Offsets, timestamps and producer ids are JSON numbers: int64 values end here. */
export const INT64_SAFE_MAX = Number.MAX_SAFE_INTEGER;
/** Kafka's int32 fields. */
export const INT32_MAX = 2_147_483_647;

/** One body of an administrative route: thousands of offsets fit, nothing larger is sensible. */
export const ADMIN_BODY_BYTES_MAX = 1_048_576;
/** Request line and headers together; Node's own default, said here because 431 names it. */
export const HEADER_BYTES_MAX = 16_384;
/** From a connection's first byte (or its opening) to the end of the headers. */
export const HEADERS_TIMEOUT_MS = 15_000;
/** The same to the end of the body: the largest body over a line of about 1 Mbit/s. */
export const REQUEST_TIMEOUT_MS = 120_000;
/** How often the two limits above are looked at; Node's default of 30 s would double them. */
export const CONNECTIONS_CHECK_INTERVAL_MS = 2_000;
/** How long a connection may idle between requests; longer than most clients keep theirs. */
export const KEEP_ALIVE_MS = 75_000;
/** Connections above `CONNECTIONS_MAX` that are being told so; further ones are just closed. */
export const REFUSED_CONNECTIONS_MAX = 256;
/** How long such a connection may take to hear it. */
export const REFUSED_CONNECTION_MS = 2_000;
/** How long requests in flight may take to end when the server stops: `docker stop` waits for 10 s. */
export const CLOSE_GRACE_MS = 5_000;
/** Partitions, offsets or groups gone over in one turn of the event loop: up to 10 us each. */
export const ITEMS_PER_TURN_MAX = 1_000;
/** Partitions with series of their own in `/metrics`; the rest is counted, not shown. */
export const METRICS_PARTITIONS_MAX = 10_000;
/** Partitions of groups, each counted once a group, with series of their own there. */
export const METRICS_GROUP_PARTITIONS_MAX = 10_000;
/** Partitions purged at once by one request. */
export const PURGE_CONCURRENCY = 32;
/** Partitions that are not online and named by `/health/ready`; all are counted. */
export const HEALTH_PARTITIONS_NAMED_MAX = 100;
/** How often connections that fell idle meanwhile are closed then. */
export const CLOSE_SWEEP_MS = 50;

/** Bytes of an answer made of records in one turn of the event loop: about half a millisecond. */
export const ANSWER_CHUNK_BYTES = 262_144;
/** Bytes of stored batches copied in one turn. */
export const BATCH_COPY_BYTES = 1_048_576;
/** Bytes of an answer handed to a socket at a time, and what a reader must take to be alive. */
export const ANSWER_PIECE_BYTES = 262_144;
/** How long a reader may leave a piece of its answer untaken. */
export const READER_STALL_MS = 30_000;
/** How long a stream that was ended for that may still take its last line. */
export const READER_FAREWELL_MS = 5_000;
/** Bytes of batches that a stream reads ahead of its reader. */
export const STREAM_READ_BYTES = 262_144;
/** Silence after which a stream says that it lives; common proxies cut at 30 s and more. */
export const STREAM_HEARTBEAT_MS = 15_000;
/** Characters of a stored content type that is given back as a header. */
export const CONTENT_TYPE_LENGTH_MAX = 255;
/** How long the rest of a body above the limit is read and dropped after the 413. */
export const READ_AWAY_MS = 30_000;
/**
 * Records of one JSON or MessagePack request: from their check to the text of the answer each takes
 * some 3 us of one turn, with a key and headers. What one fetch shows fits. Where each goes to
 * another partition it is 30 us, for all of them take their places in one turn: none is written
 * where one is refused.
 */
export const RECORDS_PER_REQUEST_MAX = 10_000;
/** Headers of all of them: each is some 600 ns of that turn, and a few bytes of a body. */
export const HEADERS_PER_REQUEST_MAX = 100_000;

/** Without a sign of life for so long, an owner of the data directory on another machine is gone. */
export const OWNER_LOCK_STALE_MS = 15_000;
/** Between two such signs: two may fail before the owner counts as gone. */
export const OWNER_LOCK_REFRESH_MS = 5_000;

/** Bytes of log lines that wait while stdout cannot be written; a longer line is never written. */
export const LOG_KEPT_BYTES_MAX = 1_048_576;
/** How long a stop waits for whoever reads the log to take its last lines. */
export const LOG_FLUSH_MS = 1_000;
