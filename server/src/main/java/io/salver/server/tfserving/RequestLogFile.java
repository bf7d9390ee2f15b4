package io.salver.server.tfserving;

import com.google.protobuf.util.JsonFormat;
import io.salver.server.tfserving.proto.PredictionLog;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * The files of one prefix, of which one is open: {@code prefix-00000.tfrecord} and so on. Files
 * that are there already are left alone. Used by one thread; never throws, but says in the log once
 * when it cannot write.
 */
final class RequestLogFile {
  private static final Logger LOG = System.getLogger(RequestLogFile.class.getName());
  private static final JsonFormat.Printer PRINTER =
      JsonFormat.printer().omittingInsignificantWhitespace().preservingProtoFieldNames();

  private final Path prefix;
  private final RequestLog.Format format;
  private final long maxBytes;
  private @Nullable OutputStream out;
  private long writtenBytes;
  private int number;
  private boolean complained;

  RequestLogFile(Path prefix, RequestLog.Format format, long maxBytes) {
    this.prefix = prefix;
    this.format = format;
    this.maxBytes = maxBytes;
  }

  /** Appends a serialised {@code PredictionLog}; false if it cannot. */
  boolean write(byte[] record) {
    try {
      byte[] framed = framed(record);
      if (out != null && writtenBytes + framed.length > maxBytes) {
        out.close();
        out = null;
      }
      if (out == null) {
        out = next();
        writtenBytes = 0;
      }
      out.write(framed);
      writtenBytes += framed.length;
      complained = false;
      return true;
    } catch (IOException e) {
      complain(e);
      close();
      return false;
    }
  }

  private byte[] framed(byte[] record) throws IOException {
    return switch (format) {
      case TFRECORD -> TfRecords.frame(record);
      case JSONL ->
          (PRINTER.print(PredictionLog.parseFrom(record)) + "\n").getBytes(StandardCharsets.UTF_8);
    };
  }

  private OutputStream next() throws IOException {
    Path directory = prefix.getParent();
    if (directory != null) {
      Files.createDirectories(directory);
    }
    String ending = format == RequestLog.Format.TFRECORD ? "tfrecord" : "jsonl";
    while (true) {
      Path file = Path.of("%s-%05d.%s".formatted(prefix, number++, ending));
      if (!Files.exists(file)) {
        return new BufferedOutputStream(
            Files.newOutputStream(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE));
      }
    }
  }

  void flush() {
    try {
      if (out != null) {
        out.flush();
      }
    } catch (IOException e) {
      complain(e);
      close();
    }
  }

  void close() {
    try {
      if (out != null) {
        out.close();
      }
    } catch (IOException e) {
      complain(e);
    } finally {
      out = null;
    }
  }

  private void complain(IOException e) {
    if (!complained) {
      LOG.log(Level.WARNING, "request log " + prefix + ": cannot write, records are dropped", e);
      complained = true;
    }
  }
}
