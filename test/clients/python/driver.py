"""The kafka-python client, driven by lines of JSON: the protocol of test/support/clients/driver.ts."""

import json
import queue
import sys
import threading

from kafka import (
    ConsumerRebalanceListener,
    KafkaAdminClient,
    KafkaConsumer,
    KafkaProducer,
    TopicPartition,
)
from kafka.admin import ConfigResource, ConfigResourceType

BOOTSTRAP = sys.argv[1]
OUTPUT = threading.Lock()


def say(line):
    with OUTPUT:
        print(json.dumps(line), flush=True)


def bytes_of(text):
    return None if text is None else text.encode()


def text_of(data):
    return None if data is None else data.decode()


def from_record(record):
    return {
        'topic': record.topic,
        'partition': record.partition,
        'offset': record.offset,
        'timestamp': record.timestamp,
        'key': text_of(record.key),
        'value': text_of(record.value),
        'headers': [{'key': key, 'value': text_of(value)} for key, value in record.headers],
    }


def produce(request):
    codec = request.get('codec', 'none')
    producer = KafkaProducer(
        bootstrap_servers=BOOTSTRAP,
        compression_type=None if codec == 'none' else codec,
        enable_idempotence=request.get('idempotent', False),
        acks='all',
        # The records of one call come in one batch a partition.
        linger_ms=100,
    )
    sent = [
        producer.send(
            request['topic'],
            key=bytes_of(record['key']),
            value=bytes_of(record['value']),
            headers=[
                (header['key'], bytes_of(header['value'])) for header in record.get('headers', [])
            ],
            partition=record.get('partition'),
            timestamp_ms=record.get('timestamp'),
        )
        for record in request['records']
    ]
    producer.flush()
    places = [future.get() for future in sent]
    producer.close()
    return {'placed': [{'partition': each.partition, 'offset': each.offset} for each in places]}


def read(request):
    consumer = KafkaConsumer(bootstrap_servers=BOOTSTRAP, enable_auto_commit=False)
    place = TopicPartition(request['topic'], request['partition'])
    consumer.assign([place])
    consumer.seek(place, request['from'])
    records = []
    while len(records) < request['count']:
        for batch in consumer.poll(timeout_ms=500).values():
            records.extend(from_record(record) for record in batch)
    consumer.close()
    return {'records': records}


class Member(ConsumerRebalanceListener):
    """A member of a group, on a thread of its own: a KafkaConsumer belongs to one."""

    def __init__(self, request):
        self.calls = queue.Queue()
        self.answers = queue.Queue()
        self.left = False
        self.consumer = KafkaConsumer(
            bootstrap_servers=BOOTSTRAP,
            group_id=request['group'],
            group_instance_id=request.get('instance'),
            enable_auto_commit=False,
            auto_offset_reset='earliest',
            session_timeout_ms=6000,
            heartbeat_interval_ms=500,
        )
        self.consumer.subscribe(request['topics'], listener=self)
        threading.Thread(target=self.poll, daemon=True).start()

    def poll(self):
        while not self.left:
            for batch in self.consumer.poll(timeout_ms=100).values():
                for record in batch:
                    say({'event': 'record', 'record': from_record(record)})
            while not self.calls.empty():
                try:
                    self.calls.get()()
                    self.answers.put(None)
                except Exception as error:  # the caller is told, whatever it is
                    self.answers.put(error)

    def run(self, work):
        self.calls.put(work)
        error = self.answers.get()
        if error is not None:
            raise error
        return {}

    def leave(self):
        self.left = True
        self.consumer.close()

    def on_partitions_assigned(self, assigned):
        # With a cooperative assignor the argument names only what is new.
        everything = self.consumer.assignment()
        owned = [{'topic': each.topic, 'partition': each.partition} for each in everything]
        say({'event': 'assigned', 'partitions': owned})

    def on_partitions_revoked(self, revoked):
        pass


def create(admin, request):
    options = {
        'num_partitions': request['partitions'],
        'replication_factor': 1,
        'configs': request.get('configs', {}),
    }
    admin.create_topics({request['topic']: options})
    return {}


def describe(admin, request):
    topic = request['topic']
    (described,) = admin.describe_topics([topic])
    if described['error_code'] != 0:
        raise KeyError(described)
    resource = ConfigResource(ConfigResourceType.TOPIC, topic)
    (of_type,) = admin.describe_configs([resource], config_filter='all').values()
    configs = {name: config['value'] for name, config in of_type[topic].items()}
    return {'partitions': len(described['partitions']), 'configs': configs}


def grow(admin, request):
    admin.create_partitions({request['topic']: request['partitions']})
    return {}


def configure(admin, request):
    resource = ConfigResource(ConfigResourceType.TOPIC, request['topic'], request['configs'])
    admin.alter_configs([resource])
    return {}


def offset_at(_, request):
    consumer = KafkaConsumer(bootstrap_servers=BOOTSTRAP)
    place = TopicPartition(request['topic'], request['partition'])
    found = consumer.offsets_for_times({place: request['timestamp']})[place]
    consumer.close()
    return {'offset': found.offset}


def delete_records(admin, request):
    admin.delete_records({TopicPartition(request['topic'], request['partition']): request['before']})
    return {}


def groups(admin, _):
    return {'groups': [group['group_id'] for group in admin.list_groups()]}


def committed(admin, request):
    offsets = admin.list_group_offsets(request['group'])[request['group']]
    return {'offset': offsets[TopicPartition(request['topic'], request['partition'])].offset}


def delete_group(admin, request):
    admin.delete_groups([request['group']])
    return {}


def delete(admin, request):
    admin.delete_topics([request['topic']])
    return {}


ADMIN = {
    'create': create,
    'describe': describe,
    'grow': grow,
    'configure': configure,
    'offset-at': offset_at,
    'delete-records': delete_records,
    'groups': groups,
    'committed': committed,
    'delete-group': delete_group,
    'delete': delete,
}


class Driver:
    def __init__(self):
        self.member = None

    def call(self, request):
        name = request['call']
        if name == 'produce':
            return produce(request)
        if name == 'read':
            return read(request)
        if name == 'subscribe':
            self.member = Member(request)
            return {}
        if name == 'commit':
            return self.member.run(self.member.consumer.commit)
        if name == 'leave':
            return self.member.run(self.member.leave)
        admin = KafkaAdminClient(bootstrap_servers=BOOTSTRAP)
        answer = ADMIN[name](admin, request)
        admin.close()
        return answer


def main():
    driver = Driver()
    for line in sys.stdin:
        try:
            say({'answer': driver.call(json.loads(line))})
        except Exception as error:  # the test is told, whatever it is
            say({'error': repr(error)})


main()
