package io.salver.server.tfserving;

import io.salver.predict.Observer;
import io.salver.predict.PredictRequest;
import io.salver.predict.ServingException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
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
  private static final Logger LOG = System.getLogger(RequestLog.class.getName());
  private static final long MAX_QUEUED_BYTES = 64 << 20;
  private static final long CLOSE_SECONDS = 10;
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

  /** A record to write; with no bytes, the end. */
  @SuppressWarnings("ArrayRecordComponent")
  private record Entry(byte[] record, Path prefix) {}

  private final Config config;
  private final InstantSource clock;
  private final AtomicLong random;
  private final BlockingQueue<Entry> queue;
  private final AtomicLong queuedBytes = new AtomicLong();
  private final LongAdder dropped = new LongAdder();
  private final LongAdder written = new LongAdder();
  private final Thread writer;
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
    this.queue = new ArrayBlockingQueue<>(config.queueCapacity());
    this.writer = Thread.ofPlatform().daemon().name("salver-request-log").start(this::write);
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
      if (!offer(new Entry(record, chosen.prefix()))) {
        dropped.increment();
      }
    }
  }

  private boolean offer(Entry entry) {
    int bytes = entry.record().length;
    if (queuedBytes.addAndGet(bytes) <= MAX_QUEUED_BYTES && queue.offer(entry)) {
      return true;
    }
    queuedBytes.addAndGet(-bytes);
    return false;
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
    return dropped.sum();
  }

  /** Records that were written. */
  public long written() {
    return written.sum();
  }

  private void write() {
    Map<Path, RequestLogFile> files = new HashMap<>();
    try {
      for (Entry entry = queue.take(); entry.record().length > 0; entry = queue.take()) {
        RequestLogFile file =
            files.computeIfAbsent(
                entry.prefix(),
                prefix -> new RequestLogFile(prefix, config.format(), config.maxFileBytes()));
        queuedBytes.addAndGet(-entry.record().length);
        if (file.write(entry.record())) {
          written.increment();
        } else {
          dropped.increment();
        }
        if (queue.isEmpty()) {
          files.values().forEach(RequestLogFile::flush);
        }
      }
    } catch (InterruptedException e) {
      LOG.log(Level.WARNING, "The request log was interrupted; what waited is lost");
    } catch (RuntimeException e) {
      LOG.log(Level.ERROR, "The request log ended; nothing more is logged", e);
      sampled = Map.of();
    } finally {
      files.values().forEach(RequestLogFile::close);
    }
  }

  /** Writes what waits, and ends. What is observed afterwards is not logged. */
  @Override
  public void close() {
    sampled = Map.of();
    try {
      Entry end = new Entry(new byte[0], config.directory());
      if (!queue.offer(end, CLOSE_SECONDS, TimeUnit.SECONDS)
          || !writer.join(Duration.ofSeconds(CLOSE_SECONDS))) {
        LOG.log(Level.WARNING, "The request log could not write everything in time");
        writer.interrupt();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      writer.interrupt();
    }
  }
}
