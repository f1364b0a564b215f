// The franz-go client, driven by a test.
package main

import (
	"context"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
	"millrace.test/clients/driver"
)

func main() {
	driver.Serve(&client{bootstrap: os.Args[1]})
}

type client struct {
	bootstrap string
	member    *kgo.Client
	stopped   chan struct{}

	lock  sync.Mutex
	owned map[string]map[int32]bool
}

func (c *client) open(options ...kgo.Opt) (*kgo.Client, error) {
	return kgo.NewClient(append(options, kgo.SeedBrokers(c.bootstrap))...)
}

var codecs = map[string]kgo.CompressionCodec{
	"":       kgo.NoCompression(),
	"none":   kgo.NoCompression(),
	"gzip":   kgo.GzipCompression(),
	"snappy": kgo.SnappyCompression(),
	"lz4":    kgo.Lz4Compression(),
	"zstd":   kgo.ZstdCompression(),
}

func (c *client) Produce(request driver.Request) ([]driver.Place, error) {
	options := []kgo.Opt{
		kgo.AllowAutoTopicCreation(),
		kgo.ProducerBatchCompression(codecs[request.Codec]),
		// The records of one call come in one batch a partition.
		kgo.ProducerLinger(100 * time.Millisecond),
		// As Java has it: many requests for many records.
		kgo.ProducerBatchMaxBytes(16 << 10),
		kgo.RecordPartitioner(asAsked{kgo.StickyKeyPartitioner(nil)}),
	}
	if !request.Idempotent {
		options = append(options, kgo.DisableIdempotentWrite(), kgo.RequiredAcks(kgo.LeaderAck()))
	}
	producer, err := c.open(options...)
	if err != nil {
		return nil, err
	}
	defer producer.Close()
	records := []*kgo.Record{}
	for _, each := range request.Records {
		records = append(records, toRecord(request.Topic, each))
	}
	if err := producer.ProduceSync(context.Background(), records...).FirstErr(); err != nil {
		return nil, err
	}
	placed := []driver.Place{}
	for _, each := range records {
		placed = append(placed, driver.Place{Partition: each.Partition, Offset: each.Offset})
	}
	return placed, nil
}

// asAsked keeps the partition of records that name one; the others go where the client sends them.
type asAsked struct{ kgo.Partitioner }

func (a asAsked) ForTopic(topic string) kgo.TopicPartitioner {
	return asAskedOfTopic{a.Partitioner.ForTopic(topic)}
}

type asAskedOfTopic struct{ kgo.TopicPartitioner }

const clientChooses = -1

func (a asAskedOfTopic) Partition(record *kgo.Record, count int) int {
	if record.Partition != clientChooses {
		return int(record.Partition)
	}
	return a.TopicPartitioner.Partition(record, count)
}

func toRecord(topic string, asked driver.Record) *kgo.Record {
	record := &kgo.Record{
		Topic:     topic,
		Partition: clientChooses,
		Key:       driver.Bytes(asked.Key),
		Value:     driver.Bytes(asked.Value),
	}
	if asked.Partition != nil {
		record.Partition = *asked.Partition
	}
	if asked.Timestamp != nil {
		record.Timestamp = time.UnixMilli(*asked.Timestamp)
	}
	for _, each := range asked.Headers {
		header := kgo.RecordHeader{Key: each.Key, Value: driver.Bytes(each.Value)}
		record.Headers = append(record.Headers, header)
	}
	return record
}

func fromRecord(record *kgo.Record) driver.Record {
	timestamp := record.Timestamp.UnixMilli()
	headers := []driver.Header{}
	for _, each := range record.Headers {
		headers = append(headers, driver.Header{Key: each.Key, Value: driver.Text(each.Value)})
	}
	return driver.Record{
		Topic:     record.Topic,
		Partition: &record.Partition,
		Offset:    record.Offset,
		Timestamp: &timestamp,
		Key:       driver.Text(record.Key),
		Value:     driver.Text(record.Value),
		Headers:   headers,
	}
}

func (c *client) Read(request driver.Request) ([]driver.Record, error) {
	from := map[int32]kgo.Offset{request.Partition: kgo.NewOffset().At(request.From)}
	reader, err := c.open(
		kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{request.Topic: from}),
	)
	if err != nil {
		return nil, err
	}
	defer reader.Close()
	records := []driver.Record{}
	for len(records) < request.Count {
		fetches := reader.PollFetches(context.Background())
		if err := fetches.Err(); err != nil {
			return nil, err
		}
		fetches.EachRecord(func(each *kgo.Record) { records = append(records, fromRecord(each)) })
	}
	return records, nil
}

