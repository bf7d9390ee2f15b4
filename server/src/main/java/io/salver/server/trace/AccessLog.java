package io.salver.server.trace;

import io.salver.predict.Stage;
import io.salver.server.json.JsonWriter;
import io.salver.server.log.RollingFile;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Locale;

/** Writes a line for each request for a prediction. Used by one thread. */
public final class AccessLog implements RequestSink {
  private static final Stage[] STAGES = Stage.values();
  private static final double NS_PER_US = 1e3;

  /** How a line looks. */
  public enum Format {
    /** A JSON object. */
    JSON,
    /** The same values with blanks between them, as {@code name=value} from the status on. */
    TEXT
  }

  /** Where lines go. */
  private interface Output extends AutoCloseable {
    boolean write(byte[] line);

    void flush();

    @Override
    void close();
  }

  private final Format format;
  private final EventClock clock;
  private final Output output;

  private AccessLog(Format format, EventClock clock, Output output) {
    this.format = format;
    this.clock = clock;
    this.output = output;
  }

  /**
   * Writes to files {@code access-00000.jsonl}, or {@code .log}, and so on.
   *
   * @param maxBytes a file that would grow past this is followed by another
   * @param maxFiles how many there are at most, at least 1: then the oldest is deleted
   */
  public static AccessLog toFiles(Path directory, Format format, long maxBytes, int maxFiles) {
    return toFiles(directory, format, maxBytes, maxFiles, EventClock.SYSTEM);
  }

  static AccessLog toFiles(
      Path directory, Format format, long maxBytes, int maxFiles, EventClock clock) {
    String ending = format == Format.JSON ? "jsonl" : "log";
    RollingFile file = new RollingFile(directory.resolve("access"), ending, maxBytes, maxFiles);
    return new AccessLog(
        format,
        clock,
        new Output() {
          @Override
          public boolean write(byte[] line) {
            return file.write(line);
          }

          @Override
          public void flush() {
            file.flush();
          }

          @Override
          public void close() {
            file.close();
          }
        });
  }

  /** Writes to a stream, which it does not close. */
  public static AccessLog to(OutputStream stream, Format format) {
    return to(stream, format, EventClock.SYSTEM);
  }

  static AccessLog to(OutputStream stream, Format format, EventClock clock) {
    return new AccessLog(
        format,
        clock,
        new Output() {
          @Override
          public boolean write(byte[] line) {
            try {
              stream.write(line);
              return true;
            } catch (IOException e) {
              return false;
            }
          }

          @Override
          public void flush() {
            try {
              stream.flush();
            } catch (IOException e) {
              // The next line finds out, and is counted as dropped.
            }
          }

          @Override
          public void close() {
            flush();
          }
        });
  }

  @Override
  public boolean accept(RequestEvent event) {
    Instant time = clock.at(event.receivedNs()).truncatedTo(ChronoUnit.MICROS);
    return output.write(
        switch (format) {
          case JSON -> json(event, time);
          case TEXT -> text(event, time);
        });
  }

  @Override
  public void flush() {
    output.flush();
  }

  @Override
  public void close() {
    output.close();
  }

  private static byte[] json(RequestEvent event, Instant time) {
    JsonWriter out = new JsonWriter();
    out.raw("{\"time\": \"").raw(time.toString()).raw('"');
    text(out, "remote", event.remoteText());
    text(out, "principal", event.principal());
    text(out, "protocol", event.api().name());
    text(out, "method", event.method().label());
    text(out, "endpoint", event.endpoint());
    text(out, "model", event.model());
    if (event.version() != RequestEvent.NO_VERSION) {
      number(out, "version", event.version());
    }
    number(out, "rows", event.rows());
    text(out, "status", event.status());
    text(out, "error", event.message());
    number(out, "request_bytes", event.requestBytes());
    number(out, "response_bytes", event.responseBytes());
    out.raw(", \"total_us\": ").value(event.totalNs() / NS_PER_US);
    for (Stage stage : STAGES) {
      if (event.stages().ns(stage) != 0) {
        out.raw(", \"").raw(name(stage)).raw("_us\": ").value(event.stages().ns(stage) / NS_PER_US);
      }
    }
    text(out, "prediction_id", event.predictionId());
    text(out, "trace_id", event.trace() == null ? "" : event.trace().traceId());
    out.raw("}\n");
    return Arrays.copyOf(out.array(), out.size());
  }

  private static void text(JsonWriter out, String name, String value) {
    if (!value.isEmpty()) {
      out.raw(", \"").raw(name).raw("\": ").string(value);
    }
  }

  private static void number(JsonWriter out, String name, long value) {
    out.raw(", \"").raw(name).raw("\": ").value(value);
  }

  private static byte[] text(RequestEvent event, Instant time) {
    StringBuilder line = new StringBuilder(160);
    line.append(time).append(' ').append(orDash(event.remoteText()));
    line.append(' ').append(event.api()).append(' ').append(event.method().label());
    line.append(' ').append(orDash(event.model())).append('/');
    line.append(event.version() == RequestEvent.NO_VERSION ? "-" : event.version());
    line.append(" status=").append(event.status());
    line.append(" rows=").append(event.rows());
    line.append(" in=").append(event.requestBytes()).append(" out=").append(event.responseBytes());
    line.append(" total_us=").append(event.totalNs() / NS_PER_US);
    for (Stage stage : STAGES) {
      if (event.stages().ns(stage) != 0) {
        line.append(' ').append(name(stage)).append("_us=");
        line.append(event.stages().ns(stage) / NS_PER_US);
      }
    }
    append(line, "principal", event.principal());
    append(line, "endpoint", event.endpoint());
    append(line, "prediction_id", event.predictionId());
    append(line, "trace_id", event.trace() == null ? "" : event.trace().traceId());
    return line.append('\n').toString().getBytes(StandardCharsets.UTF_8);
  }

  private static void append(StringBuilder line, String name, String value) {
    if (!value.isEmpty()) {
      line.append(' ').append(name).append('=').append(orDash(value));
    }
  }

  /** A value without blanks or line ends: a client may have made it up. */
  private static String orDash(String value) {
    if (value.isEmpty()) {
      return "-";
    }
    StringBuilder clean = new StringBuilder(value.length());
    value.chars().forEach(c -> clean.append(c <= ' ' || c == 0x7f ? '_' : (char) c));
    return clean.toString();
  }

  private static String name(Stage stage) {
    return stage.name().toLowerCase(Locale.ROOT);
  }
}
