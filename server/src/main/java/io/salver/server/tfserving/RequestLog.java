package io.salver.server.tfserving;

import io.salver.predict.Observer;
import io.salver.predict.PredictRequest;
import io.salver.predict.ServingException;
import io.salver.server.log.LogQueue;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Writes a sample of the answered requests to files, each as a {@code PredictionLog} with its
 * answer: what a model's warm-up file can be made of. Thread-safe.
 *
 * <p>The thread that answers only serialises what is sampled into a bounded queue; a thread of the
 * log's own writes. What does not fit the queue is dropped and counted, and so is what cannot be
 * written.
 */
public final class RequestLog implements Observer, AutoCloseable {
  private static final long MAX_QUEUED_BYTES = 64 << 20;
  private static final long GOLDEN_GAMMA = 0x9e3779b97f4a7c15L;

  /** How records are written. */
  public enum Format {
    /** TFRecord files of {@code PredictionLog} messages, {@code .tfrecord}. */
    TFRECORD,
    /** The same messages as JSON, one in a line, {@code .jsonl}. */
    JSONL
  }

  /**
   * Where and how to write.
   *
   * @param directory everything is written below it; it is made when it is needed
   * @param filenamePrefix what file names begin with, unless a model says otherwise
   * @param maxFileBytes a file that would grow past this is followed by another, at least 1
   * @param queueCapacity records that may wait to be written, at least 1
   */
  public record Config(
      Path directory, String filenamePrefix, Format format, long maxFileBytes, int queueCapacity) {
    public Config {
      if (maxFileBytes < 1 || queueCapacity < 1) {
        throw new IllegalArgumentException(
            "request log: files of "
                + maxFileBytes
                + " bytes, queue of "
                + queueCapacity
                + " (expected: >= 1 each)");
      }
    }
  }

  private record Sampled(double rate, Path prefix) {}

  @SuppressWarnings("ArrayRecordComponent")
  private record Entry(byte[] record, Path prefix) {}

  /** The files that are written, by prefix. */
  private final class Files implements LogQueue.Writer<Entry> {
    private final Map<Path, RequestLogFile> open = new HashMap<>();

    @Override
    public boolean write(Entry entry) {
      return open.computeIfAbsent(
              entry.prefix(),
              prefix -> new RequestLogFile(prefix, config.format(), config.maxFileBytes()))
          .write(entry.record());
    }

    @Override
    public void flush() {
      open.values().forEach(RequestLogFile::flush);
    }

    @Override
    public void close() {
      open.values().forEach(RequestLogFile::close);
    }
  }

  private final Config config;
  private final InstantSource clock;
  private final AtomicLong random;
  private final LogQueue<Entry> queue;
  private volatile Map<String, Sampled> sampled = Map.of();

  /**
   * A log that samples nothing until {@link #configure}.
   *
   * @param seed of the choice of requests
   */
  public RequestLog(Config config, InstantSource clock, long seed) {
    this.config = config;
    this.clock = clock;
    this.random = new AtomicLong(seed);
    this.queue =
        new LogQueue<>("request log", config.queueCapacity(), MAX_QUEUED_BYTES, new Files());
  }

  /**
   * Replaces which models' requests are logged.
   *
   * @param sampling by model; nothing of the others is logged
   * @throws ServingException INVALID_ARGUMENT if a model's files would lie outside the log's
   *     directory; then nothing has changed
   */
  public void configure(Map<String, RequestSampling> sampling) {
    Map<String, Sampled> replacement = new HashMap<>();
    sampling.forEach((model, wish) -> {
      if (wish.rate() > 0) {
        replacement.put(model, new Sampled(wish.rate(), prefix(model, wish.filenamePrefix())));
      }
    });
    sampled = Map.copyOf(replacement);
  }

  private Path prefix(String model, String own) {
    Path directory = config.directory().toAbsolutePath().normalize();
    Path prefix = directory.resolve(own.isEmpty() ? config.filenamePrefix() : own).normalize();
    if (!prefix.startsWith(directory) || prefix.equals(directory)) {
      throw ServingException.invalid(
          "model \""
              + model
              + "\": filename_prefix: "
              + own
              + " (expected: a path inside "
              + directory
              + ", the request log's directory)");
    }
    return prefix;
  }

  @Override
  public void finished(PredictRequest request, @Nullable ServingException failure) {
    Map<String, Sampled> models = sampled;
    if (failure != null || models.isEmpty()) {
      return;
    }
    Sampled chosen = models.get(request.lease().version().model());
    if (chosen != null && nextUniform() < chosen.rate()) {
      byte[] record =
          new PredictLogWriter(request, chosen.rate(), clock.instant().getEpochSecond())
              .toByteArray();
      queue.add(new Entry(record, chosen.prefix()), record.length);
    }
  }

  /** From 0 to 1, without 1: SplitMix64 (Steele, Lea, Flood 2014) over a counter. */
  private double nextUniform() {
    long z = random.addAndGet(GOLDEN_GAMMA);
    z = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9L;
    z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
    return ((z ^ z >>> 31) >>> 11) * 0x1.0p-53;
  }

  /** Records that were sampled but not written. */
  public long dropped() {
    return queue.dropped();
  }

  /** Records that were written. */
  public long written() {
    return queue.written();
  }

  /** Writes what waits, and ends. What is observed afterwards is not logged. */
  @Override
  public void close() {
    sampled = Map.of();
    queue.close();
  }
}