func (c *client) Subscribe(request driver.Request) error {
	c.owned = map[string]map[int32]bool{}
	c.stopped = make(chan struct{})
	options := []kgo.Opt{
		kgo.ConsumerGroup(request.Group),
		kgo.ConsumeTopics(request.Topics...),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.SessionTimeout(6 * time.Second),
		kgo.HeartbeatInterval(500 * time.Millisecond),
		kgo.DisableAutoCommit(),
		// All that it has in common with consumers over HTTP.
		kgo.Balancers(kgo.RangeBalancer()),
		kgo.OnPartitionsAssigned(func(_ context.Context, _ *kgo.Client, more map[string][]int32) {
			c.tell(more, true)
		}),
		kgo.OnPartitionsRevoked(func(_ context.Context, _ *kgo.Client, less map[string][]int32) {
			c.tell(less, false)
		}),
		kgo.OnPartitionsLost(func(_ context.Context, _ *kgo.Client, less map[string][]int32) {
			c.tell(less, false)
		}),
	}
	if request.Instance != "" {
		options = append(options, kgo.InstanceID(request.Instance))
	}
	member, err := c.open(options...)
	if err != nil {
		return err
	}
	c.member = member
	go c.poll(member, c.stopped)
	return nil
}

func (c *client) poll(member *kgo.Client, stopped chan struct{}) {
	defer close(stopped)
	for {
		fetches := member.PollFetches(context.Background())
		if fetches.IsClientClosed() {
			return
		}
		fetches.EachRecord(func(each *kgo.Record) { driver.Received(fromRecord(each)) })
	}
}

func (c *client) tell(changed map[string][]int32, isMine bool) {
	c.lock.Lock()
	defer c.lock.Unlock()
	owned := map[string][]int32{}
	for topic, partitions := range changed {
		for _, partition := range partitions {
			if c.owned[topic] == nil {
				c.owned[topic] = map[int32]bool{}
			}
			c.owned[topic][partition] = isMine
		}
	}
	for topic, partitions := range c.owned {
		for partition, isMine := range partitions {
			if isMine {
				owned[topic] = append(owned[topic], partition)
			}
		}
	}
	driver.Assigned(owned)
}

func (c *client) Commit() error {
	return c.member.CommitUncommittedOffsets(context.Background())
}

func (c *client) Leave() error {
	c.member.Close()
	<-c.stopped
	return nil
}

func (c *client) Admin(request driver.Request) (driver.Answer, error) {
	plain, err := c.open()
	if err != nil {
		return nil, err
	}
	defer plain.Close()
	admin := kadm.NewClient(plain)
	now := context.Background()
	switch request.Call {
	case "create":
		configs := map[string]*string{}
		for name, value := range request.Configs {
			configs[name] = &value
		}
		_, err := admin.CreateTopic(now, request.Partitions, 1, configs, request.Topic)
		return driver.Answer{}, err
	case "describe":
		topics, err := admin.ListTopics(now, request.Topic)
		if err == nil {
			err = topics.Error()
		}
		if err != nil {
			return nil, err
		}
		all, err := admin.DescribeTopicConfigs(now, request.Topic)
		if err != nil {
			return nil, err
		}
		configs := map[string]string{}
		for _, topic := range all {
			for _, config := range topic.Configs {
				configs[config.Key] = config.MaybeValue()
			}
		}
		count := len(topics[request.Topic].Partitions)
		return driver.Answer{"partitions": count, "configs": configs}, nil
	case "grow":
		answers, err := admin.UpdatePartitions(now, int(request.Partitions), request.Topic)
		if err == nil {
			err = answers.Error()
		}
		return driver.Answer{}, err
	case "configure":
		changes := []kadm.AlterConfig{}
		for name, value := range request.Configs {
			changes = append(changes, kadm.AlterConfig{Op: kadm.SetConfig, Name: name, Value: &value})
		}
		answers, err := admin.AlterTopicConfigs(now, changes, request.Topic)
		if err == nil {
			for _, each := range answers {
				err = each.Err
			}
		}
		return driver.Answer{}, err
	case "offset-at":
		offsets, err := admin.ListOffsetsAfterMilli(now, request.Timestamp, request.Topic)
		if err == nil {
			err = offsets.Error()
		}
		if err != nil {
			return nil, err
		}
		found, _ := offsets.Lookup(request.Topic, request.Partition)
		return driver.Answer{"offset": found.Offset}, nil
	case "delete-records":
		offsets := kadm.Offsets{}
		offsets.AddOffset(request.Topic, request.Partition, request.Before, -1)
		answers, err := admin.DeleteRecords(now, offsets)
		if err == nil {
			err = answers.Error()
		}
		return driver.Answer{}, err
	case "groups":
		groups, err := admin.ListGroups(now)
		return driver.Answer{"groups": groups.Groups()}, err
	case "committed":
		offsets, err := admin.FetchOffsets(now, request.Group)
		if err != nil {
			return nil, err
		}
		found, _ := offsets.Lookup(request.Topic, request.Partition)
		return driver.Answer{"offset": found.At}, found.Err
	case "delete-group":
		_, err := admin.DeleteGroup(now, request.Group)
		return driver.Answer{}, err
	case "delete":
		_, err := admin.DeleteTopic(now, request.Topic)
		return driver.Answer{}, err
	}
	return nil, fmt.Errorf("no such call: %s", request.Call)
}
