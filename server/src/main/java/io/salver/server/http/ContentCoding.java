package io.salver.server.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PushbackInputStream;
import java.util.Locale;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;
import org.jspecify.annotations.Nullable;

/** How a body is compressed (RFC 9110, section 8.4.1). */
enum ContentCoding {
  IDENTITY,
  GZIP,
  /** zlib's format; clients that send bare deflate, as some do, are understood. */
  DEFLATE;

  /** What a request with a coding that is not one of these is told to send. */
  static final String UNDERSTOOD = "gzip, deflate";

  private static final int CHUNK_BYTES = 4096;

  /** The coding that a Content-Encoding names, or null if it is another. */
  static @Nullable ContentCoding named(@Nullable CharSequence name) {
    if (name == null) {
      return IDENTITY;
    }
    return switch (name.toString().strip().toLowerCase(Locale.ROOT)) {
      case "", "identity" -> IDENTITY;
      case "gzip", "x-gzip" -> GZIP;
      case "deflate" -> DEFLATE;
      default -> null;
    };
  }

  /** What a client prefers by its Accept-Encoding; gzip where it does not matter to it. */
  static ContentCoding preferred(@Nullable String accepted) {
    if (accepted == null) {
      return IDENTITY;
    }
    double[] quality = {-1, -1, -1};
    double any = -1;
    for (String element : accepted.split(",")) {
      String[] parts = element.split(";", 2);
      double q = parts.length < 2 ? 1 : quality(parts[1]);
      ContentCoding coding = named(parts[0]);
      if (parts[0].strip().equals("*")) {
        any = q;
      } else if (coding != null && !parts[0].isBlank()) {
        quality[coding.ordinal()] = q;
      }
    }
    double gzip = quality[GZIP.ordinal()] < 0 ? any : quality[GZIP.ordinal()];
    double deflate = quality[DEFLATE.ordinal()] < 0 ? any : quality[DEFLATE.ordinal()];
    double best = Math.max(gzip, deflate);
    if (best <= 0 || best < quality[IDENTITY.ordinal()]) {
      return IDENTITY;
    }
    return gzip >= deflate ? GZIP : DEFLATE;
  }

  private static double quality(String parameter) {
    String text = parameter.strip().toLowerCase(Locale.ROOT);
    if (!text.startsWith("q=")) {
      return 1;
    }
    try {
      double q = Double.parseDouble(text.substring(2));
      return q >= 0 && q <= 1 ? q : 0;
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  /** As headers write it. */
  String token() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Reads what {@code in} holds compressed. */
  InputStream decompress(InputStream in) throws IOException {
    return switch (this) {
      case IDENTITY -> in;
      case GZIP -> new GZIPInputStream(in, CHUNK_BYTES);
      case DEFLATE -> inflate(new PushbackInputStream(in));
    };
  }

  /** A header of zlib names method 8 in its first byte; no compressor's bare deflate begins so. */
  private static InputStream inflate(PushbackInputStream in) throws IOException {
    int first = in.read();
    if (first >= 0) {
      in.unread(first);
    }
    Inflater inflater = new Inflater((first & 0xf) != Deflater.DEFLATED);
    return new InflaterInputStream(in, inflater, CHUNK_BYTES) {
      @Override
      public void close() throws IOException {
        super.close();
        inflater.end();
      }
    };
  }

  /** Writes compressed to {@code out} what is written to the result, for speed rather than size. */
  OutputStream compress(OutputStream out) throws IOException {
    return switch (this) {
      case IDENTITY -> out;
      case GZIP ->
          new GZIPOutputStream(out, CHUNK_BYTES) {
            {
              def.setLevel(Deflater.BEST_SPEED);
            }
          };
      case DEFLATE -> {
        Deflater deflater = new Deflater(Deflater.BEST_SPEED);
        yield new DeflaterOutputStream(out, deflater, CHUNK_BYTES) {
          @Override
          public void close() throws IOException {
            super.close();
            deflater.end();
          }
        };
      }
    };
  }
}
