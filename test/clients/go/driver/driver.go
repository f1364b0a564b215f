// Package driver lets a test drive a Kafka client by lines of JSON: the protocol of
// test/support/clients/driver.ts.
package driver

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"sync"
)

type Header struct {
	Key   string  `json:"key"`
	Value *string `json:"value"`
}

type Record struct {
	Topic     string   `json:"topic"`
	Partition *int32   `json:"partition"`
	Offset    int64    `json:"offset"`
	Timestamp *int64   `json:"timestamp"`
	Key       *string  `json:"key"`
	Value     *string  `json:"value"`
	Headers   []Header `json:"headers"`
}

type Place struct {
	Partition int32 `json:"partition"`
	Offset    int64 `json:"offset"`
}

type TopicPartition struct {
	Topic     string `json:"topic"`
	Partition int32  `json:"partition"`
}

// Request holds the members of every call; each call uses its own.
type Request struct {
	Call       string            `json:"call"`
	Topic      string            `json:"topic"`
	Topics     []string          `json:"topics"`
	Partition  int32             `json:"partition"`
	Partitions int32             `json:"partitions"`
	Group      string            `json:"group"`
	Instance   string            `json:"instance"`
	Codec      string            `json:"codec"`
	Idempotent bool              `json:"idempotent"`
	Records    []Record          `json:"records"`
	From       int64             `json:"from"`
	Count      int               `json:"count"`
	Before     int64             `json:"before"`
	Timestamp  int64             `json:"timestamp"`
	Configs    map[string]string `json:"configs"`
}

type Answer map[string]any

// Client is what a program of this folder knows how to do.
type Client interface {
	Produce(request Request) ([]Place, error)
	Read(request Request) ([]Record, error)
	Subscribe(request Request) error
	Commit() error
	Leave() error
	Admin(request Request) (Answer, error)
}

var output sync.Mutex

func say(line any) {
	text, err := json.Marshal(line)
	if err != nil {
		panic(err)
	}
	output.Lock()
	defer output.Unlock()
	fmt.Println(string(text))
}

// Assigned tells all partitions that the member owns now.
func Assigned(owned map[string][]int32) {
	partitions := []TopicPartition{}
	for topic, numbers := range owned {
		for _, number := range numbers {
			partitions = append(partitions, TopicPartition{topic, number})
		}
	}
	say(map[string]any{"event": "assigned", "partitions": partitions})
}

func Received(record Record) {
	say(map[string]any{"event": "record", "record": record})
}

// Serve answers the calls on standard input until it ends.
func Serve(client Client) {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		var request Request
		err := json.Unmarshal(lines.Bytes(), &request)
		answer := Answer{}
		if err == nil {
			answer, err = call(client, request)
		}
		if err != nil {
			say(map[string]any{"error": err.Error()})
		} else {
			say(map[string]any{"answer": answer})
		}
	}
}

func call(client Client, request Request) (Answer, error) {
	switch request.Call {
	case "produce":
		placed, err := client.Produce(request)
		return Answer{"placed": placed}, err
	case "read":
		records, err := client.Read(request)
		return Answer{"records": records}, err
	case "subscribe":
		return Answer{}, client.Subscribe(request)
	case "commit":
		return Answer{}, client.Commit()
	case "leave":
		return Answer{}, client.Leave()
	default:
		return client.Admin(request)
	}
}

// Bytes of a text that may be null.
func Bytes(text *string) []byte {
	if text == nil {
		return nil
	}
	return []byte(*text)
}

// Text of bytes that may be null.
func Text(bytes []byte) *string {
	if bytes == nil {
		return nil
	}
	text := string(bytes)
	return &text
}
