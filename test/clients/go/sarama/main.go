// The sarama client, driven by a test.
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/IBM/sarama"
	"millrace.test/clients/driver"
)

func main() {
	driver.Serve(&client{bootstrap: os.Args[1]})
}

type client struct {
	bootstrap string
	member    *member
}

var codecs = map[string]sarama.CompressionCodec{
	"":       sarama.CompressionNone,
	"none":   sarama.CompressionNone,
	"gzip":   sarama.CompressionGZIP,
	"snappy": sarama.CompressionSnappy,
	"lz4":    sarama.CompressionLZ4,
	"zstd":   sarama.CompressionZSTD,
}

func settings() *sarama.Config {
	config := sarama.NewConfig()
	config.Version = sarama.MaxVersion
	config.Producer.Return.Successes = true
	config.Consumer.Offsets.Initial = sarama.OffsetOldest
	config.Consumer.Offsets.AutoCommit.Enable = false
	config.Consumer.Group.Session.Timeout = 6 * time.Second
	config.Consumer.Group.Heartbeat.Interval = 500 * time.Millisecond
	// Waits this long between attempts otherwise, and a rebalance is one.
	config.Consumer.Group.Rebalance.Retry.Backoff = 100 * time.Millisecond
	return config
}

func (c *client) addresses() []string {
	return []string{c.bootstrap}
}

func (c *client) Produce(request driver.Request) ([]driver.Place, error) {
	config := settings()
	config.Producer.Compression = codecs[request.Codec]
	// The records of one call come in one batch a partition.
	config.Producer.Flush.Frequency = 100 * time.Millisecond
	// Many requests for many records.
	config.Producer.Flush.MaxMessages = 150
	config.Producer.Partitioner = newAsAsked
	if request.Idempotent {
		config.Producer.Idempotent = true
		config.Producer.RequiredAcks = sarama.WaitForAll
		config.Net.MaxOpenRequests = 1
	}
	producer, err := sarama.NewSyncProducer(c.addresses(), config)
	if err != nil {
		return nil, err
	}
	defer producer.Close()
	messages := []*sarama.ProducerMessage{}
	for _, each := range request.Records {
		messages = append(messages, toMessage(request.Topic, each))
	}
	if err := producer.SendMessages(messages); err != nil {
		return nil, err
	}
	placed := []driver.Place{}
	for _, each := range messages {
		placed = append(placed, driver.Place{Partition: each.Partition, Offset: each.Offset})
	}
	return placed, nil
}

// asAsked keeps the partition of records that name one; the others go where Java would send them.
type asAsked struct{ hashed sarama.Partitioner }

const clientChooses = -1

func newAsAsked(topic string) sarama.Partitioner {
	// sarama's own default hashes with FNV-1a; this is the one it offers for Java's choice.
	return asAsked{sarama.NewMurmur2Partitioner(topic)}
}

func (a asAsked) Partition(message *sarama.ProducerMessage, count int32) (int32, error) {
	if message.Partition != clientChooses {
		return message.Partition, nil
	}
	return a.hashed.Partition(message, count)
}

func (a asAsked) RequiresConsistency() bool { return true }

func toMessage(topic string, asked driver.Record) *sarama.ProducerMessage {
	message := &sarama.ProducerMessage{Topic: topic, Partition: clientChooses}
	if asked.Key != nil {
		message.Key = sarama.StringEncoder(*asked.Key)
	}
	if asked.Value != nil {
		message.Value = sarama.StringEncoder(*asked.Value)
	}
	if asked.Partition != nil {
		message.Partition = *asked.Partition
	}
	if asked.Timestamp != nil {
		message.Timestamp = time.UnixMilli(*asked.Timestamp)
	}
	for _, each := range asked.Headers {
		header := sarama.RecordHeader{Key: []byte(each.Key), Value: driver.Bytes(each.Value)}
		message.Headers = append(message.Headers, header)
	}
	return message
}

func fromMessage(message *sarama.ConsumerMessage) driver.Record {
	timestamp := message.Timestamp.UnixMilli()
	headers := []driver.Header{}
	for _, each := range message.Headers {
		header := driver.Header{Key: string(each.Key), Value: driver.Text(each.Value)}
		headers = append(headers, header)
	}
	return driver.Record{
		Topic:     message.Topic,
		Partition: &message.Partition,
		Offset:    message.Offset,
		Timestamp: &timestamp,
		Key:       driver.Text(message.Key),
		Value:     driver.Text(message.Value),
		Headers:   headers,
	}
}

func (c *client) Read(request driver.Request) ([]driver.Record, error) {
	consumer, err := sarama.NewConsumer(c.addresses(), settings())
	if err != nil {
		return nil, err
	}
	defer consumer.Close()
	reader, err := consumer.ConsumePartition(request.Topic, request.Partition, request.From)
	if err != nil {
		return nil, err
	}
	defer reader.Close()
	records := []driver.Record{}
	for len(records) < request.Count {
		records = append(records, fromMessage(<-reader.Messages()))
	}
	return records, nil
}

