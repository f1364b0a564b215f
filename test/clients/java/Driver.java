import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * The Java client, driven by lines of JSON: the protocol of test/support/clients/driver.ts.
 * One JVM serves many calls, since its start costs more than most of them.
 */
public class Driver {
  private static final ObjectMapper JSON = new ObjectMapper();
  private final String bootstrap;
  private Member member;

  private Driver(String bootstrap) {
    this.bootstrap = bootstrap;
  }

  public static void main(String[] args) throws Exception {
    Driver driver = new Driver(args[0]);
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      ObjectNode answer = JSON.createObjectNode();
      try {
        answer.set("answer", driver.call(JSON.readTree(line)));
      } catch (Exception error) {
        answer.put("error", String.valueOf(error));
      }
      print(answer);
    }
    System.exit(0);
  }

  private static synchronized void print(JsonNode line) {
    System.out.println(line);
  }

  private JsonNode call(JsonNode request) throws Exception {
    return switch (request.get("call").asText()) {
      case "produce" -> produce(request);
      case "read" -> read(request);
      case "subscribe" -> {
        member = new Member(request);
        yield JSON.createObjectNode();
      }
      case "commit" -> member.run(member::commit);
      case "leave" -> {
        JsonNode left = member.run(member::leave);
        member.thread.shutdown();
        yield left;
      }
      default -> throw new IllegalArgumentException("no such call: " + request);
    };
  }

  private JsonNode produce(JsonNode request) throws Exception {
    Map<String, Object> config = new HashMap<>();
    config.put("bootstrap.servers", bootstrap);
    config.put("compression.type", request.path("codec").asText("none"));
    config.put("enable.idempotence", request.path("idempotent").asBoolean(false));
    // The records of one call come in one batch a partition.
    config.put("linger.ms", 100);
    if (request.hasNonNull("transaction")) {
      config.put("enable.idempotence", true);
      config.put("transactional.id", request.get("transaction").asText());
    }
    StringSerializer text = new StringSerializer();
    ArrayNode placed = JSON.createArrayNode();
    try (KafkaProducer<String, String> producer = new KafkaProducer<>(config, text, text)) {
      boolean transactional = request.hasNonNull("transaction");
      if (transactional) {
        producer.initTransactions();
        producer.beginTransaction();
      }
      List<Future<RecordMetadata>> sent = new ArrayList<>();
      for (JsonNode record : request.get("records")) {
        sent.add(producer.send(toRecord(request.get("topic").asText(), record)));
      }
      producer.flush();
      for (Future<RecordMetadata> each : sent) {
        RecordMetadata place = each.get();
        placed.addObject().put("partition", place.partition()).put("offset", place.offset());
      }
      if (transactional) producer.commitTransaction();
    }
    return JSON.createObjectNode().set("placed", placed);
  }

  private static ProducerRecord<String, String> toRecord(String topic, JsonNode record) {
    RecordHeaders headers = new RecordHeaders();
    for (JsonNode header : record.path("headers")) {
      String value = textOf(header.get("value"));
      headers.add(
          header.get("key").asText(),
          value == null ? null : value.getBytes(StandardCharsets.UTF_8));
    }
    Integer partition = record.hasNonNull("partition") ? record.get("partition").asInt() : null;
    Long timestamp = record.hasNonNull("timestamp") ? record.get("timestamp").asLong() : null;
    String key = textOf(record.get("key"));
    return new ProducerRecord<>(
        topic, partition, timestamp, key, textOf(record.get("value")), headers);
  }

  private static String textOf(JsonNode node) {
    return node == null || node.isNull() ? null : node.asText();
  }

  private Map<String, Object> consumerConfig() {
    Map<String, Object> config = new HashMap<>();
    config.put("bootstrap.servers", bootstrap);
    config.put("enable.auto.commit", false);
    config.put("auto.offset.reset", "earliest");
    return config;
  }

  private JsonNode read(JsonNode request) {
    StringDeserializer text = new StringDeserializer();
    ArrayNode records = JSON.createArrayNode();
    TopicPartition place =
        new TopicPartition(request.get("topic").asText(), request.get("partition").asInt());
    try (KafkaConsumer<String, String> consumer =
        new KafkaConsumer<>(consumerConfig(), text, text)) {
      consumer.assign(List.of(place));
      consumer.seek(place, request.get("from").asLong());
      while (records.size() < request.get("count").asInt()) {
        for (ConsumerRecord<String, String> each : consumer.poll(Duration.ofMillis(500))) {
          records.add(toJson(each));
        }
      }
    }
    return JSON.createObjectNode().set("records", records);
  }

  private static ObjectNode toJson(ConsumerRecord<String, String> record) {
    ObjectNode node = JSON.createObjectNode();
    node.put("topic", record.topic());
    node.put("partition", record.partition());
    node.put("offset", record.offset());
    node.put("timestamp", record.timestamp());
    node.put("key", record.key());
    node.put("value", record.value());
    ArrayNode headers = node.putArray("headers");
    for (Header header : record.headers()) {
      byte[] value = header.value();
      headers
          .addObject()
          .put("key", header.key())
          .put("value", value == null ? null : new String(value, StandardCharsets.UTF_8));
    }
    return node;
  }

  /** A member of a group, on a thread of its own: a KafkaConsumer belongs to one. */
  private class Member implements ConsumerRebalanceListener {
    final ExecutorService thread = Executors.newSingleThreadExecutor();
    private final LinkedBlockingQueue<FutureTask<JsonNode>> calls = new LinkedBlockingQueue<>();
    private final KafkaConsumer<String, String> consumer;
    private boolean left = false;

    Member(JsonNode request) {
      Map<String, Object> config = consumerConfig();
      config.put("group.id", request.get("group").asText());
      config.put("session.timeout.ms", 6000);
      config.put("heartbeat.interval.ms", 500);
      if (request.hasNonNull("assignor")) {
        config.put("partition.assignment.strategy", request.get("assignor").asText());
      }
      if (request.hasNonNull("instance")) {
        config.put("group.instance.id", request.get("instance").asText());
      }
      StringDeserializer text = new StringDeserializer();
      consumer = new KafkaConsumer<>(config, text, text);
      List<String> topics = new ArrayList<>();
      request.get("topics").forEach(topic -> topics.add(topic.asText()));
      thread.submit(() -> poll(topics));
    }

    private void poll(List<String> topics) {
      try {
        consumer.subscribe(topics, this);
        while (!left) {
          for (ConsumerRecord<String, String> each : consumer.poll(Duration.ofMillis(100))) {
            print(JSON.createObjectNode().put("event", "record").set("record", toJson(each)));
          }
          for (var call = calls.poll(); call != null; call = calls.poll()) call.run();
        }
      } catch (RuntimeException error) {
        print(JSON.createObjectNode().put("event", "failed").put("message", error.toString()));
      }
    }

    JsonNode run(Callable<JsonNode> work) throws Exception {
      FutureTask<JsonNode> call = new FutureTask<>(work);
      calls.add(call);
      return call.get();
    }

    JsonNode commit() {
      consumer.commitSync();
      return JSON.createObjectNode();
    }

    JsonNode leave() {
      left = true;
      consumer.close();
      return JSON.createObjectNode();
    }

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
      ObjectNode event = JSON.createObjectNode().put("event", "assigned");
      ArrayNode owned = event.putArray("partitions");
      // With a cooperative assignor the argument names only what is new.
      for (TopicPartition each : consumer.assignment()) {
        owned.addObject().put("topic", each.topic()).put("partition", each.partition());
      }
      print(event);
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {}
  }
}
