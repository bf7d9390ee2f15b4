package io.salver.bench;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;

/**
 * One connection to each of several servers, one request at a time, from a client that does as
 * little as can be done: it blocks in a read. They take turns of {@link #TURN} requests in one
 * process, so that what else the machine does falls on all of them alike. The same client talks to
 * a bare echo, over HTTP/1.1 and over gRPC, so that the difference is the server's. Needs nothing
 * but the JDK, so that it can be started from source.
 */
public final class RoundTrips {
  private static final int MAX_SAMPLES = 4_000_000;
  private static final int TURN = 200;
  private static final String USAGE =
      """
      expected: echo-server PORT
            or: SECONDS (echo PORT MESSAGE_BYTES | http PORT PATH BODY | grpc PORT PATH MESSAGE_FILE)...
      """;

  private RoundTrips() {}

  /** A connection that asks, and waits for the answer. */
  private interface Client {
    void ask() throws IOException;
  }

  /** A client, and how long each of its requests took. */
  private static final class Samples {
    private final Client client;
    private final long[] tookNs;
    private int count;

    Samples(Client client, int capacity) {
      this.client = client;
      this.tookNs = new long[capacity];
    }

    void takeTurn() throws IOException {
      long beginNs = System.nanoTime();
      for (int i = 0; i < TURN && count < tookNs.length; i++) {
        client.ask();
        long nowNs = System.nanoTime();
        tookNs[count++] = nowNs - beginNs;
        beginNs = nowNs;
      }
    }

    /** Prints: round trips, how many there were in a second of them, p50 and p99 in us. */
    void report() {
      double totalNs = Arrays.stream(tookNs, 0, count).sum();
      Arrays.sort(tookNs, 0, count);
      System.out.printf(
          "%d %.0f %.1f %.1f%n",
          count,
          count / totalNs * 1e9,
          tookNs[count / 2] / 1e3,
          tookNs[(int) (count * 0.99)] / 1e3);
    }
  }

  /** Takes what {@link #USAGE} says; prints a line for each client, in their order. */
  public static void main(String[] arguments) throws IOException {
    if (arguments.length == 2 && arguments[0].equals("echo-server")) {
      serveEcho(Integer.parseInt(arguments[1]));
      return;
    }
    if (arguments.length < 4) {
      System.err.print(USAGE);
      System.exit(2);
    }
    List<Client> clients = clients(Arrays.asList(arguments).subList(1, arguments.length));
    List<Samples> all = new ArrayList<>();
    for (Client client : clients) {
      all.add(new Samples(client, MAX_SAMPLES / clients.size()));
    }
    long endNs = System.nanoTime() + Duration.ofSeconds(Long.parseLong(arguments[0])).toNanos();
    while (System.nanoTime() - endNs < 0) {
      for (Samples one : all) {
        one.takeTurn();
      }
    }
    all.forEach(Samples::report);
  }

  private static List<Client> clients(List<String> words) throws IOException {
    List<Client> clients = new ArrayList<>();
    Iterator<String> next = words.iterator();
    while (next.hasNext()) {
      String kind = next.next();
      Socket socket = new Socket(Integer.parseInt(next.next()));
      clients.add(
          switch (kind) {
            case "echo" -> new Echo(socket, Integer.parseInt(next.next()));
            case "http" -> new Http(socket, next.next(), next.next());
            case "grpc" -> new Grpc(socket, next.next(), Files.readAllBytes(Path.of(next.next())));
            default -> throw new IllegalArgumentException(kind + "\n" + USAGE);
          });
    }
    return clients;
  }

