package io.salver.server.tfserving;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import io.salver.server.log.RollingFile;
import io.salver.server.tfserving.proto.PredictionLog;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** The files of one prefix, in one format. Files that are there already are left alone. */
final class RequestLogFile implements AutoCloseable {
  private static final JsonFormat.Printer PRINTER =
      JsonFormat.printer().omittingInsignificantWhitespace().preservingProtoFieldNames();

  private final RequestLog.Format format;
  private final RollingFile file;

  RequestLogFile(Path prefix, RequestLog.Format format, long maxBytes) {
    this.format = format;
    String ending = format == RequestLog.Format.TFRECORD ? "tfrecord" : "jsonl";
    this.file = new RollingFile(prefix, ending, maxBytes, 0);
  }

  /** Appends a serialised {@code PredictionLog}; false if it cannot. */
  boolean write(byte[] record) {
    return file.write(
        switch (format) {
          case TFRECORD -> TfRecords.frame(record);
          case JSONL -> line(record);
        });
  }

  private static byte[] line(byte[] record) {
    try {
      return (PRINTER.print(PredictionLog.parseFrom(record)) + "\n")
          .getBytes(StandardCharsets.UTF_8);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("a record that was just serialised", e);
    }
  }

  void flush() {
    file.flush();
  }

  @Override
  public void close() {
    file.close();
  }
}
