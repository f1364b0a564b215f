/**
 * DescribeCluster: v0-1. Which brokers there are (KIP-700).
 *
 * - One broker, the controller. A client that asks for controllers has come to the wrong place: 114;
 *   another kind of endpoint is none: 115.
 *
 * v0: flexible
 * v1: endpoint_type (KIP-919)
 */
import type { KafkaReader } from '../../codec/kafka-reader.ts';
import type { KafkaWriter } from '../../codec/kafka-writer.ts';
import type { KafkaApi } from '../api.ts';
import { CLUSTER_OPERATIONS, OPERATIONS_NOT_ASKED } from '../authorized-operations.ts';
import { brokerAddress, NODE_ID } from '../cluster.ts';
import type { HostAndPort } from '../context.ts';
import { KAFKA_ERROR } from '../error-numbers.ts';
import { DONE } from '../outcome.ts';
import type { Outcome } from '../outcome.ts';

const BROKERS = 1;
const CONTROLLERS = 2;

export interface DescribeClusterRequest {
  readonly wantsOperations: boolean;
  readonly endpointType: number;
}

export interface DescribeClusterResponse extends Outcome {
  readonly clusterId: string;
  readonly broker: HostAndPort;
  readonly operations: number;
}

export const DESCRIBE_CLUSTER: KafkaApi<DescribeClusterRequest, DescribeClusterResponse> = {
  key: 60,
  name: 'DescribeCluster',
  versions: { min: 0, max: 1 },
  flexibleFrom: 0,
  readRequest,
  handle(call, { wantsOperations, endpointType }) {
    return {
      ...endpointOutcome(endpointType),
      clusterId: call.context.broker.clusterId,
      broker: brokerAddress(call),
      operations: wantsOperations ? CLUSTER_OPERATIONS : OPERATIONS_NOT_ASKED,
    };
  },
  writeResponse,
};

function endpointOutcome(endpointType: number): Outcome {
  if (endpointType === BROKERS) return DONE;
  const message = `this is an endpoint of brokers (${BROKERS}), not of type ${endpointType}`;
  return endpointType === CONTROLLERS
    ? { error: KAFKA_ERROR.MISMATCHED_ENDPOINT_TYPE, message }
    : { error: KAFKA_ERROR.UNSUPPORTED_ENDPOINT_TYPE, message };
}

/**
 *     include_cluster_authorized_operations boolean
 *     v1+      endpoint_type int8
 *     tags
 */
function readRequest(reader: KafkaReader, version: number): DescribeClusterRequest {
  const wantsOperations = reader.readBoolean('include_cluster_authorized_operations');
  const endpointType = version >= 1 ? reader.readInt8('endpoint_type') : BROKERS;
  reader.readTags('tags');
  return { wantsOperations, endpointType };
}

/**
 *     throttle_time_ms int32, error_code int16, error_message nullable string
 *     v1+      endpoint_type int8
 *     cluster_id string, controller_id int32
 *     brokers array of
 *                broker_id int32, host string, port int32, rack nullable string, tags
 *     cluster_authorized_operations int32
 *     tags
 */
function writeResponse(
  writer: KafkaWriter,
  { error, message, clusterId, broker, operations }: DescribeClusterResponse,
  version: number,
): void {
  writer.writeInt32(0);
  writer.writeInt16(error);
  writer.writeNullableString(message);
  if (version >= 1) writer.writeInt8(BROKERS);
  writer.writeString(clusterId);
  writer.writeInt32(NODE_ID);
  writer.writeArray([broker], ({ host, port }) => {
    writer.writeInt32(NODE_ID);
    writer.writeString(host);
    writer.writeInt32(port);
    writer.writeNullableString(null);
    writer.writeTags();
  });
  writer.writeInt32(operations);
  writer.writeTags();
}