  /** Serves one connection after the other, until the process is ended. */
  private static void serveEcho(int port) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocateDirect(64 << 10);
    try (ServerSocketChannel listening = ServerSocketChannel.open()) {
      listening.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      while (true) {
        try (SocketChannel connection = listening.accept()) {
          connection.setOption(StandardSocketOptions.TCP_NODELAY, true);
          while (connection.read(buffer.clear()) >= 0) {
            buffer.flip();
            while (buffer.hasRemaining()) {
              connection.write(buffer);
            }
          }
        }
      }
    }
  }

  /** A blocking connection, and what has been read from it and not yet looked at. */
  private static final class Socket {
    private final SocketChannel channel;
    private final ByteBuffer in = ByteBuffer.allocateDirect(64 << 10).limit(0);

    Socket(int port) throws IOException {
      channel = SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    }

    void write(ByteBuffer out) throws IOException {
      while (out.hasRemaining()) {
        channel.write(out);
      }
    }

    /** At least {@code bytes} bytes, at the buffer's position. */
    ByteBuffer await(int bytes) throws IOException {
      while (in.remaining() < bytes) {
        in.compact();
        if (channel.read(in) < 0) {
          throw new EOFException("connection closed (expected: " + bytes + " bytes)");
        }
        in.flip();
      }
      return in;
    }
  }

  private static final class Echo implements Client {
    private final Socket socket;
    private final ByteBuffer message;

    Echo(Socket socket, int messageBytes) {
      this.socket = socket;
      this.message = ByteBuffer.allocateDirect(messageBytes);
    }

    @Override
    public void ask() throws IOException {
      socket.write(message.clear());
      ByteBuffer in = socket.await(message.capacity());
      in.position(in.position() + message.capacity());
    }
  }

  /** HTTP/1.1 with keep-alive. Every answer has to be as long as the first, and to be a 200. */
  private static final class Http implements Client {
    private static final String OK = "HTTP/1.1 200";

    private final Socket socket;
    private final ByteBuffer request;
    private int answerBytes;

    Http(Socket socket, String path, String body) throws IOException {
      this.socket = socket;
      String text =
          "POST "
              + path
              + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: "
              + body.length()
              + "\r\n\r\n"
              + body;
      byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
      this.request = ByteBuffer.allocateDirect(bytes.length).put(bytes);
      this.answerBytes = first();
    }

    private int first() throws IOException {
      socket.write(request.clear());
      StringBuilder head = new StringBuilder();
      while (head.indexOf("\r\n\r\n") < 0) {
        head.append((char) socket.await(1).get());
      }
      String length = head.toString().toLowerCase(java.util.Locale.ROOT);
      length = length.substring(length.indexOf("content-length:") + 15).strip();
      int bodyBytes = Integer.parseInt(length.substring(0, length.indexOf('\r')));
      ByteBuffer in = socket.await(bodyBytes);
      in.position(in.position() + bodyBytes);
      return head.length() + bodyBytes;
    }

    @Override
    public void ask() throws IOException {
      socket.write(request.clear());
      ByteBuffer in = socket.await(answerBytes);
      for (int i = 0; i < OK.length(); i++) {
        if (in.get(in.position() + i) != OK.charAt(i)) {
          throw new IOException("answer does not begin with " + OK);
        }
      }
      in.position(in.position() + answerBytes);
    }
  }

  /** Unary gRPC calls over HTTP/2 with prior knowledge, one stream after the other. */
  private static final class Grpc implements Client {
    private static final int FRAME_HEAD_BYTES = 9;
    private static final int DATA = 0;
    private static final int HEADERS = 1;
    private static final int SETTINGS = 4;
    private static final int PING = 6;
    private static final int GO_AWAY = 7;
    private static final int WINDOW_UPDATE = 8;
    private static final int END_STREAM = 1;
    private static final int ACK = 1;
    private static final int END_HEADERS = 4;

    private final Socket socket;
    private final ByteBuffer request = ByteBuffer.allocateDirect(16 << 10);
    private final int dataHead;
    private int streamId = 1;

    Grpc(Socket socket, String path, byte[] message) throws IOException {
      this.socket = socket;
      byte[] headers = headers(path);
      frame(request, HEADERS, END_HEADERS, 0, headers);
      this.dataHead = request.position();
      frame(request, DATA, END_STREAM, 0, message);
      request.flip();
      ByteBuffer hello = ByteBuffer.allocate(256);
      hello.put("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      frame(hello, SETTINGS, 0, 0, new byte[0]);
      byte[] window = ByteBuffer.allocate(4).putInt(Integer.MAX_VALUE - 65_535).array();
      frame(hello, WINDOW_UPDATE, 0, 0, window);
      socket.write(hello.flip());
    }

    private static void frame(ByteBuffer out, int type, int flags, int stream, byte[] payload) {
      out.put((byte) (payload.length >> 16)).putShort((short) payload.length);
      out.put((byte) type).put((byte) flags).putInt(stream).put(payload);
    }

    /** Literals that are not indexed: each request is the same. */
    private static byte[] headers(String path) {
      ByteBuffer out = ByteBuffer.allocate(1 << 10);
      out.put((byte) 0x83).put((byte) 0x86); // :method POST, :scheme http
      literal(out, ":path", path);
      literal(out, ":authority", "localhost");
      literal(out, "content-type", "application/grpc");
      literal(out, "te", "trailers");
      return Arrays.copyOf(out.array(), out.position());
    }

    private static void literal(ByteBuffer out, String name, String value) {
      out.put((byte) 0).put((byte) name.length()).put(name.getBytes(StandardCharsets.US_ASCII));
      out.put((byte) value.length()).put(value.getBytes(StandardCharsets.US_ASCII));
    }

    @Override
    public void ask() throws IOException {
      request.putInt(5, streamId).putInt(dataHead + 5, streamId);
      socket.write(request.rewind());
      boolean data = false;
      while (true) {
        ByteBuffer head = socket.await(FRAME_HEAD_BYTES);
        int at = head.position();
        int length = (head.get(at) & 0xff) << 16 | head.getShort(at + 1) & 0xffff;
        int type = head.get(at + 3);
        int flags = head.get(at + 4);
        boolean ours = head.getInt(at + 5) == streamId;
        ByteBuffer in = socket.await(FRAME_HEAD_BYTES + length);
        int payload = in.position() + FRAME_HEAD_BYTES;
        answer(type, flags, in, payload);
        in.position(payload + length);
        data |= ours && type == DATA;
        if (ours && type == HEADERS && (flags & END_STREAM) != 0) {
          break;
        }
      }
      if (!data) {
        throw new IOException("stream " + streamId + " ended without a message");
      }
      streamId += 2;
    }

    private void answer(int type, int flags, ByteBuffer in, int payload) throws IOException {
      if (type == GO_AWAY) {
        throw new IOException(
            "the server ended the connection with error " + in.getInt(payload + 4));
      }
      if (type == SETTINGS && (flags & ACK) == 0) {
        ByteBuffer ack = ByteBuffer.allocate(FRAME_HEAD_BYTES);
        frame(ack, SETTINGS, ACK, 0, new byte[0]);
        socket.write(ack.flip());
      } else if (type == PING && (flags & ACK) == 0) {
        byte[] opaque = ByteBuffer.allocate(8).putLong(in.getLong(payload)).array();
        ByteBuffer ack = ByteBuffer.allocate(FRAME_HEAD_BYTES + 8);
        frame(ack, PING, ACK, 0, opaque);
        socket.write(ack.flip());
      }
    }
  }
}