// member is what sarama calls a ConsumerGroupHandler: it lives over all generations.
type member struct {
	group   sarama.ConsumerGroup
	cancel  context.CancelFunc
	stopped chan struct{}
	session sarama.ConsumerGroupSession
}

func (c *client) Subscribe(request driver.Request) error {
	config := settings()
	config.Consumer.Group.InstanceId = request.Instance
	group, err := sarama.NewConsumerGroup(c.addresses(), request.Group, config)
	if err != nil {
		return err
	}
	alive, cancel := context.WithCancel(context.Background())
	c.member = &member{group: group, cancel: cancel, stopped: make(chan struct{})}
	go c.member.consume(alive, request.Topics)
	return nil
}

func (m *member) consume(alive context.Context, topics []string) {
	defer close(m.stopped)
	for alive.Err() == nil {
		// Returns at each rebalance, and when no broker answers: then it is called again, too.
		if err := m.group.Consume(alive, topics, m); err != nil && alive.Err() == nil {
			fmt.Fprintln(os.Stderr, err)
			time.Sleep(200 * time.Millisecond)
		}
	}
}

func (m *member) Setup(session sarama.ConsumerGroupSession) error {
	m.session = session
	driver.Assigned(session.Claims())
	return nil
}

func (m *member) Cleanup(sarama.ConsumerGroupSession) error { return nil }

func (m *member) ConsumeClaim(
	session sarama.ConsumerGroupSession,
	claim sarama.ConsumerGroupClaim,
) error {
	for {
		select {
		case message, isOpen := <-claim.Messages():
			if !isOpen {
				return nil
			}
			session.MarkMessage(message, "")
			driver.Received(fromMessage(message))
		case <-session.Context().Done():
			return nil
		}
	}
}

func (c *client) Commit() error {
	c.member.session.Commit()
	return nil
}

func (c *client) Leave() error {
	c.member.cancel()
	<-c.member.stopped
	return c.member.group.Close()
}

func (c *client) Admin(request driver.Request) (driver.Answer, error) {
	admin, err := sarama.NewClusterAdmin(c.addresses(), settings())
	if err != nil {
		return nil, err
	}
	defer admin.Close()
	entries := map[string]*string{}
	for name, value := range request.Configs {
		entries[name] = &value
	}
	switch request.Call {
	case "create":
		detail := &sarama.TopicDetail{
			NumPartitions:     request.Partitions,
			ReplicationFactor: 1,
			ConfigEntries:     entries,
		}
		return driver.Answer{}, admin.CreateTopic(request.Topic, detail, false)
	case "describe":
		return describe(admin, request.Topic)
	case "grow":
		return driver.Answer{}, admin.CreatePartitions(request.Topic, request.Partitions, nil, false)
	case "configure":
		err := admin.AlterConfig(sarama.TopicResource, request.Topic, entries, false)
		return driver.Answer{}, err
	case "offset-at":
		return c.offsetAt(request)
	case "delete-records":
		before := map[int32]int64{request.Partition: request.Before}
		return driver.Answer{}, admin.DeleteRecords(request.Topic, before)
	case "groups":
		groups, err := admin.ListConsumerGroups()
		names := []string{}
		for name := range groups {
			names = append(names, name)
		}
		return driver.Answer{"groups": names}, err
	case "committed":
		wanted := map[string][]int32{request.Topic: {request.Partition}}
		offsets, err := admin.ListConsumerGroupOffsets(request.Group, wanted)
		if err != nil {
			return nil, err
		}
		return driver.Answer{"offset": offsets.GetBlock(request.Topic, request.Partition).Offset}, nil
	case "delete-group":
		return driver.Answer{}, admin.DeleteConsumerGroup(request.Group)
	case "delete":
		return driver.Answer{}, admin.DeleteTopic(request.Topic)
	}
	return nil, fmt.Errorf("no such call: %s", request.Call)
}

func describe(admin sarama.ClusterAdmin, topic string) (driver.Answer, error) {
	topics, err := admin.DescribeTopics([]string{topic})
	if err != nil {
		return nil, err
	}
	if topics[0].Err != sarama.ErrNoError {
		return nil, topics[0].Err
	}
	resource := sarama.ConfigResource{Type: sarama.TopicResource, Name: topic}
	all, err := admin.DescribeConfig(resource)
	if err != nil {
		return nil, err
	}
	configs := map[string]string{}
	for _, config := range all {
		configs[config.Name] = config.Value
	}
	return driver.Answer{"partitions": len(topics[0].Partitions), "configs": configs}, nil
}

func (c *client) offsetAt(request driver.Request) (driver.Answer, error) {
	plain, err := sarama.NewClient(c.addresses(), settings())
	if err != nil {
		return nil, err
	}
	defer plain.Close()
	offset, err := plain.GetOffset(request.Topic, request.Partition, request.Timestamp)
	return driver.Answer{"offset": offset}, err
}
