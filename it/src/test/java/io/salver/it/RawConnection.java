package io.salver.it;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** A TCP connection on which a test writes the bytes itself, right or wrong. */
final class RawConnection implements AutoCloseable {
  private static final int READ_LIMIT_MS = 60_000;

  private final Socket socket;
  private final InputStream in;

  /** An answer by HTTP/1.1; header names are in lower case. */
  record Answer(int status, Map<String, String> headers, String body) {}

  /** An answer whose body need not be text. */
  record BinaryAnswer(int status, Map<String, String> headers, byte[] body) {}

  RawConnection(int port) throws IOException {
    this.socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(READ_LIMIT_MS);
    this.in = socket.getInputStream();
  }

  void send(String text) throws IOException {
    send(text.getBytes(StandardCharsets.UTF_8));
  }

  void send(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
  }

  /** A POST with a body of JSON. */
  static String post(String path, String body) {
    return "POST "
        + path
        + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: "
        + body.getBytes(StandardCharsets.UTF_8).length
        + "\r\n\r\n"
        + body;
  }

  /**
   * Reads one answer.
   *
   * @throws ClosedBeforeAnswer if the connection ended before the answer's first byte
   * @throws IOException if it ended within the answer
   */
  Answer read() throws IOException {
    BinaryAnswer answer = readBinary();
    return new Answer(
        answer.status(), answer.headers(), new String(answer.body(), StandardCharsets.UTF_8));
  }

  /** As {@link #read}, with the bytes of the body. */
  BinaryAnswer readBinary() throws IOException {
    String[] status = firstLine().split(" ", 3);
    Map<String, String> headers = new TreeMap<>();
    for (String line = line(); !line.isEmpty(); line = line()) {
      int colon = line.indexOf(':');
      headers.put(
          line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
    }
    int length = Integer.parseInt(headers.getOrDefault("content-length", "0"));
    byte[] body = in.readNBytes(length);
    if (body.length < length) {
      throw new IOException("ended after " + body.length + " of " + length + " bytes of the body");
    }
    return new BinaryAnswer(Integer.parseInt(status[1]), headers, body);
  }

  /** The connection ended where an answer should have begun. */
  static final class ClosedBeforeAnswer extends IOException {
    private static final long serialVersionUID = 1;

    ClosedBeforeAnswer(String how) {
      super(how);
    }
  }

  private String firstLine() throws IOException {
    int first;
    try {
      first = in.read();
    } catch (IOException e) {
      throw new ClosedBeforeAnswer(e.toString());
    }
    if (first < 0) {
      throw new ClosedBeforeAnswer("end of stream");
    }
    return (char) first + line();
  }

  private String line() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int b = in.read(); b != '\n'; b = in.read()) {
      if (b < 0) {
        throw new IOException("ended within the head after: " + line);
      }
      line.write(b);
    }
    return line.toString(StandardCharsets.UTF_8).stripTrailing();
  }

  /** Says that nothing more will be sent; the server may still answer. */
  void endOfRequests() throws IOException {
    socket.shutdownOutput();
  }

  /** Everything that comes until the server closes the connection. */
  byte[] readToEnd() throws IOException {
    return in.readAllBytes();
  }

  InputStream input() {
    return in;
  }

  /** Closes with a reset, as a process that dies may. */
  void vanish() throws IOException {
    socket.setSoLinger(true, 0);
    socket.close();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
